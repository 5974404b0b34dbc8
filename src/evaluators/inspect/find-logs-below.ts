import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";

import { isSystemError } from "./find-logs.ts";
import { isLogName } from "./log-name.ts";

/**
 * Finds the logs in a folder and in all folders below it, sorted by path. Links are not followed, and folders whose names
 * begin with a dot are not looked into: inspect-ai keeps its buffers there. A folder that cannot be read is among them
 * itself, since the others are wanted all the same: whoever reads it as a log is told why.
 */
export function findLogsBelow(folder: string): readonly string[] {
  const entries = readEntries(folder)?.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries?.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : findLogsBelow(path);
    return entry.isFile() && isLogName(entry.name) ? [path] : [];
  }) ?? [folder];
}

function readEntries(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
