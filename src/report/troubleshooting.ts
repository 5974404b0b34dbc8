import type { FailureCause } from "../domain/failure.ts";
import { code } from "./markdown.ts";
import { fileToLookAt } from "./reasons.ts";
import { shellQuote } from "./shell.ts";
import { hasFailed } from "./status-words.ts";
import { type EvaluationUnit, evaluationsByRun, evaluationUnits, type ExperimentView, type RunUnit, runUnits } from "./units.ts";

/** Renders steps to take when every run failed, made for the causes at hand; nothing otherwise. */
export function renderTroubleshooting(view: ExperimentView): string[] {
  if (!everyRunFailed(view)) return [];
  const failed = [...runUnits(view), ...evaluationUnits(view)].filter(({ status }) => hasFailed(status));
  const causes = [...new Set(failed.flatMap(({ life }) => life.context.failure?.cause ?? []))];
  const file = failed.map(({ life }) => fileToLookAt(life.context)).find((path) => path?.endsWith(".out") === true);
  const steps = [
    ...(file === undefined ? [] : [`Read the end of the first output, from this folder: ${code(`tail -n 50 ${shellQuote(file)}`)}`]),
    ...causes.flatMap((cause) => advice[cause] ?? []),
    `Let nightshift look over scripts and folders: ${code("nightshift check .")}`,
    `See causes and last lines side by side: ${code("nightshift status .")}`,
  ];
  return ["**All runs failed.** What to try:", steps.map((step, index) => `${index + 1}. ${step}`).join("\n")];
}

/** Whether there are runs and each of them failed: its training, or without one all its evaluations. */
export function everyRunFailed(view: ExperimentView): boolean {
  const runs = runUnits(view);
  const evaluations = evaluationsByRun(view);
  return runs.length > 0 && runs.every((unit) => runFailed(unit, evaluations.get(unit.run.name) ?? []));
}

function runFailed({ status }: RunUnit, evaluations: readonly EvaluationUnit[]): boolean {
  return hasFailed(status) || (evaluations.length > 0 && evaluations.every((unit) => hasFailed(unit.status) || unit.status === "SKIPPED"));
}

const advice: Readonly<Partial<Record<FailureCause, string>>> = {
  "time limit": "Give the jobs more time: `#SBATCH --time` in their scripts",
  "out of memory": "Give the jobs more memory: `#SBATCH --mem` in their scripts",
  "GPU out of memory": "Make the batches smaller (`batch_size` in the training's configuration) or ask for a larger GPU",
  cancelled: "Find out who cancelled the jobs; nightshift never submits a cancelled job again by itself",
  "node failure": "Ask the cluster's staff about the nodes that failed; nightshift has used up its attempts",
  "launch failure": "See that the environment the scripts activate, and the programs they call, are there on the compute nodes",
  error: "Run one of the scripts by hand: an error that all runs share is often in the environment, the model's path or the data's path",
  "no checkpoint": "See that the trainings save checkpoints where the summary says, and that the disk and your quota have room",
  "no evaluation log": "See that the evaluation scripts reach `inspect eval`, and that their log folder can be written",
  "unreadable evaluation log": "See whether the disk or your quota is full: logs were cut short",
  "evaluation error": "Run one of the evaluations by hand with `--limit 1`",
  "submission refused": "Mend what the scheduler refused: account, partition, time limit or resources in the scripts' `#SBATCH` lines",
};
