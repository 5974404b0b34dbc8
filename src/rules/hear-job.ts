import { type Facts, jobOf } from "../domain/facts.ts";
import { missingGraceMs } from "../../machines/budgets.ts";
import { isFinal, type JobRecord, type JobSeen, type MissingJob } from "../domain/job.ts";
import type { JobEnd, JobObservation } from "../domain/observation.ts";
import type { Attempt } from "../domain/state.ts";
import { elapsedMs } from "../domain/time.ts";
import { inside } from "./inside.ts";

/** What the facts say about the job of an attempt now: an observation, its end, or nothing new. */
export type JobNews = { readonly kind: "observation"; readonly observation: JobObservation } | { readonly kind: "end"; readonly job: JobEnd } | undefined;

/**
 * Hears what scheduler and job records say about one attempt.
 *
 * The queue is asked first. Where a good queue no longer holds the job, its own exit record is the second best witness.
 * Where the queue could not be asked, nothing is concluded: an outage changes no job.
 */
export function hearJob(facts: Facts, attempt: Attempt): JobNews {
  const record = facts.records.get(attempt.key);
  const job = jobOf(facts, attempt);
  if (job !== undefined) return hearSeen(facts, attempt, job, record);
  if (facts.queue?.kind === "available" && record?.endedAt !== undefined) {
    const end = endFromRecord(record, attempt);
    if (end !== undefined) return { kind: "end", job: end };
  }
  const missing = facts.queue?.kind === "available" ? facts.queue.missing.find(({ key }) => key === attempt.key) : undefined;
  if (missing !== undefined) return hearMissing(facts, attempt, missing, record);
  return attempt.jobId === undefined && record !== undefined ? hearAnswer(facts, record) : undefined;
}

// A controller that has just taken over may show an empty queue for a while, and records and accounting may be late: what
// is missing is waited for. Then it is over, and the artefacts alone say how. Of a job that has not even claimed its work,
// and that accounting has never heard of, nothing has run: it is lost, as a job is whose machine is.
function hearMissing({ now: at }: Facts, attempt: Attempt, { reason, isUnknown, forMs }: MissingJob, record: JobRecord | undefined): JobNews {
  const { missing, jobId = "", startedAt } = attempt;
  if (missing?.reason !== reason) return { kind: "observation", observation: { type: "job.missed", at, reason } };
  if ((forMs ?? elapsedMs(missing.since, at)) < missingGraceMs) return undefined;
  const hasNeverRun = isUnknown === true && record?.isClaiming === true && record.claimedBy === undefined && startedAt === undefined;
  return { kind: "end", job: { id: jobId, state: hasNeverRun ? "VANISHED" : "UNKNOWN", reason, endedAt: missing.since, ...(startedAt === undefined ? {} : { startedAt }) } };
}

function hearSeen(facts: Facts, attempt: Attempt, job: JobSeen, record: JobRecord | undefined): JobNews {
  const at = facts.now;
  if (isFinal(job.state)) return { kind: "end", job: { ...endOf(job, record, attempt.endedAt ?? at), ...outputOf(facts, job) } };
  if (isWaiting(job.state)) {
    return { kind: "observation", observation: { type: "job.pending", at, id: job.id, state: job.state, ...(job.reason === undefined ? {} : { reason: job.reason }), ...outputOf(facts, job) } };
  }
  const startedAt = job.startedAt ?? record?.startedAt;
  return {
    kind: "observation",
    observation: {
      type: "job.started", at, id: job.id, state: job.state,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(job.node === undefined ? {} : { node: job.node }),
      ...outputOf(facts, job),
    },
  };
}

// What the submission left on disk speaks only while no job is known: it is how a crash between sbatch and us is mended.
function hearAnswer({ now: at }: Facts, { answer }: JobRecord): JobNews {
  switch (answer?.kind) {
    case "accepted": return { kind: "observation", observation: { type: "job.submitted", at, id: answer.id } };
    case "refused": return { kind: "observation", observation: { type: "job.refused", at, reason: answer.reason } };
    case "postponed": return { kind: "observation", observation: { type: "job.postponed", at, reason: answer.reason } };
    case "unclear": return { kind: "observation", observation: { type: "job.unclear", at, reason: answer.reason } };
    case "withdrawn": return { kind: "observation", observation: { type: "job.withdrawn", at, by: answer.by } };
    case undefined: return undefined;
  }
}

function outputOf({ experiment }: Facts, { output }: JobSeen): { output?: string } {
  return output === undefined ? {} : { output: inside(experiment.folder, output) };
}

// Any word that is neither final nor one of these means that the job has its machine: RUNNING, COMPLETING, SUSPENDED.
function isWaiting(state: string): boolean {
  return ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"].includes(state);
}

// A scheduler that does not date the end is taken at its first word, or nothing would ever be late.
function endOf(job: JobSeen, record: JobRecord | undefined, seenAt: string): JobEnd {
  const startedAt = job.startedAt ?? record?.startedAt;
  const exitCode = job.exitCode ?? record?.exitCode;
  const node = job.node ?? record?.node;
  return {
    id: job.id, state: job.state, endedAt: job.endedAt ?? record?.endedAt ?? seenAt,
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(node === undefined ? {} : { node }),
  };
}

function endFromRecord(record: JobRecord, attempt: Attempt): JobEnd | undefined {
  const id = record.claimedBy ?? attempt.jobId ?? record.ids.at(-1);
  if (id === undefined || record.endedAt === undefined || record.exitCode === undefined) return undefined;
  return {
    id, state: record.exitCode === 0 ? "COMPLETED" : "FAILED", endedAt: record.endedAt, exitCode: record.exitCode,
    reason: "from the job's own record",
    ...(record.startedAt === undefined ? {} : { startedAt: record.startedAt }),
    ...(record.node === undefined ? {} : { node: record.node }),
  };
}
