import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { summaryName } from "./read-summary.ts";

/**
 * Finds the experiments in a folder: the folders that hold an `experiment_summary.yaml`, the folder itself among them.
 *
 * Links, hidden folders and folders that cannot be entered are passed over, and so is what lies inside an experiment.
 *
 * @param options.depth How many levels below the folder an experiment may be.
 * @returns Sorted paths that begin with the folder as it was given. Throws when the folder's file system does not answer,
 *   since that does not mean that there are no experiments.
 */
export async function findExperiments(root: string, { depth = 3 }: { readonly depth?: number } = {}): Promise<readonly string[]> {
  const entries = await readEntries(root);
  if (entries.some((entry) => entry.name === summaryName && !entry.isDirectory())) return [root];
  if (depth === 0) return [];
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules");
  const found = await Promise.all(folders.map(({ name }) => findExperiments(join(root, name), { depth: depth - 1 })));
  return found.flat().toSorted();
}

async function readEntries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
