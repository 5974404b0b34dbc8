import type { RunType } from "../domain/experiment.ts";
import { renderTable } from "./markdown.ts";
import { unknown } from "./numbers.ts";
import { mostTelling } from "./status-words.ts";
import { evaluationsByRun, type ExperimentView, type RunUnit, runUnits } from "./units.ts";

/**
 * Renders the table of runs. The Evaluation column speaks for all of a run's evaluations: COMPLETED if all are, else the
 * most telling word among them. N/A where there is nothing to train or nothing to evaluate.
 */
export function renderRunStatus(view: ExperimentView): string[] {
  if (view.experiment.runs.length === 0) return ["The experiment has no runs."];
  const evaluations = evaluationsByRun(view);
  const rows = runUnits(view).map(({ run, status }) => [
    run.name,
    typeNames[run.type],
    run.type === "fine-tuned" ? status : unknown,
    mostTelling((evaluations.get(run.name) ?? []).map((evaluation) => evaluation.status)) ?? unknown,
  ]);
  return [renderTable(["Run", "Type", "Fine-tuning", "Evaluation"], rows)];
}

/** The runs of which nothing is left to do: trained, where that is theirs to be, and evaluated. */
export function completeRuns(view: ExperimentView): readonly RunUnit[] {
  const evaluations = evaluationsByRun(view);
  return runUnits(view).filter(({ run, status }) => status === "COMPLETED" && (evaluations.get(run.name) ?? []).every((evaluation) => evaluation.status === "COMPLETED"));
}

const typeNames: Readonly<Record<RunType, string>> = { "fine-tuned": "Fine-tuned", control: "Control", "eval-only": "Eval-only" };
