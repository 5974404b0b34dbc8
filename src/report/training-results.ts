import { formatElapsed } from "../domain/elapsed.ts";
import type { TrainingResult } from "../domain/state.ts";
import { isOver } from "../domain/status.ts";
import { escapeMarkdown, firstOf, labelled, listOf, renderTable } from "./markdown.ts";
import { formatLoss, unknown } from "./numbers.ts";
import { ranForMs } from "./reasons.ts";
import { type ExperimentView, formerUnits, type RunUnit, runUnits, trainingUnits } from "./units.ts";

/**
 * Renders the table of trainings and the notes below it.
 *
 * A training that failed has a row if it printed a loss before, and a note that says what that loss is.
 */
export function renderTrainingResults(view: ExperimentView): string[] {
  const trainings = trainingUnits(view);
  const units = trainings.filter(hasResult);
  const rows = units.map(({ run, life: { context } }) => [
    run.name, formatLoss(context.result?.finalLoss), String(context.result?.totalSteps ?? unknown), epochsOf(context.result), durationOf(context),
  ]);
  const table = rows.length > 0
    ? renderTable(["Run", "Final Loss", "Total Steps", "Epochs", "Duration"], rows)
    : trainings.length === 0 ? "The experiment has no fine-tuned runs." : `No training has a result${trainings.every(({ status }) => isOver(status)) ? "" : " yet"}.`;
  const notes = renderNotes(view, units);
  return notes.length === 0 ? [table] : [table, labelled("Notes", notes)];
}

function hasResult({ status, life: { context } }: RunUnit): boolean {
  return status === "COMPLETED" || context.result?.finalLoss !== undefined || context.result?.totalSteps !== undefined;
}

// Where no output tells how many epochs were begun, a checkpoint does: they count from 0.
function epochsOf(result: TrainingResult | undefined): string {
  const last = result?.checkpoints.at(-1);
  return String(result?.epochs ?? (last === undefined ? unknown : last + 1));
}

function durationOf(context: RunUnit["life"]["context"]): string {
  const ms = ranForMs(context);
  return ms === undefined ? unknown : formatElapsed(ms);
}

function renderNotes(view: ExperimentView, units: readonly RunUnit[]): string[] {
  const runs = runUnits(view);
  const clock = view.state.life.context.scheduler === "local" ? "the local scheduler's job times" : "SLURM elapsed time";
  const former = formerUnits(view);
  return [
    ...(runs.some(({ run }) => run.type === "control") ? ["Base model runs have no training loss (control)"] : []),
    ...runs.filter(({ run }) => run.type === "eval-only").map(({ run }) =>
      `${escapeMarkdown(run.name)} was trained elsewhere${run.checkpointPath === undefined ? "" : `: ${escapeMarkdown(run.checkpointPath)}`}`),
    ...(units.length > 0 ? [`Duration from ${clock} (if available)`] : []),
    ...units.filter(({ status }) => status !== "COMPLETED").map(({ run, status }) =>
      `${escapeMarkdown(run.name)} is not complete (${status}): its loss is the last one printed`),
    ...units.flatMap(({ run, life }) => divergence(run.name, life.context.result)),
    ...stalenessOf(runs),
    ...units.filter(({ life }) => life.context.adopted !== undefined).map(({ run, life }) =>
      `${escapeMarkdown(run.name)} was not trained by nightshift: ${escapeMarkdown(life.context.adopted ?? "")}`),
    ...(former.runs.length === 0 ? [] : [`No longer in the experiment, and left out here: ${escapeMarkdown(firstOf(former.runs))}`]),
  ];
}

function divergence(name: string, result: TrainingResult | undefined): string[] {
  if (result?.divergedAtStep !== undefined) {
    return [`${escapeMarkdown(name)} diverged: from step ${result.divergedAtStep} on its loss is not a finite number`];
  }
  const isFinite = result?.finalLoss === undefined || Number.isFinite(result.finalLoss);
  return isFinite ? [] : [`${escapeMarkdown(name)} diverged: its last loss is not a finite number`];
}

function stalenessOf(units: readonly RunUnit[]): string[] {
  const stale = units.filter(({ life }) => life.context.stale === true).map(({ run }) => run.name);
  return stale.length === 0 ? [] : [`Stale, because script or configuration changed after the training began: ${listOf(stale.map(escapeMarkdown))}`];
}
