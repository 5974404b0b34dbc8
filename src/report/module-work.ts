import type { ModuleHappening } from "../domain/happening.ts";
import type { Attempt } from "../domain/state.ts";
import { isOver, type Status } from "../domain/status.ts";
import { elapsedMs, epochMs, type Instant } from "../domain/time.ts";
import { type EvaluationUnit, evaluationUnits, type ExperimentView, type RunUnit, trainingUnits } from "./units.ts";

/** What one tool has to do in an experiment, and how far it is. */
export interface ModuleWork {
  readonly module: ModuleHappening["module"];
  /** `torchtune`, `inspect-ai`. */
  readonly tool: string;
  readonly units: readonly (RunUnit | EvaluationUnit)[];
}

export function optimization(view: ExperimentView): ModuleWork {
  return { module: "optimization", tool: view.experiment.optimizer, units: trainingUnits(view) };
}

export function evaluation(view: ExperimentView): ModuleWork {
  return { module: "evaluation", tool: view.experiment.evaluator, units: evaluationUnits(view) };
}

export function hasBegun({ units }: ModuleWork): boolean {
  return units.some(({ life }) => life.context.attempts.length > 0);
}

/** Whether nothing is left to submit for the first time. A job that is tried again was submitted all the same. */
export function isAllSubmitted(work: ModuleWork): boolean {
  return hasBegun(work) && work.units.every(({ status, life }) => isOver(status) || life.context.attempts.some(({ jobId }) => jobId !== undefined));
}

export function isComplete({ units }: ModuleWork): boolean {
  return units.length > 0 && units.every(({ status }) => isOver(status));
}

export function statusesOf({ units }: ModuleWork): Status[] {
  return units.map(({ status }) => status);
}

/** Jobs of the current attempts, in the experiment's order. */
export function jobIdsOf({ units }: ModuleWork): string[] {
  return units.flatMap(({ life }) => life.context.attempts.at(-1)?.jobId ?? []);
}

/** From the first submission to the last end of all attempts at this work; undefined where nightshift did none of it, or is not done. */
export function spanMs(...works: readonly ModuleWork[]): number | undefined {
  const attempts = works.flatMap(({ units }) => units.flatMap(({ life }): readonly Attempt[] => life.context.attempts));
  const begins = attempts.flatMap(({ submittedAt }) => submittedAt ?? []);
  const ends = attempts.flatMap(({ endedAt }) => endedAt ?? []);
  const first = begins.reduce<Instant | undefined>((a, b) => (a === undefined || epochMs(b) < epochMs(a) ? b : a), undefined);
  const last = ends.reduce<Instant | undefined>((a, b) => (a === undefined || epochMs(b) > epochMs(a) ? b : a), undefined);
  const isDone = works.every(({ units }) => units.every(({ status }) => isOver(status)));
  return first === undefined || last === undefined || !isDone ? undefined : elapsedMs(first, last);
}
