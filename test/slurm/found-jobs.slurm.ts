import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import type { JobSeen } from "../../src/domain/job.ts";
import type { Scheduler } from "../../src/domain/scheduler.ts";
import { epochMs } from "../../src/domain/time.ts";
import { slurmScheduler } from "../../src/schedulers/slurm/slurm.ts";
import { eventually } from "../support/eventually.ts";
import { rowsOf } from "../support/markdown.ts";
import { openWorkplace, textOf } from "../support/workplace.ts";
import { type AccountingRow, type Cluster, openCluster } from "./cluster.ts";
import { beside } from "./pace.ts";

// The layout of the documents: all logs of a run in one folder. One script for all epochs, so that only its job's name tells which.
const summary = `experiment: {name: "cap", project: "test", question: "?", date: "2026-11-21"}
tools: {preparation: "torchtune", evaluation: "inspect-ai"}
controls: {epochs: 3}
runs:
  - {name: "rank8", type: "fine-tuned", model: "tiny", parameters: {lora_rank: 8}}
evaluation:
  tasks: [{name: "cap", script: "cap.py"}]
  matrix:
    - {run: "rank8", tasks: ["cap"], epochs: [0, 1, 2]}
`;

// What inspect-ai leaves of an evaluation that was not told its epoch, and what it prints.
const script = `#!/bin/sh
mkdir -p logs
log="$(date -u +%Y-%m-%dT%H-%M-%S)-00-00_cap_$SLURM_JOB_ID.json"
cat > "logs/$log" <<END
{"version": 2, "status": "success",
 "eval": {"task": "cap", "task_id": "t$SLURM_JOB_ID", "run_id": "r$SLURM_JOB_ID", "created": "$(date -u +%Y-%m-%dT%H:%M:%S)+00:00", "model": "hf/local", "dataset": {"samples": 20}, "config": {}},
 "results": {"total_samples": 20, "completed_samples": 20, "scores": [{"name": "match", "scorer": "match", "params": {}, "metrics": {"accuracy": {"name": "accuracy", "value": $1, "params": {}}}}]},
 "stats": {"started_at": "", "completed_at": ""}, "samples": []}
END
echo "Log: logs/$log"
`;

