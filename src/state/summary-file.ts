import { readFileSync } from "node:fs";
import { join } from "node:path";

import { writeFenced } from "../system/fences.ts";

/**
 * Writes `summary.md` if it differs from what stands there.
 *
 * @returns Whether it was written.
 */
export function writeSummary(experimentFolder: string, text: string): boolean {
  const file = join(experimentFolder, "summary.md");
  if (readIfThere(file) === text) return false;
  writeFenced(experimentFolder, file, text);
  return true;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
