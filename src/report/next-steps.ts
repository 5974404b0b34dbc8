import { bestOf } from "./best-performing.ts";
import { code } from "./markdown.ts";
import { commonFolder, logsOf } from "./result-paths.ts";
import { shellQuote } from "./shell.ts";
import { evaluationUnits, type ExperimentView, runUnits } from "./units.ts";

/** Renders what to do next, with commands that work as they stand when typed in the experiment's folder. */
export function renderNextSteps(view: ExperimentView): string[] {
  return [nextSteps(view).map((step, index) => `${index + 1}. ${step}`).join("\n")];
}

/**
 * The next steps, each a line of Markdown.
 *
 * inspect-ai has no `log export`, although older notes of its users name it: `log convert` and `log dump` are what there is.
 */
export function nextSteps(view: ExperimentView): string[] {
  const logs = logsOf(evaluationUnits(view));
  const isComplete = [...runUnits(view), ...evaluationUnits(view)].every(({ status }) => status === "COMPLETED");
  const folder = shellQuote(commonFolder(logs));
  const best = bestOf(evaluationUnits(view))?.units[0]?.life.context.result?.log ?? logs[0];
  return [
    ...(isComplete ? [] : [`See what is left, and why: ${code("nightshift status .")}`]),
    ...(best === undefined ? [] : [
      `View detailed evaluation results: ${code(`inspect view --log-dir ${folder}`)}`,
      `Read one evaluation's header and metrics: ${code(`inspect log dump --header-only ${shellQuote(best)}`)}`,
      `Export raw data: ${code(`inspect log convert --to json --output-dir eval-json ${folder}`)}`,
    ]),
    "Full analysis: `analyze-experiment` (when available)",
  ];
}
