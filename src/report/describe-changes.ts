import type { Experiment } from "../domain/experiment.ts";
import type { Happening, ModuleHappening } from "../domain/happening.ts";
import type { ExperimentState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import { describeExperiment, describeFinish } from "./describe-experiment.ts";
import { describeUnit } from "./describe-unit.ts";
import { evaluation, hasBegun, isAllSubmitted, isComplete, jobIdsOf, type ModuleWork, optimization, spanMs, statusesOf } from "./module-work.ts";
import { countStatuses } from "./status-words.ts";
import { evaluationUnits, type ExperimentView, runUnits } from "./units.ts";

/**
 * Tells what happened between two states of an experiment.
 *
 * Always in the same order: the experiment, its trainings, its evaluations, its end. Passing moments between two states
 * of the same pass (ready, submitting) are not told, nor is a waiting unit's change of mind about what it waits for.
 *
 * @param before Absent when there was no state yet.
 * @param at When the change was seen.
 */
export function describeChanges(before: ExperimentState | undefined, after: ExperimentState, experiment: Experiment, at: Instant): readonly Happening[] {
  const view = { experiment, state: after };
  const earlier = { experiment, state: before ?? { ...after, runs: {}, evaluations: {} } };
  const told = { at, experiment: experiment.name };
  const runsBefore = runUnits(earlier);
  const evaluationsBefore = evaluationUnits(earlier);
  return [
    ...describeExperiment(before, view, told),
    ...describeModule(earlier, view, optimization, told, runUnits(view).flatMap((unit, index) =>
      describeUnit({ kind: "run", unit: unit.run.name, subject: unit.run.name, ...told }, runsBefore[index], unit))),
    ...describeModule(earlier, view, evaluation, told, evaluationUnits(view).flatMap((unit, index) =>
      describeUnit({ kind: "evaluation", unit: unit.key, subject: unit.title, ...told }, evaluationsBefore[index], unit))),
    ...describeFinish(before, view, told),
  ];
}

function describeModule(
  earlier: ExperimentView, view: ExperimentView, workOf: (view: ExperimentView) => ModuleWork, told: { at: Instant; experiment: string }, changes: readonly Happening[],
): Happening[] {
  const before = workOf(earlier);
  const work = workOf(view);
  const tell = (what: ModuleHappening["what"], holds: (work: ModuleWork) => boolean): ModuleHappening[] => {
    if (!holds(work) || holds(before)) return [];
    const elapsed = what === "complete" ? spanMs(work) : undefined;
    return [{
      ...told, kind: "module", subject: work.tool, module: work.module, what, total: work.units.length,
      counts: countStatuses(statusesOf(work)), jobIds: jobIdsOf(work), ...(elapsed === undefined ? {} : { elapsedMs: elapsed }),
    }];
  };
  return [...tell("begun", hasBegun), ...changes, ...tell("all submitted", isAllSubmitted), ...tell("complete", isComplete)];
}