describe("jobs that somebody submitted by hand", () => {
  const place = openWorkplace();
  const experiment = join(place.root, "exp");
  const evaluations = join(experiment, "rank8/eval");
  const ids = { epoch0: "", epoch1: "", fails: "", array: "", task: "", running: "" };
  let cluster: Cluster;
  let scheduler: Scheduler;
  let rows: readonly AccountingRow[] = [];

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17500 });
    const { env, run, sacct } = cluster;
    scheduler = slurmScheduler({ maxSubmit: 1000, minFreeBytes: 0, pollMs: 200, environment: env });
    mkdirSync(evaluations, { recursive: true });
    writeFileSync(join(experiment, "experiment_summary.yaml"), summary);
    writeFileSync(join(evaluations, "evaluate.sh"), script);
    const submit = async (...parameters: readonly string[]): Promise<string> => {
      const { out, err } = await run("sbatch", ["--parsable", ...parameters], { cwd: evaluations });
      expect(err).toBe("");
      return out;
    };
    ids.epoch1 = await submit("--job-name=eval-cap-rank8-ep1", "evaluate.sh", "0.75");
    ids.epoch0 = await submit("--job-name=eval-cap-rank8-ep0", "evaluate.sh", "0.5");
    ids.fails = await submit("--job-name=eval-cap-rank8-ep2", "--output=/dev/null", "--wrap=exit 3");
    ids.array = await submit("--job-name=eval-cap-rank80-ep1", "--array=4-5", "--output=%a.%j", "--wrap=true");
    ids.running = await submit("--job-name=eval-cap-rank8-ep2", "--output=/dev/null", `--wrap=${place.waitFor("/never")}`);
    const over = [ids.epoch0, ids.epoch1, ids.fails, ids.array];
    await eventually(async () => {
      rows = (await sacct([...over, ids.running])).filter(({ id }) => !id.includes("."));
      return rows.length === 6 && rows.every(({ name, startedMs, endedMs, rawId }) => name !== "allocation" && (rawId === ids.running ? startedMs : endedMs) !== undefined);
    }, "accounting to know how they ended", 60_000);
    ids.task = rows.find(({ id }) => id === `${ids.array}_4`)?.rawId ?? "";
  });
  afterAll(async () => cluster.down());

  const found = async (...wanted: readonly string[]): Promise<readonly JobSeen[] | undefined> => scheduler.find?.(wanted);
  const timesOf = ({ startedAt, endedAt }: JobSeen): readonly number[] => [epochMs(startedAt ?? ""), epochMs(endedAt ?? "")];

  test("are found by id: what they were called, what they ran, how and when they ended", async () => {
    const jobs = await found(ids.epoch1, ids.fails) ?? [];
    const [epoch1, fails] = [jobs.find(({ id }) => id === ids.epoch1), jobs.find(({ id }) => id === ids.fails)];
    expect(jobs).toHaveLength(2);
    expect(epoch1).toMatchObject({ name: "eval-cap-rank8-ep1", state: "COMPLETED", exitCode: 0, script: join(evaluations, "evaluate.sh"), workFolder: evaluations });
    expect(fails).toMatchObject({ name: "eval-cap-rank8-ep2", state: "FAILED", exitCode: 3, workFolder: evaluations });
    expect(fails).not.toHaveProperty("script");
    for (const job of jobs) {
      const row = rows.find(({ id }) => id === job.id);
      expect(timesOf(job)).toEqual([row?.startedMs, row?.endedMs]);
    }
  });

  test("are left out where accounting does not know them, or where they still run; and that is an answer", async () => {
    expect(await found("4000000")).toEqual([]);
    expect(await found(ids.running)).toEqual([]);
    expect((await found("4000000", ids.epoch0, ids.running))?.map(({ id, name }) => [id, name])).toEqual([[ids.epoch0, "eval-cap-rank8-ep0"]]);
  });

  test("are found by every id that an array and its tasks have", async () => {
    expect(existsSync(join(evaluations, `4.${ids.task}`))).toBe(true);
    expect(await found(ids.array)).toMatchObject([{ id: ids.array, name: "eval-cap-rank80-ep1", state: "COMPLETED", workFolder: evaluations }]);
    for (const id of [ids.task, `${ids.array}_4`]) {
      const jobs = await found(id) ?? [];
      expect(jobs).toMatchObject([{ id, name: "eval-cap-rank80-ep1", state: "COMPLETED", workFolder: evaluations }]);
      const row = rows.find(({ rawId }) => rawId === ids.task);
      expect(jobs.map(timesOf)).toEqual([[row?.startedMs, row?.endedMs]]);
    }
  });

  test("tell which evaluations the logs of a shared folder are of, where nothing else does", async () => {
    // A log whose job nobody knows stays nobody's.
    const stray = "2026-11-21T00-00-00-00-00_cap_stray.json";
    writeFileSync(join(evaluations, "logs", stray), textOf(join(evaluations, "logs", logOf(ids.epoch0))));
    writeFileSync(join(evaluations, "slurm-4000000.out"), `Log: logs/${stray}\n`);
    const { code, err } = await place.nightshift(["summarize", experiment], beside(cluster));
    const text = textOf(join(experiment, "summary.md"));
    expect([code, err]).toEqual([0, ""]);
    expect(rowsOf(text.slice(text.indexOf("## Evaluation Results"))).map(([, , epoch, accuracy]) => [epoch, accuracy])).toEqual([["Epoch", "Accuracy"], ["0", "0.50"], ["1", "0.75"]]);
    for (const epoch of [0, 1] as const) {
      const id = ids[`epoch${epoch}`];
      expect(text).toContain(`rank8/cap/epoch${epoch}: ${logOf(id)} counts; that it is of this evaluation is told by job ${id}, called eval-cap-rank8-ep${epoch} by sacct\n`);
    }
    expect(text).toContain(`${stray}: the evaluation log is left out, because it does not tell which evaluation it is of`);
  });

  function logOf(id: string): string {
    return readdirSync(join(evaluations, "logs")).find((name) => name.endsWith(`_cap_${id}.json`)) ?? "";
  }
});
