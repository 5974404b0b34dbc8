import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";

import { plainLine } from "../domain/plain-text.ts";
import type { Problem } from "../domain/problem.ts";
import type { DesignContent } from "./design-files.ts";
import type { DesignUnits } from "./design-units.ts";
import { findPathsUnder, findWrittenPaths, type NamedPath } from "./find-paths.ts";
import { memoized } from "./memoized.ts";
import { isInside } from "./paths.ts";
import { type ReadDesign, textOf } from "./read-design.ts";

/**
 * Finds scripts and configurations that would work in another experiment's folder.
 *
 * An experiment that was copied keeps the absolute paths of its model: submitted as it is, it would write over the
 * model's checkpoints and results. One that was moved would write where nobody looks. Both are errors.
 *
 * @param designedIn `experiment.dir` of the summary.
 */
export async function findForeignFolders(folder: string, designedIn: string | undefined, units: DesignUnits, design: ReadDesign): Promise<readonly Problem[]> {
  const roots = [folder, await realpath(folder).catch(() => folder)];
  const former = designedIn === undefined ? undefined : await formerHome(designedIn, folder, roots);
  const homes = new Map<string, Promise<string | undefined>>();
  const findings: Finding[] = [];
  for (const file of new Set([...units.values()].flat())) {
    const { underFormer, written } = namedPaths(file, former ?? "", design);
    const isForeign = ({ path }: NamedPath): boolean => !roots.some((root) => isInside(path, root));
    const named = underFormer.find(isForeign);
    if (former !== undefined && named !== undefined) findings.push({ file: relative(folder, file), named, home: former });
    else for (const abroad of await firstAbroad(written.filter(isForeign), folder, homes)) findings.push({ file: relative(folder, file), ...abroad });
  }
  return await problemsFor(findings);
}

interface Finding {
  readonly file: string;
  readonly named: NamedPath;
  /** The other experiment's folder. */
  readonly home: string;
}

// Another name of this very folder is no former home, and neither is a folder around it: some people write the folder of
// all their experiments there.
async function formerHome(designedIn: string, folder: string, roots: string[]): Promise<string | undefined> {
  const former = resolve(designedIn);
  if (!isAbsolute(designedIn) || roots.some((root) => isInside(root, former))) return undefined;
  if (!await isOneFolder(former, folder)) return former;
  roots.push(former);
  return undefined;
}

function namedPaths(file: string, former: string, design: ReadDesign): { readonly underFormer: readonly NamedPath[]; readonly written: readonly NamedPath[] } {
  const content = design.content(file);
  if (content?.bytes === undefined) return { underFormer: [], written: [] };
  const { underFormer, written } = pathsIn(content, former);
  // What a configuration puts together from pieces is no path in its text.
  const { outputDir, outputDirPlace } = file.endsWith(".slurm") ? {} : (design.config(file) ?? {});
  if (outputDir === undefined || outputDirPlace === undefined || !isAbsolute(outputDir)) return { underFormer, written };
  const saved = { path: resolve(outputDir), ...outputDirPlace };
  return { underFormer: former !== "" && isInside(saved.path, former) ? [...underFormer, saved] : underFormer, written: [...written, saved] };
}

const pathsIn = memoized((content: DesignContent, former: string) => {
  const text = textOf(content);
  return { underFormer: former === "" ? [] : findPathsUnder(text, former), written: findWrittenPaths(text) };
});

async function firstAbroad(paths: readonly NamedPath[], folder: string, homes: Map<string, Promise<string | undefined>>): Promise<readonly Omit<Finding, "file">[]> {
  for (const named of paths) {
    const home = await homeOf(named.path, homes);
    if (home !== undefined && !await isOneFolder(home, folder)) return [{ named, home }];
  }
  return [];
}

/** The nearest folder around a path that is an experiment. */
async function homeOf(folder: string, known: Map<string, Promise<string | undefined>>): Promise<string | undefined> {
  const answer = known.get(folder) ?? (async () => {
    if (await isThere(`${folder}/experiment_summary.yaml`)) return folder;
    const parent = dirname(folder);
    return parent === folder ? undefined : await homeOf(parent, known);
  })();
  known.set(folder, answer);
  return await answer;
}

async function problemsFor(findings: readonly Finding[]): Promise<readonly Problem[]> {
  const homes = [...new Set(findings.map(({ home }) => home))];
  return await Promise.all(homes.map(async (home) => {
    const ofHome = findings.filter((finding) => finding.home === home);
    const [first] = ofHome;
    if (first === undefined) throw new Error("a home without a finding");
    const others = ofHome.length === 1 ? "" : ofHome.length === 2 ? "; so does another file" : `; so do ${ofHome.length - 1} other files`;
    return {
      severity: "error" as const, file: first.file, line: first.named.line, column: first.named.column,
      message: await isThere(home) ? `this would work in another folder than the experiment's own, ${home}${others}`
        : `this names the folder the experiment was designed in, ${home}, and that is gone${others}`,
      expected: "paths in the experiment's own folder", found: plainLine(first.named.path),
      advice: "After copying or moving an experiment, correct experiment.dir and run the scaffold-experiment skill again",
    };
  }));
}

async function isOneFolder(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
