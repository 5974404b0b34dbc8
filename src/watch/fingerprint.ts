import { createHash } from "node:crypto";
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Hashes names, sizes and times of everything in an experiment's folder, so that two equal answers mean that nothing
 * happened in between. Reads no contents and follows no links. Of `.nightshift` only the requests count.
 *
 * Synchronous calls, because asking for one file after the other costs a login node a quarter of the processor time that
 * promises do (measured); the rest of the program has its turn between two folders of an experiment.
 *
 * @returns `undefined` when the folder is gone.
 */
export async function readFingerprint(folder: string): Promise<string | undefined> {
  const hash = createHash("sha1");
  const isThere = await walk(folder, "", (line) => { hash.update(line); });
  return isThere ? hash.digest("hex") : undefined;
}

async function walk(root: string, inner: string, note: (line: string) => void): Promise<boolean> {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, inner), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    note(`${inner}\0unreadable\n`);
    return true;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(inner, entry.name);
    if (entry.isDirectory()) {
      if (isOurs(inner, entry.name)) continue;
      note(`${path}/\n`);
      await nextTurn();
      await walk(root, path, note);
    } else {
      note(`${path}\0${describe(join(root, path))}\n`);
    }
  }
  return true;
}

function describe(path: string): string {
  try {
    const { size, mtimeMs, ino } = lstatSync(path);
    return `${size}\0${mtimeMs}\0${ino}`;
  } catch {
    // Gone meanwhile, too long a path, or in a folder whose names may be read and nothing else.
    return "unknown";
  }
}

function isOurs(inner: string, name: string): boolean {
  return (inner === ".nightshift" && name !== "requests") || name === ".git" || name === "node_modules";
}
