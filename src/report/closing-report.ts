import { formatElapsed } from "../domain/elapsed.ts";
import { isOver } from "../domain/status.ts";
import { code, escapeMarkdown, firstOf, labelled } from "./markdown.ts";
import { evaluation, type ModuleWork, optimization, spanMs } from "./module-work.ts";
import { nextSteps } from "./next-steps.ts";
import { unknown } from "./numbers.ts";
import { noteOn, ranForMs } from "./reasons.ts";
import { checkpointFolders, logFolders } from "./result-paths.ts";
import { hasFailed } from "./status-words.ts";
import { type EvaluationUnit, type ExperimentView, type RunUnit, titleOf } from "./units.ts";

/**
 * Renders the closing report of an experiment, in the structure of the users' document for it.
 *
 * Its heading tells success, partial success, failure and an end before everything was done apart; a tick stands only
 * where everything completed.
 */
export function renderClosingReport(view: ExperimentView): string {
  const training = optimization(view);
  const evaluating = evaluation(view);
  const span = (work: readonly ModuleWork[]): string => elapsedText(spanMs(...work));
  return `${[
    `## Run Experiment ${headingOf([training, evaluating])}`,
    `Experiment: ${code(view.experiment.folder)}`,
    "### Optimization Results",
    ...moduleSection(training, "runs", [`**Model checkpoints:** ${pathList(checkpointFolders(training.units))}`]),
    "### Evaluation Results",
    ...moduleSection(evaluating, "evaluations", [`**Evaluation logs:** ${pathList(logFolders(evaluating.units))}`]),
    "### Total Time",
    [`Complete workflow: ${span([training, evaluating])}`, `- Optimization: ${span([training])}`, `- Evaluation: ${span([evaluating])}`].join("\n"),
    "### Next Steps",
    ["From the experiment's folder:", ...nextSteps(view).map((step, index) => `${index + 1}. ${step}`)].join("\n"),
  ].join("\n\n")}\n`;
}

/** How it all ended, in a word or two after "Run Experiment". */
function headingOf(works: readonly ModuleWork[]): string {
  const statuses = works.flatMap(({ units }) => units.map(({ status }) => status));
  if (!statuses.every(isOver)) return "Not Complete";
  if (statuses.every((status) => status === "COMPLETED")) return "Complete";
  return statuses.includes("COMPLETED") ? "Complete (partial success)" : "Failed";
}

function moduleSection(work: ModuleWork, noun: "runs" | "evaluations", paths: readonly string[]): string[] {
  const { units } = work;
  if (units.length === 0) return [`None: the experiment has no ${noun === "runs" ? "fine-tuned runs" : "evaluations"}.`];
  const completed = units.filter(({ status }) => status === "COMPLETED");
  const failed = units.filter(({ status }) => hasFailed(status));
  const skipped = units.filter(({ status }) => status === "SKIPPED");
  const unfinished = units.filter(({ status }) => !isOver(status));
  const mark = completed.length === units.length ? "✓" : "✗";
  return [
    `${mark} ${completed.length}/${units.length} ${noun} completed successfully`,
    `Duration: ${elapsedText(spanMs(work))}`,
    list(`Completed ${noun}`, completed, (unit) => elapsedText(ranForMs(unit.life.context))),
    list(`Failed ${noun}`, failed, statusNote),
    ...(skipped.length === 0 ? [] : [list(`Skipped ${noun}`, skipped, (unit) => escapeMarkdown(noteOn(unit)))]),
    ...(unfinished.length === 0 ? [] : [list(`Unfinished ${noun}`, unfinished, statusNote)]),
    ...paths,
  ];
}

function list(label: string, units: ModuleWork["units"], about: (unit: RunUnit | EvaluationUnit) => string): string {
  return units.length === 0 ? `**${label}:** none` : labelled(label, units.map((unit) => `${escapeMarkdown(titleOf(unit))}: ${about(unit)}`));
}

function statusNote(unit: RunUnit | EvaluationUnit): string {
  return escapeMarkdown([unit.status, noteOn(unit)].filter((part) => part !== "").join(", "));
}

function pathList(paths: readonly string[]): string {
  return paths.length === 0 ? "none" : firstOf(paths.map(code), 20);
}

function elapsedText(ms: number | undefined): string {
  return ms === undefined ? unknown : formatElapsed(ms);
}
