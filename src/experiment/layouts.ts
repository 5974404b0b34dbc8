import { resolve } from "node:path";

import { cellName, type Evaluation, type Experiment, isTrained } from "../domain/experiment.ts";

// The generations of folders, newest first. {run}, {task} and {experiment} are names, {cell} is `{task}_epoch{N}` or, of
// runs without epochs, `{task}`; {outputBase} and {outputDirBase} are folders that older summaries and configurations
// name. What is relative lies in the experiment's folder; what names an unknown folder is left out.

/** Where the things of a training are. */
export const trainingLayout = {
  script: "{run}/finetune.slurm",
  submitFolder: "{run}",
  configs: ["{run}/finetune.yaml", "{run}/setup_finetune.yaml"],
  checkpoints: [
    "{run}/artifacts", // since 2026-04-29
    "{outputBase}/ck-out-{run}", // 2025-11
    "{outputDirBase}/{experiment}/ck-out-{run}", // 2025-10
    "{outputDirBase}/ck-out-{run}", // 2025-09
  ],
};

const perCell = {
  submitFolder: "{run}/eval/{cell}", logs: "{run}/eval/{cell}/logs", areLogsShared: false,
  configs: ["{run}/eval/{cell}/eval.yaml", "{run}/eval/{cell}/eval_config.yaml"],
};

/** Where the things of an evaluation are; the first whose script stands there counts. */
export const evaluationLayouts = [
  { script: "{run}/eval/{cell}/cell.slurm", ...perCell }, // since 2026-05-20
  { script: "{run}/eval/{cell}/{cell}.slurm", ...perCell }, // for some weeks of 2026-05
  {
    script: "{run}/eval/{cell}.slurm", submitFolder: "{run}/eval", logs: "{run}/eval/logs", areLogsShared: true,
    configs: ["{run}/eval/eval.yaml", "{run}/eval/eval_config.yaml"],
  },
];

/** All paths where a script or a configuration of the experiment would be, in any generation. */
export function designPaths(experiment: Experiment): readonly string[] {
  return [
    ...experiment.runs.filter(isTrained).flatMap((run) => fill([trainingLayout.script, ...trainingLayout.configs], namesOf(experiment, run.name))),
    ...experiment.evaluations.flatMap((evaluation) =>
      evaluationLayouts.flatMap(({ script, configs }) => fill([script, ...configs], namesOf(experiment, evaluation.run, evaluation)))),
  ];
}

/** What stands for a placeholder, by its name. */
export type Names = Readonly<Record<string, string>>;

/** The names for an experiment's run, and for one of its evaluations. */
export function namesOf(experiment: Experiment, run: string, evaluation?: Evaluation): Names {
  const { outputBase, outputDirBase } = experiment.hints ?? {};
  return {
    root: experiment.folder, experiment: experiment.name, run,
    ...(evaluation === undefined ? {} : { cell: cellName(evaluation) }),
    ...(outputBase === undefined ? {} : { outputBase }),
    ...(outputDirBase === undefined ? {} : { outputDirBase }),
  };
}

/** Fills in templates, into absolute paths. Templates with a name that is not known are left out. */
export function fill(templates: readonly string[], names: Names): readonly string[] {
  return templates.flatMap((template) => {
    const isKnown = [...template.matchAll(placeholder)].every(([, name = ""]) => names[name] !== undefined);
    return isKnown ? [resolve(names["root"] ?? "/", template.replace(placeholder, (_whole, name: string) => names[name] ?? ""))] : [];
  });
}

const placeholder = /\{(\w+)\}/gu;
