import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { WrongUse } from "./wrong-use.ts";

/** What a command is about: `EXPERIMENT[/RUN]`. */
export interface Target {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  readonly run?: string;
}

/** Finds the experiment that a path leads to or into; what follows the experiment's folder names a run. */
export function findTarget(text: string | undefined): Target {
  const path = resolve(text ?? ".");
  if (isExperiment(path)) return { folder: realpathSync(path) };
  const above = dirname(path);
  if (text !== undefined && isExperiment(above)) return { folder: realpathSync(above), run: path.slice(above.length + 1) };
  throw new WrongUse(text === undefined
    ? `the current folder is no experiment (it has no experiment_summary.yaml); name one, e.g. \`nightshift ${process.argv[2] ?? "status"} ~/experiments/my_experiment\``
    : `${path}: no experiment_summary.yaml here. Run design-experiment first, or name the folder that holds one.`);
}

/** Finds an experiment for a command that takes no run. */
export function findExperimentFolder(text: string | undefined): string {
  const { folder, run } = findTarget(text);
  if (run !== undefined) throw new WrongUse(`expected an experiment, found a run in it: ${run}; try ${folder}`);
  return folder;
}

/** Whether a folder holds an experiment. */
export function isExperiment(folder: string): boolean {
  return existsSync(join(folder, "experiment_summary.yaml"));
}
