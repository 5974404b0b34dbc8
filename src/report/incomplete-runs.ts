import { renderTable } from "./markdown.ts";
import { noteOn } from "./reasons.ts";
import { renderTroubleshooting } from "./troubleshooting.ts";
import { type EvaluationUnit, evaluationUnits, type ExperimentView, runUnits } from "./units.ts";

/** Renders the table of all that is not complete, trainings first, each with its reason and the file to look at. */
export function renderIncompleteRuns(view: ExperimentView): string[] {
  const runs = runUnits(view).filter(({ status }) => status !== "COMPLETED");
  const evaluations = evaluationUnits(view).filter(({ status }) => status !== "COMPLETED");
  if (runs.length === 0 && evaluations.length === 0) return ["None"];
  const rows = [
    ...runs.map((unit) => [unit.run.name, unit.run.type === "fine-tuned" ? "Fine-tuning" : "Checkpoint", unit.status, noteOn(unit)]),
    ...evaluations.map((unit) => [unit.evaluation.run, stageOf(unit), unit.status, noteOn(unit)]),
  ];
  return [renderTable(["Run", "Stage", "Status", "Notes"], rows), ...renderTroubleshooting(view)];
}

function stageOf({ evaluation: { task, epoch } }: EvaluationUnit): string {
  return epoch === null ? `Evaluation ${task}` : `Evaluation ${task} (epoch ${epoch})`;
}
