import type { EvaluationHappening, RunHappening } from "../domain/happening.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Attempt } from "../domain/state.ts";
import type { Status } from "../domain/status.ts";
import { elapsedMs } from "../domain/time.ts";
import { whyOf } from "./reasons.ts";
import type { EvaluationUnit, RunUnit } from "./units.ts";

type UnitHappening = RunHappening | EvaluationHappening;

/** What is the same in every happening to one unit. */
export type UnitTold = Pick<UnitHappening, "kind" | "unit" | "subject" | "at" | "experiment">;

/** Tells what happened to one run or evaluation: its submissions, its change of status, a new reading of its files. */
export function describeUnit(told: UnitTold, before: RunUnit | EvaluationUnit | undefined, after: RunUnit | EvaluationUnit): UnitHappening[] {
  const { context } = after.life;
  const from = before?.status ?? "WAITING";
  const last = context.attempts.at(-1);
  const why = whyOf(after.life);
  const tell = (what: UnitHappening["what"], attempt: Attempt | undefined, between: { from: Status; to: Status }, details: object = {}): UnitHappening =>
    ({ ...told, what, ...between, ...aboutJob(attempt), ...details });
  const outcome = { ...(why === undefined ? {} : { reason: plainLine(why) }), ...definedOnly({ failure: context.failure, result: context.result }) };

  const submitted = context.attempts.filter(({ number, jobId }) => jobId !== undefined && jobIdOf(before, number) === undefined);
  const reached = submitted.length > 0 ? "PENDING" : from;
  const isRefused = context.failure?.cause === "submission refused" && before?.life.context.failure?.cause !== "submission refused";
  const resultChanged = context.result !== undefined && JSON.stringify(context.result) !== JSON.stringify(before?.life.context.result);
  const isToldAsChange = reached !== after.status && !isRefused && !(isPassing(reached) && isPassing(after.status));
  return [
    ...submitted.map((attempt) => tell("submitted", attempt, { from, to: "PENDING" }, definedOnly({ reason: attempt.adoptedFrom }))),
    ...(isRefused ? [tell("submission failed", last, { from, to: after.status }, outcome)] : []),
    ...(isToldAsChange ? [tell("status changed", last, { from: reached, to: after.status }, outcome)] : []),
    ...(resultChanged && !isToldAsChange && before?.status === after.status && !isControl(after) ? [tell("result read", last, { from, to: after.status }, outcome)] : []),
    ...(context.stale === true && before?.life.context.stale !== true ? [tell("became stale", last, { from, to: after.status })] : []),
  ];
}

// A unit goes through these within one pass on its way to its job; where it stops is told by its reason in the status.
function isPassing(status: Status): boolean {
  return status === "WAITING" || status === "READY" || status === "SUBMITTING" || status === "RETRYING";
}

function isControl(unit: RunUnit | EvaluationUnit): boolean {
  return "run" in unit && unit.run.type === "control";
}

function jobIdOf(unit: RunUnit | EvaluationUnit | undefined, attempt: number): string | undefined {
  return unit?.life.context.attempts.find(({ number }) => number === attempt)?.jobId;
}

function aboutJob(attempt: Attempt | undefined): object {
  if (attempt === undefined) return {};
  const { number, jobId, startedAt, endedAt } = attempt;
  return { attempt: number, ...definedOnly({ jobId, startedAt, endedAt, elapsedMs: startedAt === undefined || endedAt === undefined ? undefined : elapsedMs(startedAt, endedAt) }) };
}

function definedOnly(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
