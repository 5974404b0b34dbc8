import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Lists everything in a folder with what would give a change away: kind, permissions, times and contents.
 *
 * @param exceptFor Paths, relative to the folder, that do not count.
 */
export function listing(folder: string, exceptFor?: RegExp): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => exceptFor?.test(name) !== true);
  return Object.fromEntries([".", ...names.sort()].map((name) => [name, describe(join(folder, name))]));
}

function describe(path: string): string {
  const stats = lstatSync(path);
  const content = stats.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16) : "-";
  return `${stats.mode.toString(8)} ${stats.size} ${stats.mtimeMs} ${content}`;
}
