import { realpath } from "node:fs/promises";
import { join } from "node:path";

import type { Problem } from "../domain/problem.ts";
import { isInside } from "./paths.ts";

/**
 * Finds links among an experiment's scripts and folders of design that lead out of it, or nowhere.
 *
 * What is changed behind such a link, and the jobs that run there, belong to something else.
 *
 * @param paths Relative to the folder.
 */
export async function findOutsideLinks(folder: string, paths: readonly string[]): Promise<readonly Problem[]> {
  const home = await realpath(folder);
  const problems = await Promise.all(paths.map(async (path): Promise<readonly Problem[]> => {
    const target = await realpath(join(folder, path)).catch(() => undefined);
    if (target === undefined) return [{ severity: "error", message: "this link leads nowhere", file: path }];
    if (!isInside(target, home)) {
      return [{ severity: "error", message: "this link leads out of the experiment", file: path, found: target, advice: "Copy what it leads to" }];
    }
    return path.endsWith(".slurm") ? [] : [{ severity: "warning", message: "this link to a folder is not followed", file: path, found: target }];
  }));
  return problems.flat();
}
