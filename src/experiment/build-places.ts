import { dirname, resolve } from "node:path";

import { type Evaluation, evaluationKey, type Experiment, type Run } from "../domain/experiment.ts";
import type { EvaluationPlaces, Places, RunPlaces } from "../domain/places.ts";
import { evaluationLayouts, fill, namesOf, trainingLayout } from "./layouts.ts";
import type { ScriptWords } from "./parse-script.ts";
import type { TrainingConfig } from "./parse-training-config.ts";
import { isInside } from "./paths.ts";

/** What must be known about an experiment's folder before its places can be told. All paths are absolute. */
export interface Design {
  /** Whether a script, a configuration or a folder of logs stands there. */
  readonly exists: (path: string) => boolean;
  readonly script: (path: string) => ScriptWords | undefined;
  readonly config: (path: string) => TrainingConfig | undefined;
}

/** Builds the places of everything in an experiment from what stands in its folder. */
export function buildPlaces(experiment: Experiment, design: Design): Places {
  return {
    runs: new Map(experiment.runs.map((run) => [run.name, placesOfRun(run, experiment, design)])),
    evaluations: withSharing(new Map(experiment.evaluations.map((evaluation) => [evaluationKey(evaluation), placesOfEvaluation(evaluation, experiment, design)]))),
  };
}

function placesOfRun(run: Run, experiment: Experiment, design: Design): RunPlaces {
  const names = namesOf(experiment, run.name);
  const [submitFolder = experiment.folder] = fill([trainingLayout.submitFolder], names);
  const none = { scriptCandidates: [], submitFolder, outputFolders: [], checkpointFolders: [], configFiles: [] };
  if (run.type === "control") return none;
  if (run.type === "eval-only") return { ...none, checkpointFolders: run.checkpointPath === undefined ? [] : [holderOf(resolve(experiment.folder, run.checkpointPath))] };
  const scriptCandidates = fill([trainingLayout.script], names);
  const script = scriptCandidates.find(design.exists);
  const configFiles = fill(trainingLayout.configs, names).filter(design.exists);
  const configs = configFiles.map((file) => design.config(file));
  const saysItself = configs.map((config) => config?.outputDir).find((folder) => folder !== undefined);
  const outputDirBase = configs.map((config) => config?.outputDirBase).find((folder) => folder !== undefined);
  const known = fill(trainingLayout.checkpoints, { ...(outputDirBase === undefined ? {} : { outputDirBase }), ...names });
  const writtenOutput = script === undefined ? undefined : design.script(script)?.outputFolder;
  const outputFolder = writtenOutput === undefined ? undefined : resolve(submitFolder, writtenOutput);
  const saved = saysItself === undefined ? undefined : resolve(submitFolder, saysItself);
  // Where no configuration says it: scripts have their output where the checkpoints go.
  const checkpointFolders = inOrder(saved ?? known.find((candidate) => candidate === outputFolder), known, experiment);
  return {
    ...(script === undefined ? {} : { script }),
    scriptCandidates, submitFolder, configFiles, checkpointFolders,
    // Scripts of 2025 left their output where they were submitted, and moved it only when training had gone well.
    outputFolders: inOrder(outputFolder, [...checkpointFolders, submitFolder], experiment),
  };
}

function placesOfEvaluation(evaluation: Evaluation, experiment: Experiment, design: Design): EvaluationPlaces {
  const names = namesOf(experiment, evaluation.run, evaluation);
  const rows = evaluationLayouts.map(({ script, submitFolder, logs, configs, areLogsShared }) => {
    const [scriptPath = "", submitPath = "", logPath = ""] = fill([script, submitFolder, logs], names);
    return { script: scriptPath, submitFolder: submitPath, logs: logPath, configFiles: fill(configs, names), areLogsShared };
  });
  const scripted = rows.find((row) => design.exists(row.script));
  const row = scripted ?? rows.find(({ logs }) => design.exists(logs)) ?? rows[0];
  if (row === undefined) throw new Error("the table of layouts is empty");
  const { logDir, jobName, outputFolder } = (scripted === undefined ? undefined : design.script(scripted.script)) ?? {};
  return {
    ...(scripted === undefined ? {} : { script: scripted.script }),
    ...(jobName === undefined ? {} : { jobName }),
    scriptCandidates: rows.map(({ script }) => script),
    submitFolder: row.submitFolder,
    ...(outputFolder === undefined ? {} : { outputFolder: resolve(row.submitFolder, outputFolder) }),
    logFolders: inOrder(logDir === undefined ? undefined : resolve(row.submitFolder, logDir), [row.logs], experiment),
    logsAreShared: row.areLogsShared,
    configFiles: row.configFiles.filter(design.exists),
  };
}

// Scripts may be written to share a folder whatever the layout.
function withSharing(places: ReadonlyMap<string, EvaluationPlaces>): ReadonlyMap<string, EvaluationPlaces> {
  const users = new Map<string, number>();
  for (const folder of [...places.values()].flatMap(({ logFolders }) => logFolders)) users.set(folder, (users.get(folder) ?? 0) + 1);
  return new Map([...places].map(([key, place]) =>
    [key, { ...place, logsAreShared: place.logsAreShared || place.logFolders.some((folder) => (users.get(folder) ?? 0) > 1) }]));
}

/**
 * Puts the folder that a script or a configuration names in front of the usual ones.
 *
 * Only where it lies in the folder an experiment was copied or moved from, its own folders come first: they are its own.
 */
function inOrder(named: string | undefined, usual: readonly string[], { folder, hints }: Experiment): readonly string[] {
  const isFormerHome = named !== undefined && hints?.directory !== undefined && isInside(named, hints.directory) && !isInside(named, folder);
  const all = isFormerHome ? [...usual.filter((path) => isInside(path, folder)), named, ...usual] : [...(named === undefined ? [] : [named]), ...usual];
  return [...new Set(all)];
}

// Weights are looked for as `epoch_N` inside a folder; a path to one epoch says the folder around it.
function holderOf(checkpoint: string): string {
  return /\/epoch_\d+$/u.test(checkpoint) ? dirname(checkpoint) : checkpoint;
}
