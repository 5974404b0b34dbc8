import { lstatSync } from "node:fs";
import { join } from "node:path";

import { writeFenced } from "../system/fences.ts";
import { readPlainText } from "../system/read-file.ts";

/**
 * Writes `summary.md` if it differs from what stands there. A link is replaced, and what it leads to stays as it is; where
 * a folder stands, nothing is written, of which the reading of the experiment tells.
 *
 * @returns Whether it was written.
 */
export function writeSummary(experimentFolder: string, text: string): boolean {
  const file = join(experimentFolder, "summary.md");
  if (readIfThere(file) === text || lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return false;
  writeFenced(experimentFolder, file, text);
  return true;
}

function readIfThere(file: string): string | undefined {
  try {
    return readPlainText(file);
  } catch {
    return undefined;
  }
}
