import type { JobSeen } from "../../domain/job.ts";
import { epochMs, type Instant } from "../../domain/time.ts";
import type { Ended, StoredJob, Stop, Taken } from "./stored.ts";

/** All that is known of one job of the spool. */
export interface LocalJob {
  readonly job: StoredJob;
  readonly taken?: Taken;
  readonly stop?: Stop;
  readonly ended?: Ended;
  /** Of a job that was taken and has not ended: which of its two processes live. */
  readonly isRunnerAlive: boolean;
  readonly isScriptAlive: boolean;
}

/** Whether the job waits for its turn. */
export function isPending({ taken, stop, ended }: LocalJob): boolean {
  return taken === undefined && stop === undefined && ended === undefined;
}

/** Whether the job was stopped while it waited; it can no longer be taken. */
export function isStoppedBeforeStart({ taken, stop, ended }: LocalJob): boolean {
  return taken === undefined && stop !== undefined && ended === undefined;
}

/** Whether the job holds a place and its GPUs. */
export function isRunning({ taken, ended, isRunnerAlive, isScriptAlive }: LocalJob): boolean {
  return taken !== undefined && ended === undefined && (isRunnerAlive || isScriptAlive);
}

/** Whether both the runner and the script are gone without a word: a reboot, or somebody killed them. */
export function isLost(local: LocalJob): boolean {
  return local.taken !== undefined && local.ended === undefined && !isRunning(local);
}

/** A running script that its runner no longer watches. */
export function isOrphan(local: LocalJob): boolean {
  return isRunning(local) && !local.isRunnerAlive;
}

/** Renders a job in SLURM's words. */
export function renderSeen(local: LocalJob, pendingReason: string, node: string): JobSeen {
  const { job, taken, ended } = local;
  const reason = reasonOf(local, pendingReason);
  return {
    id: job.id,
    key: job.key,
    name: job.name,
    state: ended?.state ?? (taken === undefined ? "PENDING" : "RUNNING"),
    submittedAt: job.submittedAt,
    script: job.script,
    workFolder: job.workFolder,
    output: job.output,
    ...(reason === undefined ? {} : { reason }),
    ...(taken === undefined ? {} : { startedAt: taken.at, node }),
    ...(ended === undefined ? {} : { endedAt: ended.at }),
    ...(ended?.exitCode === undefined ? {} : { exitCode: ended.exitCode }),
    ...(ended?.signal === undefined ? {} : { signal: ended.signal }),
  };
}

/** What became of a lost job: what stopped it, else its own exit record, else nobody knows. */
export function endOfLost({ job, stop }: LocalJob, notes: { readonly endedAt?: Instant; readonly exitCode?: number }, at: Instant, isRebooted: boolean): Ended {
  const end = { at: notes.endedAt ?? at, ...(notes.exitCode === undefined ? {} : { exitCode: notes.exitCode }) };
  if (stop !== undefined) return { ...end, ...stopped(stop, job) };
  if (notes.exitCode !== undefined) return { ...end, state: notes.exitCode === 0 ? "COMPLETED" : "FAILED" };
  return { ...end, state: "NODE_FAIL", reason: isRebooted ? "the machine was restarted" : "its runner was killed" };
}

/** The state of a job that was stopped, with the reason in words. */
export function stopped({ as }: Stop, { timeLimitMs = 0 }: StoredJob): Pick<Ended, "state" | "reason"> {
  if (as === "CANCELLED") return { state: as, reason: "cancelled" };
  return { state: as, reason: `ran into its time limit of ${timeLimitMs % 60_000 === 0 ? `${timeLimitMs / 60_000} min` : `${timeLimitMs / 1000} s`}` };
}

/** How a script's process ended. */
export interface ScriptExit {
  readonly code?: number;
  readonly signal?: number;
  /** Why it could not be started at all. */
  readonly error?: string;
}

/** What the end of a script means for its job. */
export function endOfScript({ code, signal }: ScriptExit, stop: Stop | undefined, job: StoredJob): Omit<Ended, "at"> {
  const facts = { ...(code === undefined ? {} : { exitCode: code }), ...(signal === undefined ? {} : { signal }) };
  if (stop !== undefined) return { ...facts, ...stopped(stop, job) };
  // Linux ends a process with signal 9 when memory runs out, and tells nobody but the kernel's log.
  if (signal !== undefined) return { ...facts, state: "FAILED", reason: `killed (signal ${signal})${signal === 9 ? ", perhaps for memory" : ""}` };
  return { ...facts, state: code === 0 ? "COMPLETED" : "FAILED" };
}

/** Whether a running job has used up its time limit. */
export function isOverdue({ job, taken }: LocalJob, at: Instant): boolean {
  return job.timeLimitMs !== undefined && taken !== undefined && epochMs(at) - epochMs(taken.at) >= job.timeLimitMs;
}

function reasonOf({ taken, ended, isRunnerAlive }: LocalJob, pendingReason: string): string | undefined {
  if (ended !== undefined) return ended.reason;
  if (taken === undefined) return pendingReason;
  return isRunnerAlive ? taken.note : "its runner was killed; the script goes on";
}
