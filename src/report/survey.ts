import { plainLine } from "../domain/plain-text.ts";
import { firstOf } from "./markdown.ts";
import { renderCounts } from "./happenings.ts";
import { shellQuote } from "./shell.ts";
import { countStatuses } from "./status-words.ts";
import { completeRuns } from "./run-status.ts";
import { type StatusView, whyExperiment, wordFor } from "./status-view.ts";
import { evaluationUnits, type ExperimentView, trainingUnits } from "./units.ts";
import { wouldSubmit } from "./would-submit.ts";

export interface SurveyOptions {
  /** Whether nothing will be submitted whatever is found. */
  readonly isDryRun: boolean;
}

/**
 * Renders what stands in the watched folders at the start: each experiment with its word and reason, what was found in
 * it, and what would be submitted; then how to let one go on.
 */
export function renderSurvey(views: readonly StatusView[], { isDryRun }: SurveyOptions): string {
  if (views.length === 0) return "No experiment is here yet; a folder with an experiment_summary.yaml that is dropped in is picked up.";
  // Where something else stands in the way, its own sentence says what helps.
  const held = views.filter((view) => wordFor(view) === "held" && view.obstacle === undefined);
  return [
    `${views.length} ${views.length === 1 ? "experiment" : "experiments"} found${isDryRun ? "; this is a dry run, nothing is submitted or written" : ""}.`,
    ...views.map(renderOne),
    ...(held.length === 0 || isDryRun ? [] : [[
      `What stood here before is held: nothing of it is submitted or changed until you release it.`,
      ...held.slice(0, 3).map(({ folder }) => `  nightshift release ${shellQuote(plainLine(folder))}`),
      ...(held.length > 3 ? ["  ..."] : []),
    ].join("\n")]),
  ].join("\n\n");
}

function renderOne(view: StatusView): string {
  const { experiment, state, folder, reading } = view;
  const known = experiment === undefined || state === undefined ? undefined : { experiment, state };
  const share = known === undefined ? "" : `, ${completeRuns(known).length}/${known.experiment.runs.length} complete`;
  const lines = [
    whyExperiment(view),
    reading === undefined || reading.traces.length === 0 ? undefined : `found: ${firstOf(reading.traces, 3)}`,
    known === undefined ? undefined : whatStands(known),
    known === undefined || wordFor(view) === "invalid" || view.obstacle !== undefined ? undefined : whatWouldBeSubmitted(known, view),
  ];
  return [
    `${plainLine(experiment?.name ?? folder.slice(folder.lastIndexOf("/") + 1))}: ${wordFor(view)}${share}  ${plainLine(folder)}`,
    ...lines.flatMap((line) => (line === undefined ? [] : [`  ${plainLine(line)}`])),
  ].join("\n");
}

function whatStands(view: ExperimentView): string {
  const tally = (noun: string, statuses: Parameters<typeof countStatuses>[0]): string[] => (statuses.length === 0 ? [] : [`${noun}: ${renderCounts(countStatuses(statuses))}`]);
  return [
    ...tally("trainings", trainingUnits(view).map(({ status }) => status)),
    ...tally("evaluations", evaluationUnits(view).map(({ status }) => status)),
  ].join("; ");
}

function whatWouldBeSubmitted(known: ExperimentView, view: StatusView): string | undefined {
  const { trainings, evaluations } = wouldSubmit(known);
  const word = wordFor(view);
  if (trainings.length + evaluations.length === 0) return word === "finished" ? undefined : "nothing is left to submit";
  const parts = [
    ...(trainings.length === 0 ? [] : [`${trainings.length} ${trainings.length === 1 ? "training" : "trainings"} (${firstOf(trainings.map(({ run }) => run.name), 5)})`]),
    ...(evaluations.length === 0 ? [] : [`${evaluations.length} ${evaluations.length === 1 ? "evaluation" : "evaluations"}`]),
  ];
  return `${word === "held" ? "would submit, once released" : "to be submitted"}: ${parts.join(", then ")}`;
}
