import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import * as z from "zod";

/** Where a folder is, and which one it is: a path stays when a folder is replaced, an inode when it is renamed. */
export interface Place {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  /** When it was made, in milliseconds since 1970, where the file system says so: inodes are given out again at once. */
  readonly birthMs?: number | undefined;
}

export const placeSchema = z.object({ path: z.string(), device: z.number(), inode: z.number(), birthMs: z.number().optional() });

/** The place of a folder that is there. */
export function placeOf(path: string): Place {
  const { dev, ino, birthtimeMs } = statSync(path);
  return { path, device: dev, inode: ino, ...(birthtimeMs > 0 ? { birthMs: Math.trunc(birthtimeMs) } : {}) };
}

/**
 * Whether two places are one folder at one path or another.
 *
 * The device's number is the mount's, and on network file systems and some disks it changes with every mount and reboot.
 */
export function isSameFolder(one: Place, other: Place): boolean {
  const mayBe = one.birthMs === undefined || other.birthMs === undefined || one.birthMs === other.birthMs;
  return mayBe && one.inode === other.inode && (one.device === other.device || one.path === other.path);
}

/** Finds the folder of a place where it stood or, under another name, beside that. */
export function findFolder(place: Place): string | undefined {
  if (isAt(place.path, place)) return place.path;
  const parent = dirname(place.path);
  return namesIn(parent).slice(0, mostSiblings).map((name) => join(parent, name)).find((path) => isAt(path, place));
}

// Looked through one by one, on what may be a slow file system.
const mostSiblings = 1000;

function isAt(path: string, place: Place): boolean {
  try {
    return isSameFolder(placeOf(path), place);
  } catch {
    return false;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
