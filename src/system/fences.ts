import { existsSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { writeFileDurably } from "./durable-file.ts";
import { ensurePrivateFolder } from "./private-folder.ts";

/** Another process has taken over what this one was taking care of: what it was about to write came too late and was not written. */
export class FencedOff extends Error {
  /** As errors of the file system have one: it is an outage for this process, and no bug. */
  readonly code = "FENCED";
}

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
 * Writes a file of an experiment, through this process's fence if it holds the lease.
 *
 * What a kill leaves half-written stands in the private folder, out of git's sight.
 *
 * @param options.isDurable Whether it must outlive a power failure; by default it must.
 * @throws {FencedOff} When the lease was taken over meanwhile; then nothing was written.
 */
export function writeFenced(experimentFolder: string, file: string, text: string, { isDurable = true }: { readonly isDurable?: boolean } = {}): void {
  const tempFolder = fences.get(experimentFolder) ?? ensurePrivateFolder(experimentFolder);
  try {
    if (isDurable) writeFileDurably(file, text, { tempFolder });
    else writeWhole(file, text, tempFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") demandFence(experimentFolder, file);
    throw error;
  }
}

/**
 * Makes sure, just before something is written that cannot pass through the fence (a line of a log), that it still stands.
 *
 * @throws {FencedOff} When the lease was taken over.
 */
export function demandFence(experimentFolder: string, file: string): void {
  const fence = fences.get(experimentFolder);
  if (fence !== undefined && !existsSync(fence)) throw new FencedOff(`${file} was not written: another nightshift has taken over`);
}

function writeWhole(file: string, text: string, tempFolder: string): void {
  const temp = join(tempFolder, `${basename(file)}.tmp`);
  writeFileSync(temp, text);
  renameSync(temp, file);
}

const fences = new Map<string, string>();
