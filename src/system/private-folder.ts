import { accessSync, constants, existsSync, lstatSync } from "node:fs";
import { join } from "node:path";

import { ensureFolder, writeFileDurably } from "./durable-file.ts";

/**
 * Makes sure that `.nightshift/` (and a folder inside it) exists in an experiment, and that git never sees it.
 *
 * @returns The absolute path of the inner folder.
 * @throws {NodeJS.ErrnoException} ELOOP where a link stands in its place: what is behind it may be somebody else's.
 */
export function ensurePrivateFolder(experimentFolder: string, ...inner: readonly string[]): string {
  const folder = join(experimentFolder, ".nightshift");
  for (const [index] of [folder, ...inner].entries()) refuseLink(join(folder, ...inner.slice(0, index)));
  ensureFolder(join(folder, ...inner));
  const ignore = join(folder, ".gitignore");
  // Whole or not at all: an empty one would be taken for written.
  if (!existsSync(ignore)) writeFileDurably(ignore, "*\n");
  return join(folder, ...inner);
}

/**
 * Makes sure that nothing stands in the way of writing into the private folder, as far as there is one.
 *
 * @throws {NodeJS.ErrnoException} ELOOP of a link, ENOTDIR of anything else that is no folder, EACCES.
 */
export function demandPrivateFolder(experimentFolder: string): void {
  for (const inner of ["", "jobs", "lease", "requests"]) {
    const folder = join(experimentFolder, ".nightshift", inner);
    refuseLink(folder);
    if (existsSync(folder)) accessSync(`${folder}/`, constants.W_OK | constants.X_OK);
  }
}

function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw Object.assign(new Error(`ELOOP: a symbolic link, '${path}'`), { code: "ELOOP", errno: -40, syscall: "lstat", path });
}
