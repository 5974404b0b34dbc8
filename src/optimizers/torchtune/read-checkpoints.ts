import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import type { Look } from "./look.ts";
import { isWeightFile, parseEpochFolder, parseFlatWeights } from "./weight-files.ts";

/** Weights of one epoch, as they lie on disk. */
export interface SavedWeights {
  /** 0-based. */
  readonly epoch: number;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Newest change of a weight file, in milliseconds since 1970. */
  readonly savedMs: number;
}

/**
 * Reads which epochs have weights, ascending, in the first of the folders that has any.
 *
 * Later folders are older homes: what lies there is of an earlier training, and is not mixed in. A folder alone proves
 * nothing, since scripts and schedulers make `epoch_N` for their own output; nor does an empty file. Links are followed
 * as long as they stay in the folder that is searched.
 */
export async function readCheckpoints(folders: readonly string[], look: Look): Promise<readonly SavedWeights[]> {
  for (const folder of new Set(folders)) {
    const found = await readFolder(folder, look);
    if (found.length > 0) return found.toSorted((a, b) => a.epoch - b.epoch);
  }
  return [];
}

/** What every step of a search needs to know. */
interface Search {
  readonly look: Look;
  /** The real path of the folder that is searched. */
  readonly root: string;
}

async function readFolder(folder: string, look: Look): Promise<readonly SavedWeights[]> {
  const root = await look(realpath(folder), folder);
  if (root === undefined) return [];
  const search = { look, root };
  const newest = new Map<number, SavedWeights>();
  for (const entry of await list(folder, search)) {
    const path = join(folder, entry.name);
    const weights = await readEpoch(entry, path, search) ?? await readFlat(entry, path, folder, search);
    if (weights === undefined) continue;
    const before = newest.get(weights.epoch);
    if (before === undefined || before.savedMs < weights.savedMs) newest.set(weights.epoch, weights);
  }
  return [...newest.values()];
}

async function readEpoch(entry: Dirent, path: string, search: Search): Promise<SavedWeights | undefined> {
  const epoch = parseEpochFolder(entry.name);
  const times = epoch === undefined ? [] : await changesOfWeights(entry, path, search);
  return epoch === undefined || times.length === 0 ? undefined : { epoch, path, savedMs: Math.max(...times) };
}

async function readFlat(entry: Dirent, path: string, folder: string, search: Search): Promise<SavedWeights | undefined> {
  const epoch = parseFlatWeights(entry.name);
  const savedMs = epoch === undefined ? undefined : await changeOf(entry, path, search);
  return epoch === undefined || savedMs === undefined ? undefined : { epoch, path: folder, savedMs };
}

async function changesOfWeights(entry: Dirent, folder: string, search: Search): Promise<readonly number[]> {
  if (!(await leadsInside(entry, folder, search))) return [];
  const changes: (number | undefined)[] = [];
  for (const inner of await list(folder, search)) {
    const path = join(folder, inner.name);
    // Merging moves the adapter's own files there.
    if (inner.name === "adapter_weights") changes.push(...await changesOfWeights(inner, path, search));
    else if (isWeightFile(inner.name)) changes.push(await changeOf(inner, path, search));
  }
  return changes.filter((change) => change !== undefined);
}

// When a file was last changed; undefined for an empty one, and for what is no file.
async function changeOf(entry: Dirent, path: string, search: Search): Promise<number | undefined> {
  if (entry.isDirectory() || !(await leadsInside(entry, path, search))) return undefined;
  const stats = await search.look(stat(path), path);
  return stats?.isFile() === true && stats.size > 0 ? stats.mtimeMs : undefined;
}

async function leadsInside(entry: Dirent, path: string, { look, root }: Search): Promise<boolean> {
  if (!entry.isSymbolicLink()) return true;
  const target = await look(realpath(path), path);
  return target?.startsWith(root + sep) === true;
}

async function list(folder: string, { look }: Search): Promise<readonly Dirent[]> {
  return await look(readdir(folder, { withFileTypes: true }), folder) ?? [];
}
