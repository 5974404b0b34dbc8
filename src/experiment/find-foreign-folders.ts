import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";

import type { Problem } from "../domain/problem.ts";
import type { DesignUnits } from "./design-units.ts";
import { findPathsUnder, findWrittenPaths, type NamedPath } from "./find-paths.ts";
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
  const texts = designTexts(folder, units, design);
  const roots = [...new Set([folder, await realpath(folder).catch(() => folder)])];
  const isOwn = ({ path }: NamedPath): boolean => roots.some((root) => isInside(path, root));
  // A folder around this one is no former home: some people write the folder of all their experiments there.
  const before = designedIn !== undefined && isAbsolute(designedIn) && !roots.some((root) => root !== resolve(designedIn) && isInside(root, designedIn))
    ? resolve(designedIn) : undefined;
  const isSame = before !== undefined && (roots.includes(before) || await isOneFolder(before, folder));
  if (before !== undefined && isSame) roots.push(before);
  const findings: Finding[] = [];
  if (before !== undefined && !isSame) {
    findings.push(...texts.flatMap(({ file, text, written }) => {
      const named = [...findPathsUnder(text, before), ...written.filter(({ path }) => isInside(path, before))].find((path) => !isOwn(path));
      return named === undefined ? [] : [{ file, named, home: before }];
    }));
  }
  const homes = new Map<string, Promise<string | undefined>>();
  const flagged = new Set(findings.map(({ file }) => file));
  for (const { file, text, written } of texts.filter((candidate) => !flagged.has(candidate.file))) {
    for (const named of [...findWrittenPaths(text), ...written].filter((path) => !isOwn(path))) {
      const home = await homeOf(dirname(named.path), homes);
      if (home === undefined || await isOneFolder(home, folder)) continue;
      findings.push({ file, named, home });
      break;
    }
  }
  return await problemsFor(findings);
}

/** A script or configuration, with the folder that its text names in a roundabout way. */
interface DesignText {
  readonly file: string;
  readonly text: string;
  readonly written: readonly NamedPath[];
}

function designTexts(folder: string, units: DesignUnits, design: ReadDesign): readonly DesignText[] {
  return [...new Set([...units.values()].flat())].flatMap((path) => {
    const content = design.content(path);
    if (content?.bytes === undefined) return [];
    const { outputDir, outputDirPlace } = path.endsWith(".slurm") ? {} : (design.config(path) ?? {});
    const isAbsoluteOutput = outputDir !== undefined && outputDirPlace !== undefined && isAbsolute(outputDir);
    return [{ file: relative(folder, path), text: textOf(content), written: isAbsoluteOutput ? [{ path: resolve(outputDir), ...outputDirPlace }] : [] }];
  });
}

interface Finding {
  readonly file: string;
  readonly named: NamedPath;
  /** The other experiment's folder. */
  readonly home: string;
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
      expected: "paths in the experiment's own folder", found: first.named.path,
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
