import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes the folder in which the holder of a ticket creates the temporary files of what it writes.
 *
 * A check whether one still holds a lock proves nothing about the moment after it: a process can be stopped in between
 * for hours. A rename out of a folder that is gone fails whenever it comes, so that a holder who slept through a takeover
 * is refused by the file system itself. The nonce keeps a folder that was deleted from coming back under the same name.
 */
export function makeFence(folder: string, ticket: number, nonce: string): string {
  const fence = join(folder, `${ticket}.fence-${nonce}`);
  mkdirSync(fence);
  return fence;
}

/**
 * Takes all fences of earlier tickets away, one by one: what their holders still write fails.
 *
 * Renamed first, which is one step for every process of this machine; then emptied and removed, because a client of a
 * network file system may know the folder by its handle and not look at its name again for a minute.
 */
export function razeFences(folder: string, upTo: number, own: string | undefined): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path === own || !/^\d+\.(?:fence|razed)-/u.test(name) || Number.parseInt(name, 10) > upTo) continue;
    const razed = join(folder, name.replace(".fence-", ".razed-"));
    if (razed !== path) renameIfThere(path, razed);
    razeFence(razed);
  }
}

/** Removes one's own fence. */
export function razeFence(fence: string): void {
  rmSync(fence, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another contender was faster.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
