import { readdirSync } from "node:fs";
import { join } from "node:path";

import { isLogName } from "./log-name.ts";

/**
 * Finds the logs in a folder and in all folders below it, sorted by path. Links are not followed, and folders whose names
 * begin with a dot are not looked into: inspect-ai keeps its buffers there.
 *
 * @throws {NodeJS.ErrnoException} where a folder cannot be read.
 */
export function findLogsBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : findLogsBelow(path);
    return entry.isFile() && isLogName(entry.name) ? [path] : [];
  });
}
