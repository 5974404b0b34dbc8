import type { EvaluationLog } from "../../domain/evaluator.ts";
import { epochMs, wallTime } from "../../domain/time.ts";

/** What the choice is made by, besides the log itself. */
export interface Candidate {
  readonly log: EvaluationLog;
  readonly hasResults: boolean;
  /** Whether somebody marked it, or samples of it, as invalid. */
  readonly isInvalid: boolean;
  /** By which job it was told apart from the logs of other evaluations, where it does not say itself what it is of. */
  readonly writer?: string;
}

/** The log that counts, and in one sentence why, where there was a choice. */
export interface Choice {
  readonly log?: EvaluationLog;
  readonly choice?: string;
}

/**
 * Chooses the log that counts: by status (success, then success that was marked as invalid, then any with results, then
 * the rest), then by completed samples, then by creation; among logs of the same creation (a rescored or recovered copy keeps it) the last in name order.
 *
 * The file's time is no criterion: copying and checking out change it.
 */
export function chooseLog(candidates: readonly Candidate[]): Choice {
  const [best, second] = candidates.toSorted(byMerit);
  if (best === undefined) return {};
  const writer = best.writer === undefined ? "" : `; that it is of this evaluation is told by ${best.writer}`;
  if (second === undefined) return { log: best.log, ...(writer === "" ? {} : { choice: `${nameOf(best)} counts${writer}` }) };
  return { log: best.log, choice: `${nameOf(best)} counts, of ${candidates.length} logs, ${reason(best, second)}${writer}` };
}

function byMerit(a: Candidate, b: Candidate): number {
  return rank(b) - rank(a)
    || completed(b) - completed(a)
    || epochMs(b.log.created) - epochMs(a.log.created)
    || stem(b).localeCompare(stem(a), "en", { numeric: true });
}

function reason(best: Candidate, second: Candidate): string {
  if (rank(best) !== rank(second)) return `because of its status: ${describe(best)} rather than ${describe(second)}`;
  if (completed(best) !== completed(second)) return `because it has more completed samples, ${completed(best)} rather than ${completed(second)}`;
  if (epochMs(best.log.created) === epochMs(second.log.created)) return "because it is the later version of the same log";
  return `because it was created last, ${wallTime(best.log.created)}`;
}

function rank({ log, hasResults, isInvalid }: Candidate): number {
  if (log.status === "success") return isInvalid ? 2 : 3;
  return hasResults ? 1 : 0;
}

function describe({ log, hasResults, isInvalid }: Candidate): string {
  if (log.status === "success") return isInvalid ? "success that was marked as invalid" : log.status;
  return hasResults ? `${log.status} with results` : `${log.status} without results`;
}

function completed({ log }: Candidate): number {
  return log.completedSamples ?? 0;
}

function nameOf({ log }: Candidate): string {
  return log.path.slice(log.path.lastIndexOf("/") + 1);
}

// `X.eval` comes before `X-scored.eval`, which the dot would not.
function stem(candidate: Candidate): string {
  return nameOf(candidate).replace(/\.(?:eval|json)$/u, "");
}
