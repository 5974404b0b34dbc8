import type { Failure } from "../src/domain/failure.ts";
import type { JobEnd, JobObservation } from "../src/domain/observation.ts";
import type { Attempt, WorkContext } from "../src/domain/state.ts";
import { maxAttempts } from "./budgets.ts";

/**
 * What runs and evaluations do alike with their attempts. Pure: context and observation in, changed fields out.
 *
 * A job is news only to the attempt it belongs to, which is always the last one: an earlier attempt's job can no longer
 * matter, because a new attempt begins only after the job before it has ended.
 */
export function withNewAttempt(context: WorkContext, event: Of<"submission.intended">): Partial<WorkContext> {
  const attempt: Attempt = {
    number: context.attempts.length + 1,
    key: event.key,
    intendedAt: event.at,
    ...(context.retry === undefined ? {} : { askedBy: context.retry.by }),
    ...(event.configHash === undefined ? {} : { configHash: event.configHash }),
    ...(event.gitCommit === undefined ? {} : { gitCommit: event.gitCommit }),
  };
  return { attempts: [...context.attempts, attempt], reason: "handed to the scheduler's lane", failure: undefined, stale: undefined, adopted: undefined, retry: undefined };
}

/** Somebody else's job does the work: it is followed as an attempt of its own, of which our records hold nothing. */
export function withFoundJob(context: WorkContext, event: Of<"job.found">): Partial<WorkContext> {
  const attempt: Attempt = {
    number: context.attempts.length + 1, key: `job-${event.id}`, intendedAt: event.at, jobId: event.id, jobState: event.state, submittedAt: event.at, adoptedFrom: event.how,
  };
  return { attempts: [...context.attempts, attempt], reason: `follows job ${event.id}: ${event.how}`, failure: undefined, retry: undefined };
}

/** The scheduler took the job. */
export function withJob(context: WorkContext, event: Of<"job.submitted">): Partial<WorkContext> {
  return withLast(context, { jobId: event.id, submittedAt: event.at, jobState: "PENDING", unclear: undefined }, "queued");
}

/** The job waits, for the first time or again after a requeue: then its earlier start and end count no more. */
export function withPending(context: WorkContext, event: Of<"job.pending">): Partial<WorkContext> {
  return withLast(context, {
    jobId: event.id, submittedAt: lastOf(context)?.submittedAt ?? event.at, jobState: event.state,
    startedAt: undefined, endedAt: undefined, exitCode: undefined, node: undefined, output: event.output ?? lastOf(context)?.output, unclear: undefined, missing: undefined,
  }, unlessCancelled(context, event.reason === undefined || event.reason === "None" ? "queued" : `queued: ${event.reason}`));
}

/** The job runs. A start that the scheduler does not date is dated once, when it is first seen. */
export function withStart(context: WorkContext, event: Of<"job.started">): Partial<WorkContext> {
  const last = lastOf(context);
  return withLast(context, {
    jobId: event.id, submittedAt: last?.submittedAt ?? event.at, jobState: event.state,
    startedAt: event.startedAt ?? last?.startedAt ?? event.at, node: event.node ?? last?.node,
    endedAt: undefined, exitCode: undefined, output: event.output ?? last?.output, unclear: undefined, missing: undefined,
  }, unlessCancelled(context, undefined));
}

/** Nobody knows whether the job was submitted. The first doubt's time is kept. */
export function withDoubt(context: WorkContext, event: Of<"job.unclear">): Partial<WorkContext> {
  const since = lastOf(context)?.unclear?.since ?? event.at;
  return withLast(context, { unclear: { since, reason: event.reason } }, `not known whether it was submitted: ${event.reason} (it is looked up until that is known; who knows that it never arrived says so with nightshift release)`);
}

/** A person decided that the job of which nobody knows was not submitted. */
export function withAbsence(context: WorkContext, by: string): Partial<WorkContext> {
  return withLast(context, { unclear: undefined, absentBy: by }, `released by ${by}: the attempt before came to nothing`);
}

