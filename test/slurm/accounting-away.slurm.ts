import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { openWorkplace, textOf } from "../support/workplace.ts";
import { type AccountingRow, type Cluster, openCluster } from "./cluster.ts";
import { beside, pace } from "./pace.ts";
import { compareWithAccounting, readStatuses } from "./told-jobs.ts";

describe("while slurmdbd is down", () => {
  const place = openWorkplace();
  const at = (name: string): string => join(place.root, name);
  let cluster: Cluster;

  // What of the cluster's jobs belongs to an experiment, once accounting has been told of all of it.
  const rowsOf = async (experiment: string): Promise<readonly AccountingRow[]> => {
    const rows = async (): Promise<readonly AccountingRow[]> => (await cluster.sacct()).filter(({ submitLine }) => submitLine.includes(`${experiment}/`));
    const { length } = place.units();
    await eventually(async () => (await rows()).length === length && (await rows()).every(({ name, endedMs }) => name !== "allocation" && endedMs !== undefined), "accounting to catch up", 60_000);
    return rows();
  };

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17440, conf: ["MinJobAge=2"] });
  });
  afterAll(async () => cluster.down());

  test("an experiment is worked through, and told as accounting tells it later", async () => {
    writeFileSync(place.ledger, "");
    writeSmallExperiment(at("meanwhile"), { runs: ["rank4", "rank8"], epochs: 1, ledger: place.ledger });
    await cluster.daemon("stop", "slurmdbd");
    const { code, out } = await place.nightshift(["run", at("meanwhile"), ...pace], beside(cluster));
    await cluster.daemon("start", "slurmdbd");
    expect([code, out]).toEqual([0, expect.stringContaining("Run Experiment Complete")]);
    expect(place.units()).toEqual(unitsOf({ runs: ["rank4", "rank8"], epochs: 1 }));
    expect(compareWithAccounting(at("meanwhile"), await rowsOf(at("meanwhile")))).toEqual([]);
  });

  test("a job that was cancelled and forgotten is waited for, and known as soon as accounting answers", async () => {
    writeFileSync(place.ledger, "");
    writeSmallExperiment(at("forgotten"), { runs: ["rank4"], epochs: 1, ledger: place.ledger, before: { rank4: place.waitFor("/never") } });
    const first = place.start(["run", at("forgotten"), ...pace], beside(cluster));
    await first.says(/rank4: .*RUNNING/u);
    first.signal("SIGKILL");
    await first.ended;
    await cluster.run("scancel", ["--name=rank4"]);
    await eventually(async () => (await cluster.squeue()).length === 0, "that SLURM forgets it", 120_000);
    await cluster.daemon("stop", "slurmdbd");
    const second = place.start(["run", at("forgotten"), ...pace], beside(cluster));
    await eventually(() => textOf(join(at("forgotten"), "eval_jobs.json")).includes("accounting does not answer"), "the reason why it is waited for");
    expect(readStatuses(at("forgotten"))).toMatchObject({ rank4: "RUNNING" });
    await cluster.daemon("start", "slurmdbd");
    await second.ended;
    expect(readStatuses(at("forgotten"))).toMatchObject({ "rank4": "CANCELLED", "rank4/cap/epoch0": "SKIPPED", "base/cap": "COMPLETED" });
    expect(place.units()).toEqual(["base/cap", "rank4"]);
    expect(compareWithAccounting(at("forgotten"), await rowsOf(at("forgotten")))).toEqual([]);
  });
});
