import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { writeSmallExperiment } from "../support/small-experiment.ts";
import { openWorkplace } from "../support/workplace.ts";
import { type Cluster, openCluster, type QueueRow } from "./cluster.ts";
import { beside, pace } from "./pace.ts";
import { compareWithLogs, readStatuses, readToldJobs } from "./told-jobs.ts";

describe("on a cluster without accounting, watched", () => {
  const place = openWorkplace();
  const experiment = join(place.root, "exp");
  const begun = join(place.folder, "begun");
  let cluster: Cluster | undefined;
  let queue: readonly QueueRow[];
  let code: number | null;

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17430, accounting: false });
    const { squeue, run } = cluster;
    const watch = place.start(["watch", place.root, ...pace], beside(cluster));
    await watch.says("No experiment is here yet");
    const before = { broken: "exit 3", "rank4/cap/1": `touch '${begun}'; ${place.waitFor("/never")}` };
    writeSmallExperiment(join(place.folder, "exp"), { runs: ["rank4", "broken"], ledger: place.ledger, before, isMovable: true });
    renameSync(join(place.folder, "exp"), experiment);
    await eventually(() => existsSync(begun), "the evaluation that is to be cancelled", 60_000);
    await run("scancel", [(await squeue()).find(({ script }) => script.includes("/rank4-cap-epoch1-"))?.id ?? ""]);
    await watch.says("exp: finished");
    queue = await squeue();
    watch.signal("SIGTERM");
    ({ code } = await watch.ended);
  });
  afterAll(async () => cluster?.down());

  test("an experiment is worked through, with a run that fails and an evaluation that is cancelled from outside", () => {
    expect(code).toBe(0);
    expect(readStatuses(experiment)).toEqual({
      "rank4": "COMPLETED", "rank4/cap/epoch0": "COMPLETED", "rank4/cap/epoch1": "CANCELLED", "broken": "FAILED", "broken/cap/epoch0": "SKIPPED", "broken/cap/epoch1": "SKIPPED",
      "base": "COMPLETED", "base/cap": "COMPLETED",
    });
  });

  test("every job is the only one of its unit, and the state and the logs say of it what SLURM says", () => {
    const told = readToldJobs(experiment);
    expect(place.units()).toEqual(["base/cap", "broken", "rank4", "rank4/cap/0", "rank4/cap/1"]);
    expect(queue.map(({ id, state, script }) => `${id} ${state} ${keyIn(script)}`).sort()).toEqual(told.map(({ id, status, key }) => `${id} ${status} ${key}`).sort());
    expect(told.flatMap((job) => compareWithLogs(experiment, job))).toEqual([]);
  });
});

describe("jobs that end while nobody watches, and that SLURM forgets, where there is no accounting", () => {
  const place = openWorkplace();
  const experiment = join(place.root, "exp");
  const go = join(place.folder, "go");
  let cluster: Cluster | undefined;
  let out = "";

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17430, accounting: false, conf: ["MinJobAge=2"] });
    const { squeue } = cluster;
    writeSmallExperiment(experiment, { runs: ["rank4", "broken", "halfway"], ledger: place.ledger, before: { rank4: place.waitFor(go), broken: `${place.waitFor(go)}; exit 3` } });
    stopHalfway(join(experiment, "halfway/finetune.slurm"), place.waitFor("/never"));
    const first = place.start(["run", experiment, ...pace], beside(cluster));
    await eventually(() => existsSync(join(experiment, "halfway/artifacts/epoch_0/adapter_model.safetensors")), "the first checkpoint of the run that is to be cancelled", 60_000);
    await Promise.all(["rank4", "broken", "halfway"].map(async (run) => first.says(new RegExp(`${run}: .*RUNNING`, "u"))));
    first.signal("SIGKILL");
    await first.ended;
    writeFileSync(go, "");
    await cluster.run("scancel", ["--name=halfway"]);
    await eventually(async () => (await squeue()).length === 0, "that SLURM forgets them", 120_000);
    ({ out } = await place.nightshift(["run", experiment, ...pace], beside(cluster)));
  });
  afterAll(async () => cluster?.down());

  test("are known by what they noted and what stands in their output", () => {
    expect(out).toContain("Run Experiment Complete (partial success)");
    expect(readStatuses(experiment)).toEqual({
      "rank4": "COMPLETED", "rank4/cap/epoch0": "COMPLETED", "rank4/cap/epoch1": "COMPLETED", "base": "COMPLETED", "base/cap": "COMPLETED",
      "broken": "FAILED", "broken/cap/epoch0": "SKIPPED", "broken/cap/epoch1": "SKIPPED",
      "halfway": "CANCELLED", "halfway/cap/epoch0": "SKIPPED", "halfway/cap/epoch1": "SKIPPED",
    });
    expect(readToldJobs(experiment).find(({ unit }) => unit === "broken")?.exitCode).toBe(3);
  });

  test("are not submitted again", () => {
    expect(place.units()).toEqual(["base/cap", "broken", "halfway", "rank4", "rank4/cap/0", "rank4/cap/1"]);
  });
});

// bash runs its EXIT trap when a signal ends it, and what the inserted lines then note is code 0.
function stopHalfway(script: string, wait: string): void {
  const text = readFileSync(script, "utf8");
  writeFileSync(script, text.replace("#!/bin/sh", "#!/bin/bash").replace('echo "Checkpoint saved in 0.01 seconds."', (line) => `${line}\n${wait}`));
}

function keyIn(script: string): string {
  return /\/jobs\/([^/]*)\/[^/]*$/u.exec(script)?.[1] ?? "";
}
