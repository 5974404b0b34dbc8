import { existsSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";

import type { ExpectedJob, JobSeen, MissingJob } from "../../domain/job.ts";
import type { Scheduler } from "../../domain/scheduler.ts";
import type { Instant } from "../../domain/time.ts";
import { now } from "../../system/clock.ts";
import { createExclusively } from "../../system/durable-file.ts";
import { messageOf } from "../../system/error-message.ts";
import { spawnedFile } from "../job-folder.ts";
import { readRecords } from "../job-records.ts";
import { submitOnce, type Submitter, withdrawOnce } from "../submission.ts";
import { chooseNext, pendingReasons } from "./choose.ts";
import { enqueue, findByKey } from "./enqueue.ts";
import { findGpus } from "./gpus.ts";
import { type LocalJob, renderSeen } from "./local-job.ts";
import { tend } from "./lost-jobs.ts";
import { jobPath, readIds, readJob, readLimits, readOpenJobs, spoolFolder, withSpool, writeLimits, writeStop } from "./spool.ts";
import { missingRunner, type RunnerStarter, runnerStarter } from "./start-runner.ts";
import type { Limits } from "./stored.ts";

export interface LocalOptions {
  /** nightshift's own folder, outside all experiments; the spool is made in it. */
  readonly stateFolder: string;
  /** The runner's program, built from runner.ts. */
  readonly runnerPath: string;
  /** How many jobs may run at once. By default 4 at most, fewer on few cores, but one for each GPU. */
  readonly maxJobs?: number;
  /** How long a job may take to end after SIGTERM, before SIGKILL. By default SLURM's 30 s. */
  readonly killWaitMs?: number;
  /** By default those found on this machine. */
  readonly gpus?: readonly string[];
  /** Whether this process only looks: then a query starts nothing, mends nothing and writes nothing. */
  readonly looksOnly?: boolean;
  /** What jobs inherit. By default this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Makes the scheduler that runs jobs on this machine, as SLURM would run them on one node.
 *
 * It is a folder and no daemon: submitting adds a job and starts a runner if there is room, runners take job after job,
 * and every query sees to what runners that were killed have left, and starts one where jobs wait for nobody, as after
 * a restart of the machine.
 */
export function localScheduler(options: LocalOptions): Scheduler {
  const spool = spoolFolder(options.stateFolder);
  const environment = options.environment ?? process.env;
  const submitter: Submitter = {
    find: async ({ key }) => {
      const id = findByKey(spool, key);
      return id === undefined ? { kind: "absent" } : { kind: "found", id };
    },
    submit: async (job) => {
      if (!existsSync(options.runnerPath)) return { kind: "postponed", reason: missingRunner(options.runnerPath) };
      if (!createExclusively(join(job.folder, spawnedFile), `${process.pid}\n`)) return { kind: "unclear", reason: "somebody else is submitting it" };
      return enqueue(spool, job, limitsOf(options, environment));
    },
  };
  const runners = runnerStarter(spool, options.runnerPath, environment);
  const endedJobs = new Map<string, JobSeen>();
  let blindSince: Instant | undefined;
  return {
    name: "local",
    submit: async (intent) => {
      const answer = await submitOnce(intent, submitter);
      if (answer.kind === "accepted") obstacleTo(() => {
        if (isRunnerWanted(readOpenJobs(spool), readLimits(spool))) runners.start();
      });
      return answer;
    },
    query: async (expected) => {
      const snapshot = query(spool, () => limitsOf(options, environment), options, endedJobs, runners);
      if (snapshot.kind === "available") {
        blindSince = undefined;
        return { ...snapshot, missing: missingFrom(snapshot.jobs, expected) };
      }
      blindSince ??= snapshot.at;
      return { ...snapshot, since: blindSince };
    },
    cancel: async (intent) => {
      const answer = intent.id === undefined ? await withdrawOnce(intent, submitter) : undefined;
      const id = intent.id ?? (answer?.kind === "accepted" ? answer.id : undefined);
      if (id !== undefined) await cancel(spool, id);
      return answer;
    },
    readRecords: async (experimentFolder) => readRecords(experimentFolder),
  };
}

function query(spool: string, defaults: () => Limits, { maxJobs, looksOnly = false }: LocalOptions, endedJobs: Map<string, JobSeen>, runners: RunnerStarter): Look {
  const at = now();
  try {
    const ids = readIds(spool);
    if (ids.length === 0) return { kind: "available", at, jobs: [] };
    const limits = { ...(readLimits(spool) ?? defaults()), ...(maxJobs === undefined ? {} : { maxJobs }) };
    if (!looksOnly) writeLimits(spool, limits);
    const open = ids.filter((id) => !endedJobs.has(id)).map((id) => readJob(spool, id)).map((local) => (looksOnly ? local : tend(spool, local, limits.killWaitMs)));
    const obstacle = !looksOnly && isRunnerWanted(open, limits) ? obstacleTo(() => { runners.startUnlessStarting(); }) : undefined;
    const reasons = pendingReasons(open, limits);
    const seen = new Map(open.map((local) => [local.job.id, renderSeen(local, obstacle ?? reasons.get(local.job.id) ?? "Priority", hostname())]));
    for (const { job, ended } of open) if (ended !== undefined) endedJobs.set(job.id, seen.get(job.id) as JobSeen);
    return { kind: "available", at, jobs: ids.map((id) => endedJobs.get(id) ?? seen.get(id)).filter((job) => job !== undefined) };
  } catch (error) {
    return { kind: "unavailable", at, reason: messageOf(error) };
  }
}

async function cancel(spool: string, id: string): Promise<void> {
  if (!/^\d+$/u.test(id) || !existsSync(jobPath(spool, id, "job.json")) || existsSync(jobPath(spool, id, "ended.json"))) return;
  await withSpool(spool, "cancel a job", () => {
    writeStop(spool, id, { as: "CANCELLED", at: now() });
    tend(spool, readJob(spool, id), readLimits(spool)?.killWaitMs ?? defaultKillWaitMs);
  });
}

// A job folder that is gone was deleted by hand: this scheduler never removes one.
function missingFrom(jobs: readonly JobSeen[], expected: readonly ExpectedJob[]): readonly MissingJob[] {
  const keys = new Set(jobs.map(({ key }) => key));
  return expected.filter(({ key, id }) => id !== undefined && !keys.has(key)).map(({ key, id }) => ({ key, reason: `this machine's spool has no job ${id} any more` }));
}

/** What the spool says, before it is compared with what is expected of it. */
type Look = { readonly kind: "available"; readonly at: Instant; readonly jobs: readonly JobSeen[] } | { readonly kind: "unavailable"; readonly at: Instant; readonly reason: string };

function isRunnerWanted(jobs: readonly LocalJob[], limits: Limits | undefined): boolean {
  return limits !== undefined && chooseNext(jobs, limits) !== undefined;
}

// The job is in the queue whatever happens here: what keeps a runner from being started is told as what the job waits for.
function obstacleTo(start: () => void): string | undefined {
  try {
    start();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const defaultKillWaitMs = 30_000;

function limitsOf({ maxJobs, killWaitMs = defaultKillWaitMs, gpus: given }: LocalOptions, environment: NodeJS.ProcessEnv): Limits {
  const gpus = [...(given ?? findGpus(environment))];
  return { maxJobs: maxJobs ?? Math.max(1, gpus.length, Math.min(4, Math.floor(availableParallelism() / 2))), gpus, killWaitMs };
}
