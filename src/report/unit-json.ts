import type { EvaluationLog } from "../domain/evaluator.ts";
import type { Evaluation, RunType } from "../domain/experiment.ts";
import type { Failure } from "../domain/failure.ts";
import { plainText } from "../domain/plain-text.ts";
import { maskSecrets } from "../domain/secrets.ts";
import type { Status } from "../domain/status.ts";
import type { Instant } from "../domain/time.ts";
import { fileToLookAt, ranForMs, whyOf } from "./reasons.ts";
import { hasFailed } from "./status-words.ts";
import type { StatusView, Tail } from "./status-view.ts";
import type { EvaluationUnit, RunUnit } from "./units.ts";

/** One run or evaluation for `status --json`. */
export interface UnitJson extends Partial<Pick<Evaluation, "task" | "epoch">> {
  readonly run: string;
  readonly type?: RunType;
  readonly status: Status;
  /** Why the status is what it is, or what it waits for. */
  readonly reason?: string;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly jobId?: string;
  readonly submittedAt?: Instant;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** Until now, while the job runs. */
  readonly elapsedMs?: number;
  readonly stale?: boolean;
  readonly failure?: Failure;
  /** The file to look at after a failure, and its end. */
  readonly file?: string;
  readonly tail?: Tail;
  /** Of a running evaluation, as its log says: no result yet. */
  readonly progress?: { readonly completed_samples: number; readonly total_samples?: number; readonly accuracy?: unknown };
  /** As in the state; numbers that JSON has no word for are the strings `NaN`, `Infinity`, `-Infinity`. */
  readonly result?: unknown;
}

/** Builds the plain object of one run or evaluation. */
export function buildUnitJson(unit: RunUnit | EvaluationUnit, { tails, evaluations }: StatusView, now: Instant): UnitJson {
  const { context } = unit.life;
  const last = context.attempts.at(-1);
  const fields = {
    reason: cleaned(whyOf(unit.life)), jobId: last?.jobId, submittedAt: last?.submittedAt, startedAt: last?.startedAt, endedAt: last?.endedAt,
    elapsedMs: ranForMs(context, unit.status === "RUNNING" ? now : undefined), stale: context.stale, failure: cleaned(context.failure),
    file: hasFailed(unit.status) ? fileToLookAt(context) : undefined, tail: cleaned(tails?.get("run" in unit ? unit.run.name : unit.key)),
    progress: unit.status === "RUNNING" && !("run" in unit) ? progressOf(evaluations?.get(unit.key)?.log) : undefined,
    result: cleaned(context.result),
  };
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const name = "run" in unit ? { run: unit.run.name, type: unit.run.type } : unit.evaluation;
  return { ...name, status: unit.status, attempts: context.attempts.length, ...known };
}

function progressOf(log: EvaluationLog | undefined): UnitJson["progress"] {
  if (log?.completedSamples === undefined) return undefined;
  const { completedSamples, totalSamples, soFar } = log;
  return {
    completed_samples: completedSamples, ...(totalSamples === undefined ? {} : { total_samples: totalSamples }), ...(soFar?.accuracy === undefined ? {} : { accuracy: cleaned(soFar.accuracy) }),
  };
}

// Texts lose escape codes and secrets, and numbers that JSON has no word for are spelled out.
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return maskSecrets(plainText(value));
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleaned(inner)]));
}
