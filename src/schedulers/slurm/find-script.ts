import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";

/**
 * Finds the script at the beginning of some words, as its path really is; `undefined` where none stands there.
 *
 * Names may hold spaces, and SLURM quotes nothing of what it shows: it is the shortest beginning that is a file's name.
 */
export async function findScript(words: readonly string[], workFolder: string): Promise<string | undefined> {
  for (let end = 1; end <= Math.min(words.length, mostWords); end += 1) {
    const path = resolve(workFolder, words.slice(0, end).join(" "));
    if (await stat(path).then((found) => found.isFile(), () => false)) return realPath(path);
  }
  return undefined;
}

const mostWords = 12;

/** A path without links, or as it is where it leads nowhere. */
export async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