/** The queue holds the job no more, and nobody says how it ended. Each reason for that is waited out by itself. */
export function withMiss(context: WorkContext, event: Of<"job.missed">): Partial<WorkContext> {
  const before = lastOf(context)?.missing;
  const since = before?.reason === event.reason ? before.since : event.at;
  return withLast(context, { missing: { since, reason: event.reason } }, `its job is not in the queue any more, and nobody says how it ended: ${event.reason}`);
}

/** A person wants the job cancelled. */
export function withCancelAsked(context: WorkContext, event: Of<"cancel.asked">): Partial<WorkContext> {
  return withLast(context, { cancelledBy: event.by }, cancelling(event.by));
}

/** A person cancelled it before there was a job. */
export function withCancellation({ reason: _reason }: WorkContext, by: string): Partial<WorkContext> {
  return { reason: undefined, failure: { cause: "cancelled", message: `cancelled by ${by} before it was submitted` } };
}

/** A person wants it done again. What its attempts were is kept, what they came to is not. */
export function withRetry(_context: WorkContext, event: Of<"retry.asked">): Partial<WorkContext> {
  return { retry: { by: event.by, at: event.at }, reason: `to be done again for ${event.by}`, failure: undefined, adopted: undefined, stale: undefined };
}

/** Whether nobody knows if the last attempt was submitted. */
export function isInDoubt(context: WorkContext): boolean {
  return lastOf(context)?.unclear !== undefined;
}

/** The job is over. */
export function withEnd(context: WorkContext, job: JobEnd, reason: string | undefined, failure: Failure | undefined): Partial<WorkContext> {
  const last = lastOf(context);
  const ended = withLast(context, {
    jobId: job.id, jobState: job.state, submittedAt: last?.submittedAt ?? job.startedAt ?? job.endedAt,
    startedAt: job.startedAt ?? last?.startedAt, endedAt: job.endedAt, exitCode: job.exitCode, node: job.node ?? last?.node,
    output: job.output ?? last?.output, unclear: undefined, missing: undefined,
  }, reason);
  return { ...ended, failure };
}

/** Whether the machine under the job was lost, or the job itself by its controller, rather than the job failing. */
export function isLost({ state }: JobEnd): boolean {
  return state === "VANISHED" || state === "NODE_FAIL" || state === "BOOT_FAIL" || state === "PREEMPTED";
}

/** Whether the budget of attempts allows another one. */
export function mayTryAgain({ attempts }: WorkContext): boolean {
  return attempts.length < maxAttempts;
}

/** What the scheduler alone can say about a bad end. */
export function failureOf(job: JobEnd): Failure {
  if (job.state === "UNKNOWN" || job.state === "VANISHED") return { cause: "lost", message: `job ${job.id} is not in the queue any more, and nobody says how it ended: ${job.reason ?? ""}` };
  const detail = [job.state, job.exitCode === undefined ? undefined : `exit code ${job.exitCode}`, job.reason].filter((part) => part !== undefined).join(", ");
  return { cause: causeOf(job.state), message: `job ${job.id}: ${detail}` };
}

function causeOf(state: string): Failure["cause"] {
  switch (state) {
    case "TIMEOUT": case "DEADLINE": return "time limit";
    case "OUT_OF_MEMORY": return "out of memory";
    case "CANCELLED": return "cancelled";
    case "NODE_FAIL": case "BOOT_FAIL": case "PREEMPTED": return "node failure";
    default: return "error";
  }
}

type Of<Type extends JobObservation["type"]> = Extract<JobObservation, { type: Type }>;

function unlessCancelled(context: WorkContext, reason: string | undefined): string | undefined {
  const by = lastOf(context)?.cancelledBy;
  return by === undefined ? reason : cancelling(by);
}

function cancelling(by: string): string {
  return `is being cancelled for ${by}`;
}

function lastOf({ attempts }: WorkContext): Attempt | undefined {
  return attempts.at(-1);
}

function withLast(context: WorkContext, changes: Partial<Attempt>, reason: string | undefined): Partial<WorkContext> {
  const last = lastOf(context);
  if (last === undefined) return { reason };
  return { attempts: [...context.attempts.slice(0, -1), { ...last, ...changes }], reason };
}
