import { failureOf } from "../../machines/attempts.ts";
import { missingGraceMs } from "../../machines/budgets.ts";
import type { Facts } from "../domain/facts.ts";
import type { Failure } from "../domain/failure.ts";
import { isFinal, type JobSeen } from "../domain/job.ts";
import { accounting, type SubmissionNote } from "../domain/submitters.ts";
import { epochMs, type Instant, wallTime } from "../domain/time.ts";

type Notes = readonly SubmissionNote[] | undefined;

/**
 * Why nothing may be submitted beside another tool that submits for the same experiment, in one sentence; `undefined` when
 * none is at work.
 *
 * One on this machine is seen as a process. One on another machine shows only in the file that it writes, and only where
 * machines share a file system.
 */
export function describeSubmitter({ submitters }: Facts["reading"], now: Instant, lateMs: number): string | undefined {
  const [running] = submitters?.running ?? [];
  if (running !== undefined) {
    const { program, host, pid, since } = running;
    return `${program} is running on it (pid ${pid} on ${host}${since === undefined ? "" : `, since ${wallTime(since)}`}), and nothing is submitted beside it before it has ended; when it is stopped (kill ${pid}), its jobs go on`;
  }
  const fresh = lateMs === 0 ? undefined : submitters?.unfinished.find(({ changedMs, restMs }) => Math.abs(epochMs(now) - changedMs) < restMs);
  return fresh === undefined ? undefined
    : `${fresh.file} has changed within the last ${fresh.restMs / 1000} s, and its work is not over: ${fresh.program} may be running on another machine, and nothing is submitted beside it before the file rests`;
}

/** Says what another tool noted of a unit: `logs/run-torchtune.state.json says that its job 77 is COMPLETED`. */
export function quoteNotes(notes: Notes): string | undefined {
  const [note] = notes ?? [];
  return note === undefined ? undefined : `${note.file} says that ${wordsOf(note)}`;
}

/** Why what was noted of a unit does not tell yet whether its job is over, in one sentence; `undefined` when it does. */
export function whyNotesAreYoung(notes: Notes, { queue }: Facts): string | undefined {
  const [note] = notes ?? [];
  if (note === undefined || queue?.kind !== "available" || isKnownToBeOver(note, queue.jobs)) return undefined;
  // A job may be noted before the queue shows it, and the queue's answer may be older than the note.
  const isYoung = Math.abs(epochMs(queue.at) - note.changedMs) < missingGraceMs;
  return isYoung ? `${quoteNotes(notes)}, and the queue does not show it: waits ${missingGraceMs / 60_000} min in case it still comes` : undefined;
}

/** What is concluded for a unit of which nothing stands there, from what another tool noted. */
export interface NotedEnd {
  /** Whether it is said to have ended well, so that its result may only have been moved away. */
  readonly isGood: boolean;
  readonly failure: Failure;
}

/**
 * Judges what another tool noted of a unit that is not in the queue and left nothing: `undefined` when it may simply be
 * done.
 *
 * A submission that failed was no job: who names the experiment in `run` or `release` wants it done.
 *
 * @param left What it left, as the end of a sentence: `no log of it is here`.
 */
export function judgeNotes(notes: Notes, left: string, { queue }: Facts, isArmedExplicitly: boolean): NotedEnd | undefined {
  const [note] = notes ?? [];
  if (note === undefined) return undefined;
  const { file, jobId = "", state: noted = "", error } = note;
  if (noted === "SUBMIT_FAILED" && isArmedExplicitly) return undefined;
  const seen = queue?.kind === "available" ? seenIn(queue.jobs, note)?.state : undefined;
  const state = seen ?? noted;
  const isOver = isFinal(state) || noted === "SUBMIT_FAILED";
  const message = [
    quoteNotes(notes) ?? "",
    error === undefined ? "" : `: ${error}`,
    isOver ? "" : ", but no queue here holds it",
    seen === undefined || seen === noted ? "" : `, the queue that it is ${seen}`,
    `; ${left}`,
  ].join("");
  return { isGood: state === "COMPLETED", failure: { cause: isOver ? failureOf({ id: jobId, state, endedAt: "" }).cause : "lost", message, ...(file === accounting ? {} : { file }) } };
}

function isKnownToBeOver(note: SubmissionNote, jobs: readonly JobSeen[]): boolean {
  return isFinal(note.state ?? "") || isFinal(seenIn(jobs, note)?.state ?? "");
}

function seenIn(jobs: readonly JobSeen[], { jobId }: SubmissionNote): JobSeen | undefined {
  return jobs.find(({ id, key }) => key === undefined && id === jobId);
}

function wordsOf({ jobId, state, submitted }: SubmissionNote): string {
  const when = submitted === undefined ? "" : ` (submitted ${submitted})`;
  if (state === "SUBMIT_FAILED") return "sbatch failed";
  if (jobId === undefined) return `it was submitted${when}${state === undefined ? "" : ` and is ${state}`}`;
  return state === undefined ? `its job is ${jobId}${when}` : `its job ${jobId}${when} is ${state}`;
}
