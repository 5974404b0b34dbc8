import type { Failure } from "../domain/failure.ts";
import type { Attempt, EvaluationLife, RunLife, WorkContext } from "../domain/state.ts";
import type { Status } from "../domain/status.ts";
import { elapsedMs, type Instant, wallTime } from "../domain/time.ts";
import { hasFailed } from "./status-words.ts";

/** Why a run or an evaluation is in its state, in one sentence without a full stop; undefined where the status says it all. */
export function whyOf({ state, context }: RunLife | EvaluationLife): string | undefined {
  const why = context.failure === undefined ? context.reason ?? whyInFlight(state, context) ?? context.adopted : sentenceOf(context.failure);
  const staleness = context.stale === true ? "stale: its script or configuration changed after this attempt began" : undefined;
  const divergedAt = context.result !== undefined && "divergedAtStep" in context.result ? context.result.divergedAtStep : undefined;
  const divergence = divergedAt === undefined ? undefined : `diverged: no finite loss from step ${divergedAt} on`;
  const parts = [divergence, why === undefined ? undefined : withoutFullStop(why), staleness].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** Which log counts and why, where another one could have; of runs nothing. */
export function choiceOf({ context: { result } }: RunLife | EvaluationLife): string | undefined {
  return result !== undefined && "choice" in result ? result.choice : undefined;
}

/** What to say beside a status: why it is so, and after a failure the file to look at. Empty where there is nothing to say. */
export function noteOn({ life, status }: { readonly life: RunLife | EvaluationLife; readonly status: Status }): string {
  const why = whyOf(life);
  const file = hasFailed(status) ? fileToLookAt(life.context) : undefined;
  const isSaid = file === undefined || why?.includes(file) === true;
  return [why, isSaid ? undefined : `Check ${file}`].filter((part) => part !== undefined).join(". ");
}

/** A failure as one sentence: its cause, unless the message already says it, and the message. */
export function sentenceOf({ cause, message }: Failure): string {
  return speaksForItself.has(cause) || message.toLowerCase().includes(cause.toLowerCase()) ? withoutFullStop(message) : `${cause}: ${withoutFullStop(message)}`;
}

/**
 * The file to look at after a failure: the one that the failure names, else what the job left.
 *
 * `slurm-{id}.out` is what a job's output is called unless its script says otherwise; it is the last resort, as in the users' document.
 */
export function fileToLookAt({ failure, attempts, result }: WorkContext & { readonly result?: { readonly output?: string; readonly log?: string } | undefined }): string | undefined {
  const last = attempts.at(-1);
  return failure?.file ?? result?.output ?? last?.output ?? result?.log ?? (last?.jobId === undefined ? undefined : `slurm-${last.jobId}.out`);
}

/** How long the last attempt's job ran; until `now`, where one is given and the job has not ended. */
export function ranForMs({ attempts }: WorkContext, now?: Instant): number | undefined {
  const last: Attempt | undefined = attempts.at(-1);
  const end = last?.endedAt ?? now;
  return last?.startedAt === undefined || end === undefined ? undefined : elapsedMs(last.startedAt, end);
}

function whyInFlight(state: string, { attempts }: WorkContext): string | undefined {
  const last = attempts.at(-1);
  if (last?.jobId === undefined || (state !== "running" && state !== "pending")) return undefined;
  const since = state === "running" ? last.startedAt : last.submittedAt;
  return `job ${last.jobId}${since === undefined ? "" : ` since ${wallTime(since)}`}`;
}

// These causes only sort a failure; the message says what is missing or which exception it was.
const speaksForItself: ReadonlySet<string> = new Set(["error", "no checkpoint", "no evaluation log", "evaluation error", "evaluation incomplete"]);

function withoutFullStop(text: string): string {
  return text.trim().replace(/\.$/u, "");
}
