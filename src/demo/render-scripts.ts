import { cellName } from "../domain/experiment.ts";
import type { Evaluation } from "../domain/experiment.ts";
import { placesOf, task } from "./plan.ts";
import type { DemoPlan, DemoRun } from "./plan.ts";

/** Renders a run's `finetune.slurm`, which is submitted from the run's folder. */
export function renderTrainingScript({ finalFolder, node, program }: DemoPlan, { name }: DemoRun): string {
  const artifacts = placesOf(finalFolder).artifacts(name);
  return renderScript({ jobName: name, outputFolder: artifacts, time: "00:10:00" }, [
    `mkdir -p ${quoteForShell(artifacts)}`,
    "",
    `${quoteForShell(node)} ${quoteForShell(program)} train \\`,
    "  --config finetune.yaml",
  ]);
}

/** Renders the `cell.slurm` of one evaluation. */
export function renderEvaluationScript({ finalFolder, node, program }: DemoPlan, evaluation: Evaluation): string {
  const { run, epoch } = evaluation;
  const { artifacts, modelPath } = placesOf(finalFolder);
  // As the toolkit does it: outputs of evaluations lie beside the checkpoint, those of a control in its artifacts.
  const outputFolder = epoch === null ? artifacts(run) : modelPath(evaluation);
  return renderScript({ jobName: `eval-${task}${epoch === null ? "" : `-ep${epoch}`}`, outputFolder, time: "00:05:00" }, [
    `cd ${quoteForShell(`${finalFolder}/${run}/eval/${cellName(evaluation)}`)} || exit 1`,
    "",
    `${quoteForShell(node)} ${quoteForShell(program)} evaluate \\`,
    "  --config eval.yaml \\",
    "  --log-dir ./logs",
  ]);
}

// No `exec` in the body: whoever put a trap before it waits for the shell's end.
function renderScript(job: { readonly jobName: string; readonly outputFolder: string; readonly time: string }, body: readonly string[]): string {
  return [
    "#!/bin/sh",
    `#SBATCH --job-name=${job.jobName} # Job name`,
    "#SBATCH --nodes=1 # Number of nodes",
    "#SBATCH --ntasks=1 # Number of tasks",
    "#SBATCH --cpus-per-task=1",
    "#SBATCH --mem=1G # Memory allocation",
    `#SBATCH --time=${job.time} # Time limit (HH:MM:SS)`,
    `#SBATCH --output=${quoteForDirective(`${job.outputFolder.replaceAll("%", "%%")}/slurm-%j.out`)}`,
    "",
    ...body,
    "",
  ].join("\n");
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

// sbatch splits a directive at blanks and ends it at `#`, unless they are quoted.
function quoteForDirective(text: string): string {
  return /^[\w./%+:,@-]+$/u.test(text) ? text : `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}
