import { readFileSync } from "node:fs";
import { join } from "node:path";

import { writeFileDurably } from "../system/durable-file.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";

/**
 * Writes `summary.md` if it differs from what stands there.
 *
 * @returns Whether it was written.
 */
export function writeSummary(experimentFolder: string, text: string): boolean {
  const file = join(experimentFolder, "summary.md");
  if (readIfThere(file) === text) return false;
  writeFileDurably(file, text, { tempFolder: ensurePrivateFolder(experimentFolder) });
  return true;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
