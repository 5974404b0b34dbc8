import { dirname, relative, resolve } from "node:path";

import { type Experiment, isTrained } from "../domain/experiment.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { Places } from "../domain/places.ts";
import { buildPlaces } from "./build-places.ts";
import { faultProblems, misnamedJobProblems, missingParts, sharedOutputProblems, strayScriptProblems } from "./design-problems.ts";
import { describeUnits, hashUnits, listUnits } from "./design-units.ts";
import { findForeignFolders } from "./find-foreign-folders.ts";
import { findOutsideLinks } from "./find-outside-links.ts";
import { findTraces } from "./find-traces.ts";
import { findMissing } from "./missing.ts";
import { isInside } from "./paths.ts";
import { readDesign } from "./read-design.ts";
import { readSubmitters } from "./read-submitters.ts";
import { readSummary } from "./read-summary.ts";
import { type FolderContents, walkFolder } from "./walk-folder.ts";

/**
 * Reads what stands in an experiment's folder by way of design, and the signs of earlier work.
 *
 * A user's mistakes become problems; only an outage of the file system throws.
 */
export async function readExperiment(folder: string): Promise<ExperimentReading> {
  const home = resolve(folder);
  const contents = await walkFolder(home);
  const { experiment, file, problems } = await readSummary(home);
  const found = {
    folder: home, newestChangeMs: contents.newestChangeMs, traces: contents.traces, problems: [...problems, ...contents.problems],
    designFiles: file === undefined ? [] : [file], missing: { training: [], evaluations: [] }, strayScripts: [], hashes: new Map<string, string>(),
  };
  if (experiment === undefined) return found;
  const design = await readDesign(experiment, contents.designPaths);
  const places = buildPlaces(experiment, design);
  const units = listUnits(places);
  const missing = findMissing(experiment, places, design);
  const strayScripts = findStrays(contents, places, home);
  const { submitters, problems: noteProblems } = await readSubmitters(experiment, places);
  return {
    ...found, experiment, places, missing, strayScripts,
    ...(submitters === undefined ? {} : { submitters }),
    designFiles: [...found.designFiles, ...describeUnits(units, design, home)],
    hashes: hashUnits(units, design, home),
    traces: [...found.traces, ...await tracesElsewhere(experiment, places, contents)],
    problems: [
      ...found.problems,
      ...faultProblems(units, design, home),
      ...sharedOutputProblems(places, design, home),
      ...misnamedJobProblems(places, experiment.evaluations, home),
      ...await findOutsideLinks(home, linksOfDesign(places, contents, home)),
      ...await findForeignFolders(home, experiment.hints?.directory, units, design),
      ...noteProblems,
      ...missingParts(missing, experiment.evaluations),
      ...strayScriptProblems(strayScripts),
    ],
  };
}

function findStrays({ designPaths }: FolderContents, places: Places, home: string): readonly string[] {
  const used = new Set([...places.runs.values(), ...places.evaluations.values()].flatMap(({ script }) => (script === undefined ? [] : [relative(home, script)])));
  return [...designPaths].filter((path) => path.endsWith(".slurm") && !used.has(path)).toSorted();
}

// Weights and outputs that lie elsewhere, or behind a link such as `artifacts` on a larger disk.
async function tracesElsewhere(experiment: Experiment, places: Places, { links }: FolderContents): Promise<readonly string[]> {
  const folders = experiment.runs.filter(isTrained).flatMap(({ name }) => places.runs.get(name)?.checkpointFolders ?? [])
    .filter((folder) => !isInside(folder, experiment.folder) || waysTo(relative(experiment.folder, folder)).some((way) => links.has(way)));
  return (await Promise.all([...new Set(folders)].map(findTraces))).flat();
}

function linksOfDesign(places: Places, { links }: FolderContents, home: string): readonly string[] {
  const candidates = [...places.runs.values(), ...places.evaluations.values()].flatMap(({ scriptCandidates }) => scriptCandidates);
  const ways = new Set(candidates.flatMap((path) => waysTo(relative(home, path))));
  return [...ways].filter((way) => links.has(way));
}

/** `a/b/c` as `a`, `a/b` and `a/b/c`. */
function waysTo(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === "." || folder === "/" || folder === path ? [path] : [...waysTo(folder), path];
}
