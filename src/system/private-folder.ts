import { existsSync } from "node:fs";
import { join } from "node:path";

import { ensureFolder, writeFileDurably } from "./durable-file.ts";

/**
 * Makes sure that `.nightshift/` (and a folder inside it) exists in an experiment, and that git never sees it.
 *
 * @returns The absolute path of the inner folder.
 */
export function ensurePrivateFolder(experimentFolder: string, ...inner: readonly string[]): string {
  const folder = join(experimentFolder, ".nightshift");
  ensureFolder(join(folder, ...inner));
  const ignore = join(folder, ".gitignore");
  // Whole or not at all: an empty one would be taken for written.
  if (!existsSync(ignore)) writeFileDurably(ignore, "*\n");
  return join(folder, ...inner);
}
