import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { WrongUse } from "./wrong-use.ts";

/** What a command is about: `EXPERIMENT[/RUN[/TASK[/EPOCH]]]`. */
export interface Target {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  readonly run?: string;
  readonly task?: string;
  readonly epoch?: number;
}

/** Finds the experiment that a path leads to or into; what follows the experiment's folder names a run, a task and an epoch. */
export function findTarget(text: string | undefined): Target {
  const names: string[] = [];
  let path = resolve(text ?? ".");
  while (text !== undefined && names.length < 3 && !isExperiment(path)) {
    names.unshift(basename(path));
    path = dirname(path);
  }
  if (!isExperiment(path)) throw notFound(text);
  const [run, task, epoch] = names;
  if (epoch !== undefined && !/^(?:epoch)?\d{1,6}$/u.test(epoch)) throw new WrongUse(`expected an epoch, 0-based as on disk (${path}/${run}/${task}/0), found ${epoch}`);
  return {
    folder: realpathSync(path),
    ...(run === undefined ? {} : { run }), ...(task === undefined ? {} : { task }), ...(epoch === undefined ? {} : { epoch: Number(epoch.replace("epoch", "")) }),
  };
}

/** Finds an experiment for a command that takes no run. */
export function findExperimentFolder(text: string | undefined): string {
  const path = resolve(text ?? ".");
  if (isExperiment(path)) return realpathSync(path);
  if (text !== undefined && isExperiment(dirname(path))) throw new WrongUse(`expected an experiment, found a run in it: ${basename(path)}; try ${dirname(path)}`);
  throw notFound(text);
}

/** Whether a folder holds an experiment. */
export function isExperiment(folder: string): boolean {
  return existsSync(join(folder, "experiment_summary.yaml"));
}

function notFound(text: string | undefined): WrongUse {
  return new WrongUse(text === undefined
    ? `the current folder is no experiment (it has no experiment_summary.yaml); name one, e.g. \`nightshift ${process.argv[2] ?? "status"} ~/experiments/my_experiment\``
    : `${resolve(text)}: no experiment_summary.yaml here. Run design-experiment first, or name the folder that holds one.`);
}
