import { existsSync } from "node:fs";

import { now } from "../../system/clock.ts";
import { thisProcess } from "../../system/process-identity.ts";
import { chooseNext } from "./choose.ts";
import { readLimits, readOpenJobs, withSpool, writeTaken } from "./spool.ts";
import type { StoredJob, Taken } from "./stored.ts";
import { tend } from "./lost-jobs.ts";

export interface TakenJob {
  readonly job: StoredJob;
  readonly taken: Taken;
  readonly killWaitMs: number;
  /** Whether another job could start beside it, so that another runner is wanted. */
  readonly isMoreToDo: boolean;
}

/** Takes the next job that fits, for this process to run it. */
export async function takeNext(spool: string): Promise<TakenJob | undefined> {
  // Whoever removes the spool wants no more jobs from it.
  if (!existsSync(spool)) return undefined;
  return withSpool(spool, "take a job", () => {
    const limits = readLimits(spool);
    if (limits === undefined) return undefined;
    const jobs = readOpenJobs(spool).map((local) => tend(spool, local, limits.killWaitMs));
    const choice = chooseNext(jobs, limits);
    if (choice === undefined) return undefined;
    const { job } = choice.local;
    const isWithout = limits.gpus.length === 0 && job.gpus > 0;
    const taken: Taken = {
      runner: thisProcess(), at: now(), gpus: [...choice.gpus],
      ...(isWithout ? { note: `asked for ${job.gpus} GPU${job.gpus === 1 ? "" : "s"}; this machine has none, so it runs without` } : {}),
    };
    writeTaken(spool, job.id, taken);
    const after = jobs.map((local) => (local === choice.local ? { ...local, taken, isRunnerAlive: true } : local));
    return { job, taken, killWaitMs: limits.killWaitMs, isMoreToDo: chooseNext(after, limits) !== undefined };
  });
}
