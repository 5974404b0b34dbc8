import { isTrained } from "../domain/experiment.ts";
import { hasFailed } from "./status-words.ts";
import { type EvaluationUnit, evaluationUnits, type ExperimentView, type RunUnit, runUnits } from "./units.ts";

/**
 * Tells what nightshift would submit if nothing held the experiment back: trainings that have not begun, and evaluations
 * without a result whose run is or may yet be trained.
 */
export function wouldSubmit(view: ExperimentView): { readonly trainings: readonly RunUnit[]; readonly evaluations: readonly EvaluationUnit[] } {
  const runs = runUnits(view);
  const lost = new Set(runs.filter(({ status }) => hasFailed(status) || status === "HELD").map(({ run }) => run.name));
  return {
    trainings: runs.filter(({ run, status }) => isTrained(run) && (status === "WAITING" || status === "READY")),
    evaluations: evaluationUnits(view).filter(({ evaluation, status }) => (status === "WAITING" || status === "READY") && !lost.has(evaluation.run)),
  };
}
