import { join } from "node:path";

import { type Cluster, openCluster } from "../slurm/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { type Controller, takeController } from "./controller.ts";
import { namesIn, textOf } from "./files.ts";
import type { Stage } from "./stage.ts";

/** A kind of scheduler to torture nightshift on. */
export type FieldName = "local" | "slurm" | "slurm-without-accounting";

export const fieldNames: readonly FieldName[] = ["local", "slurm", "slurm-without-accounting"];

/** A scheduler that is up, and how nightshift is to use it. */
export interface Field {
  readonly name: FieldName;
  /** Options of `run` and `watch`. */
  readonly pace: readonly string[];
  /** Absent where the scheduler is this machine. */
  readonly cluster?: Cluster;
  readonly controller?: Controller;
  /** Waits until no job of a round can change anything any more. */
  untilQuiet(stage: Stage): Promise<void>;
  /** How many jobs the scheduler has taken from the rounds, those that it lost included. */
  countJobs(stages: readonly Stage[]): number;
  close(): Promise<void>;
}

/** Opens a field. Clusters live below a folder, on five ports from one on. */
export async function openField(name: FieldName, folder: string, port: number): Promise<Field> {
  if (name === "local") return { name, pace: ["--settle", "100ms", "--poll", "200ms", "--stagger", "0s", "--scheduler", "local", "--max-jobs", "2"], untilQuiet: untilRunnersEnd, countJobs: countLocalJobs, close: async () => {} };
  const cluster = await openCluster(folder, { port, accounting: name === "slurm", ttlSeconds: 15, conf });
  const controller = takeController(cluster);
  return {
    name, cluster, controller,
    pace: ["--settle", "100ms", "--poll", "1s", "--stagger", "0s", "--scheduler", "slurm", "--max-submit", "1000"],
    untilQuiet: async (stage) => eventually(async () => hasNoJobs(stage, cluster), "the end of the jobs", 120_000),
    countJobs: () => textOf(join(cluster.folder, "log/slurmctld")).split("\n").filter((line) => line.includes("_slurm_rpc_submit_batch_job: JobId=")).length,
    close: async () => {
      await controller.stop();
      await cluster.down();
    },
  };
}

// Jobs leave the queue soon after their end, so that sacct and the jobs' own records have their say; and nobody waits for
// an answer for long.
const conf = ["MinJobAge=10", "MessageTimeout=5"];

async function hasNoJobs({ folder }: Stage, { squeue }: Cluster): Promise<boolean> {
  const jobs = await squeue().catch(() => undefined);
  return jobs?.every(({ script, state }) => !script.startsWith(`${folder}/`) || !/^(?:PENDING|RUNNING|CONFIGURING|COMPLETING|REQUEUED|REQUEUE_HOLD|SUSPENDED)$/u.test(state)) === true;
}

// Runners of local jobs are on their own: they are seen in /proc by the state folder among their parameters.
async function untilRunnersEnd({ stateHome }: Stage): Promise<void> {
  await eventually(() => !namesIn("/proc").some((pid) => /^\d+$/u.test(pid) && textOf(join("/proc", pid, "cmdline")).includes(`local-runner.js\0${stateHome}`)), "the end of the runners", 120_000);
}

function countLocalJobs(stages: readonly Stage[]): number {
  return stages.flatMap(({ stateHome }) => namesIn(join(stateHome, "nightshift/local")).flatMap((host) => namesIn(join(stateHome, "nightshift/local", host, "jobs")))).filter((name) => /^\d+$/u.test(name)).length;
}
