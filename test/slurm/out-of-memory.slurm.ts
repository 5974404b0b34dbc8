import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { writeSmallExperiment } from "../support/small-experiment.ts";
import { openWorkplace } from "../support/workplace.ts";
import { untilAccounted } from "./accounted.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { beside, pace } from "./pace.ts";
import { compareWithAccounting, readStatuses } from "./told-jobs.ts";

/** Who ends such a job, and what accounting says of it then. */
interface Way {
  readonly who: string;
  readonly conf: readonly string[];
  readonly state: string;
  readonly exitCode: string;
}

// SLURM 22.05 makes cgroups where they are of version 1 and may be written; for those of version 2 it needs systemd. Where
// the kernel does not end such a job, SLURM does, which looks every second, and has no word of its own for that.
const kernel: Way = { who: "the kernel", conf: ["ProctrackType=proctrack/cgroup", "TaskPlugin=task/cgroup"], state: "OUT_OF_MEMORY", exitCode: "0:125" };
const polling: Way = { who: "SLURM", conf: ["JobAcctGatherFrequency=task=1", "JobAcctGatherParams=OverMemoryKill"], state: "FAILED", exitCode: "0:9" };
const ways = ["memory", "freezer"].every((name) => isWritable(`/sys/fs/cgroup/${name}/tasks`)) ? [kernel, polling] : [polling];

describe.each(ways)("a training that takes more memory than it asked for, and that $who ends,", ({ conf, state, exitCode }) => {
  const place = openWorkplace();
  const experiment = join(place.root, "exp");
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17490, conf });
  });
  afterAll(async () => cluster.down());

  test("is OUT_OF_MEMORY, by its own output where accounting does not say so", async () => {
    // The shell itself grows: a child that is killed would not end it.
    const greedy = String.raw`all=$(head -c 300M /dev/zero | tr '\0' x); ${place.waitFor("/never")}`;
    writeSmallExperiment(experiment, { runs: ["rank4", "rank8"], epochs: 1, ledger: place.ledger, before: { rank8: greedy } });
    const script = join(experiment, "rank8/finetune.slurm");
    writeFileSync(script, readFileSync(script, "utf8").replace("#SBATCH --time", "#SBATCH --mem=50M\n#SBATCH --time"));
    const { code, out, err } = await place.nightshift(["run", experiment, ...pace], beside(cluster));
    expect([code, err]).toEqual([1, ""]);
    expect(out).toMatch(/^- rank8: OUT_OF_MEMORY, out of memory: .* Check rank8\/artifacts\/slurm-\d+\.out$/mu);
    expect(readStatuses(experiment)).toEqual({ "rank4": "COMPLETED", "rank4/cap/epoch0": "COMPLETED", "rank8": "OUT_OF_MEMORY", "rank8/cap/epoch0": "SKIPPED", "base": "COMPLETED", "base/cap": "COMPLETED" });
    expect(place.units()).toEqual(["base/cap", "rank4", "rank4/cap/0", "rank8"]);
    const rows = await untilAccounted(cluster, experiment, 4);
    const killed = rows.find(({ name }) => name === "rank8");
    expect(killed).toMatchObject({ state, exitCode });
    const differs = state === "OUT_OF_MEMORY" ? [] : [`rank8: OUT_OF_MEMORY is told of job ${killed?.id}, which accounting has as ${state}`];
    expect(compareWithAccounting(experiment, rows)).toEqual(differs);
  });
});

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
