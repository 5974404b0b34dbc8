import type { RunType } from "../domain/experiment.ts";
import { renderTable } from "./markdown.ts";
import { unknown } from "./numbers.ts";
import { mostTelling } from "./status-words.ts";
import { type EvaluationUnit, evaluationUnits, type ExperimentView, type RunUnit, runUnits } from "./units.ts";

/**
 * Renders the table of runs. The Evaluation column speaks for all of a run's evaluations: COMPLETED if all are, else the
 * most telling word among them. N/A where there is nothing to train or nothing to evaluate.
 */
export function renderRunStatus(view: ExperimentView): string[] {
  if (view.experiment.runs.length === 0) return ["The experiment has no runs."];
  const rows = runUnits(view).map((unit) => [
    unit.run.name,
    typeNames[unit.run.type],
    unit.run.type === "fine-tuned" ? unit.status : unknown,
    mostTelling(evaluationsOf(unit, view).map(({ status }) => status)) ?? unknown,
  ]);
  return [renderTable(["Run", "Type", "Fine-tuning", "Evaluation"], rows)];
}

/** The runs of which nothing is left to do: trained, where that is theirs to be, and evaluated. */
export function completeRuns(view: ExperimentView): readonly RunUnit[] {
  return runUnits(view).filter((unit) => unit.status === "COMPLETED" && evaluationsOf(unit, view).every(({ status }) => status === "COMPLETED"));
}

const typeNames: Readonly<Record<RunType, string>> = { "fine-tuned": "Fine-tuned", control: "Control", "eval-only": "Eval-only" };

function evaluationsOf({ run }: RunUnit, view: ExperimentView): EvaluationUnit[] {
  return evaluationUnits(view).filter(({ evaluation }) => evaluation.run === run.name);
}
