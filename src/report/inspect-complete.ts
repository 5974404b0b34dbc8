import { formatElapsed } from "../domain/elapsed.ts";
import { countOf } from "./happenings.ts";
import { code, escapeMarkdown } from "./markdown.ts";
import { evaluation } from "./module-work.ts";
import { nextSteps } from "./next-steps.ts";
import { noteOn, ranForMs } from "./reasons.ts";
import { logFolders } from "./result-paths.ts";
import { shellQuote } from "./shell.ts";
import { hasFailed } from "./status-words.ts";
import { type EvaluationUnit, type ExperimentView, type RunUnit, titleOf } from "./units.ts";

/** Renders the summary that closes `run-inspect.log`, in the structure of the users' document for it. */
export function renderInspectComplete(view: ExperimentView): string {
  const work = evaluation(view);
  const completed = work.units.filter(({ status }) => status === "COMPLETED");
  const failed = work.units.filter(({ status }) => hasFailed(status));
  const rest = work.units.filter((unit) => !completed.includes(unit) && !failed.includes(unit));
  const folders = logFolders(work.units);
  const outputs = work.units.flatMap(({ life }) => life.context.attempts.at(-1)?.output ?? []);
  return `${[
    "## Run Inspect Complete",
    rest.every(({ status }) => status === "SKIPPED") ? `All ${work.units.length} evaluations have finished.` : `${completed.length + failed.length} of ${work.units.length} evaluations have finished.`,
    "### Final Status",
    list(`✓ COMPLETED: ${countOf(completed.length, "evaluation")}`, completed, completionOf),
    list(`✗ FAILED: ${countOf(failed.length, "evaluation")}`, failed, failureOf),
    ...(rest.length === 0 ? [] : [list(`○ NOT DONE: ${countOf(rest.length, "evaluation")}`, rest, failureOf)]),
    "### Results",
    folders.length === 0 ? "No evaluation log was written." : ["Evaluation logs saved to:", ...folders.map((folder) => `- ${code(`${folder}*.eval`)}`)].join("\n"),
    ...(outputs.length === 0 ? [] : [["Job outputs available:", ...outputs.map((output) => `- ${code(output)}`)].join("\n")]),
    "### Viewing Results",
    ["```bash", `cd ${shellQuote(view.experiment.folder)}`, "```"].join("\n"),
    nextSteps(view).map((step, index) => `${index + 1}. ${step}`).join("\n"),
    `See ${code("run-inspect.log")} for the detailed history and ${code("summary.md")} for the numbers.`,
  ].join("\n\n")}\n`;
}

function list(label: string, units: readonly (RunUnit | EvaluationUnit)[], about: (unit: RunUnit | EvaluationUnit) => string): string {
  return [label, ...units.map((unit) => `  - ${escapeMarkdown(titleOf(unit))}${about(unit)}`)].join("\n");
}

function completionOf({ life }: RunUnit | EvaluationUnit): string {
  const jobId = life.context.attempts.at(-1)?.jobId;
  const ms = ranForMs(life.context);
  return `${jobId === undefined ? "" : ` (Job ${jobId})`}${ms === undefined ? "" : ` - ${formatElapsed(ms)}`}`;
}

function failureOf(unit: RunUnit | EvaluationUnit): string {
  const jobId = unit.life.context.attempts.at(-1)?.jobId;
  return `${jobId === undefined ? "" : ` (Job ${jobId})`} - ${escapeMarkdown([unit.status, noteOn(unit)].filter((part) => part !== "").join(", "))}`;
}
