import { existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { formatElapsed } from "../../src/domain/elapsed.ts";
import { eventually } from "../support/eventually.ts";
import { rowsOf } from "../support/markdown.ts";
import { type Ended, openWorkplace, textOf } from "../support/workplace.ts";
import { type AccountingRow, type Cluster, openCluster } from "./cluster.ts";
import { writeDemoWithTrouble } from "./demo-with-trouble.ts";
import { compareWithAccounting, readStatuses, readToldJobs } from "./told-jobs.ts";

describe("the demo's experiment on a real SLURM, where a run fails, another takes too long, and an evaluation is cancelled from outside", () => {
  const place = openWorkplace();
  const experiment = join(place.root, "demo");
  const begun = join(place.folder, "begun");
  let cluster: Cluster | undefined;
  let ended: Ended;
  let rows: readonly AccountingRow[];

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17420 });
    const { env, squeue, run, sacct } = cluster;
    await writeDemoWithTrouble(experiment, join(import.meta.dirname, "../../dist/demo-job.js"), begun);
    const nightshift = place.start(["run", experiment, "--scheduler", "slurm", "--poll", "1s", "--settle", "200ms", "--stagger", "200ms"], { env: { SLURM_CONF: env["SLURM_CONF"] ?? "" } });
    await eventually(() => existsSync(begun), "the evaluation that is to be cancelled", 120_000);
    const job = (await squeue()).find(({ script }) => script.includes("/rank8_lr2e-3-capitalization-epoch0-"));
    await run("scancel", [job?.id ?? ""]);
    ended = await nightshift.ended;
    await eventually(async () => (await sacct()).every(({ name, endedMs }) => name !== "allocation" && endedMs !== undefined), "all of accounting");
    rows = await sacct();
  });
  afterAll(async () => cluster?.down());

  test("ends with code 1, and says in the end what was not completed", () => {
    expect(ended.code).toBe(1);
    expect(ended.err).toBe("");
    expect(ended.out).toContain("## Run Experiment Complete (partial success)");
    expect(ended.out).toMatch(/^- fails: FAILED, .*ValueError: no such learning rate.* Check fails\/artifacts\/slurm-\d+\.out$/mu);
    expect(ended.out).toMatch(/^- too_slow: TIMEOUT, .*DUE TO TIME LIMIT.* Check too_slow\/artifacts\/slurm-\d+\.out$/mu);
    expect(ended.out).toMatch(/^- rank8_lr2e-3\/capitalization\/epoch0: CANCELLED, /mu);
  });

  test("knows how everything ended", () => {
    expect(readStatuses(experiment)).toEqual({
      "rank8_lr1e-3": "COMPLETED", "rank8_lr1e-3/capitalization/epoch0": "COMPLETED", "rank8_lr1e-3/capitalization/epoch1": "COMPLETED",
      "rank8_lr2e-3": "COMPLETED", "rank8_lr2e-3/capitalization/epoch0": "CANCELLED", "rank8_lr2e-3/capitalization/epoch1": "COMPLETED",
      "nightshift-demo_base": "COMPLETED", "nightshift-demo_base/capitalization": "COMPLETED",
      "fails": "FAILED", "fails/capitalization/epoch0": "SKIPPED", "fails/capitalization/epoch1": "SKIPPED",
      "too_slow": "TIMEOUT", "too_slow/capitalization/epoch0": "SKIPPED", "too_slow/capitalization/epoch1": "SKIPPED",
    });
  });

  test("has submitted one job for each run and evaluation that could be worked on", () => {
    expect(readToldJobs(experiment).map(({ unit }) => unit).sort()).toEqual([
      "fails", "nightshift-demo_base/capitalization", "rank8_lr1e-3", "rank8_lr1e-3/capitalization/epoch0", "rank8_lr1e-3/capitalization/epoch1",
      "rank8_lr2e-3", "rank8_lr2e-3/capitalization/epoch0", "rank8_lr2e-3/capitalization/epoch1", "too_slow",
    ]);
    expect(rows.filter(({ id }) => !id.includes(".")).map(({ submitLine }) => submitLine.replace(/^.*\/jobs\/(.*)-1-[0-9a-f]{16}\/\w+\.slurm$/u, "$1")).sort()).toEqual([
      "fails", "nightshift-demo_base-capitalization", "rank8_lr1e-3", "rank8_lr1e-3-capitalization-epoch0", "rank8_lr1e-3-capitalization-epoch1",
      "rank8_lr2e-3", "rank8_lr2e-3-capitalization-epoch0", "rank8_lr2e-3-capitalization-epoch1", "too_slow",
    ]);
  });

  test("tells of each job what accounting tells, in its state and in its logs", () => {
    expect(compareWithAccounting(experiment, rows)).toEqual([]);
  });

  test("shows the same in summary.md", () => {
    const summary = textOf(join(experiment, "summary.md"));
    expect(rowsOf(section(summary, "Run Status"))).toEqual([
      ["Run", "Type", "Fine-tuning", "Evaluation"],
      ["rank8_lr1e-3", "Fine-tuned", "COMPLETED", "COMPLETED"],
      ["rank8_lr2e-3", "Fine-tuned", "COMPLETED", "CANCELLED"],
      ["nightshift-demo_base", "Control", "N/A", "COMPLETED"],
      ["fails", "Fine-tuned", "FAILED", "SKIPPED"],
      ["too_slow", "Fine-tuned", "TIMEOUT", "SKIPPED"],
    ]);
    expect(rowsOf(section(summary, "Training Results")).slice(1).map(([run, , , epochs, duration]) => [run, epochs, duration])).toEqual([
      ["rank8_lr1e-3", "2", elapsedOf("rank8_lr1e-3")], ["rank8_lr2e-3", "2", elapsedOf("rank8_lr2e-3")],
    ]);
    expect(rowsOf(section(summary, "Evaluation Results")).slice(1).map(([run, , epoch, , , , samples]) => [run, epoch, samples])).toEqual([
      ["rank8_lr1e-3", "0", "400"], ["rank8_lr1e-3", "1", "400"], ["rank8_lr2e-3", "1", "400"], ["nightshift-demo_base", "-", "400"],
    ]);
  });

  function elapsedOf(name: string): string {
    const row = rows.find((each) => each.name === name);
    return formatElapsed((row?.endedMs ?? NaN) - (row?.startedMs ?? NaN));
  }
});

function section(markdown: string, title: string): string {
  return markdown.split("\n## ").find((part) => part.startsWith(`${title}\n`)) ?? "";
}
