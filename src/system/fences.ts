import { existsSync } from "node:fs";

import { writeFileDurably } from "./durable-file.ts";
import { ensurePrivateFolder } from "./private-folder.ts";

/** Another process has taken over what this one was taking care of: what it was about to write came too late and was not written. */
export class FencedOff extends Error {}

/**
 * Makes every durable write of this process into an experiment pass through a folder of its lease.
 *
 * @param fence Holds the temporary files from now on. Whoever takes the lease over removes it, so that a rename out of
 *   it that comes afterwards fails, however long ago it was decided.
 */
export function raiseFence(experimentFolder: string, fence: string): void {
  fences.set(experimentFolder, fence);
}

/** Forgets the fence of a lease that this process has given back. */
export function lowerFence(experimentFolder: string): void {
  fences.delete(experimentFolder);
}

/**
 * Writes a file of an experiment durably, through this process's fence if it holds the lease.
 *
 * What a kill leaves half-written stands in the private folder, out of git's sight.
 *
 * @throws {FencedOff} When the lease was taken over meanwhile; then nothing was written.
 */
export function writeFenced(experimentFolder: string, file: string, text: string): void {
  const fence = fences.get(experimentFolder);
  try {
    writeFileDurably(file, text, { tempFolder: fence ?? ensurePrivateFolder(experimentFolder) });
  } catch (error) {
    if (fence === undefined || (error as NodeJS.ErrnoException).code !== "ENOENT" || existsSync(fence)) throw error;
    throw new FencedOff(`${file} was not written: another nightshift has taken over`, { cause: error });
  }
}

const fences = new Map<string, string>();
