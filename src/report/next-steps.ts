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
 * The next steps, each a line of Markdown. inspect-ai has no `log export`, although older notes of its users name it:
 * `eval-log` does that.
 */
export function nextSteps(view: ExperimentView): string[] {
  const logs = logsOf(evaluationUnits(view));
  const isComplete = [...runUnits(view), ...evaluationUnits(view)].every(({ status }) => status === "COMPLETED");
  const folder = shellQuote(commonFolder(logs));
  const best = bestOf(evaluationUnits(view))?.units[0]?.life.context.result;
  const log = best?.printed === true ? logs[0] : best?.log ?? logs[0];
  return [
    ...(isComplete ? [] : [`See what is left, and why: ${code("nightshift status .")}`]),
    ...(log === undefined ? [] : [
      `View detailed evaluation results: ${code(`inspect view --log-dir ${folder}`)}`,
      `Read one evaluation's header and metrics: ${code(`nightshift eval-log ${shellQuote(log)}`)}`,
      `Export raw data: ${code(`nightshift eval-log ${folder} --samples --csv > samples.csv`)}`,
    ]),
    "Full analysis: `analyze-experiment` (when available)",
  ];
}
