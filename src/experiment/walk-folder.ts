import { accessSync, constants, type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { Problem } from "../domain/problem.ts";
import { isOwnFile, whyNotWritten } from "./own-files.ts";
import { traceOf } from "./traces.ts";

/** What stands in an experiment's folder. Paths are relative to it. */
export interface FolderContents {
  /** Newest change of anything that nightshift does not write itself, in milliseconds since 1970; 0 if there is nothing. */
  readonly newestChangeMs: number;
  /** Scripts and configurations where the layouts have them, and the folders of evaluation logs. */
  readonly designPaths: ReadonlySet<string>;
  /** Symbolic links, which are not followed. */
  readonly links: ReadonlySet<string>;
  /** Signs of work, each a sentence. */
  readonly traces: readonly string[];
  readonly problems: readonly Problem[];
}

/** Walks through an experiment's folder without reading a file or following a link. An absent folder is an empty one. */
export async function walkFolder(folder: string): Promise<FolderContents> {
  const found = { newestChangeMs: 0, designPaths: new Set<string>(), links: new Set<string>(), traces: new Map<string, string>(), problems: [] as Problem[] };
  const nowMs = Date.now();
  const waiting = [""];
  for (let inner = waiting.pop(); inner !== undefined; inner = waiting.pop()) {
    for (const [index, entry] of (await readEntries(folder, inner, found.problems)).entries()) {
      if (index % breath === breath - 1) await setImmediate();
      const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
      const obstacle = whyNotWritten(path, entry, () => mayWrite(join(folder, path)));
      if (obstacle !== undefined) found.problems.push(obstacle);
      if (isOwnFile(path) || entry.name === ".git") continue;
      // Whatever nightshift writes into its logs' folder changes that folder.
      if (path !== "logs") found.newestChangeMs = Math.max(found.newestChangeMs, changeOf(join(folder, path), nowMs));
      if (entry.isDirectory()) waiting.push(path);
      else noteTrace(path, found.traces);
      if (entry.isSymbolicLink()) found.links.add(path);
      if (isDesign(path, entry)) found.designPaths.add(path);
    }
  }
  return { ...found, traces: [...found.traces.values()].toSorted() };
}

// How many files are looked at before others get their turn.
const breath = 256;

async function readEntries(folder: string, inner: string, problems: Problem[]): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(join(folder, inner), { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "ENAMETOOLONG") {
      problems.push({ severity: "warning", message: `this folder cannot be read (${code})`, file: inner === "" ? "." : inner, advice: "What is in it is unknown" });
      return [];
    }
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EACCES";
  }
}

// The change time cannot be set by a copy, so it tells when a file arrived; but some file systems do not keep one. A
// modification time in the future was set by somebody and would hide all others.
function changeOf(path: string, nowMs: number): number {
  try {
    // Promises would cost four times as much (measured with 100,000 files).
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? 0 : Math.max(stats.ctimeMs, stats.mtimeMs <= nowMs ? stats.mtimeMs : 0);
  } catch (error) {
    if (["EACCES", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "")) return 0;
    throw error;
  }
}

function noteTrace(path: string, traces: Map<string, string>): void {
  const trace = traceOf(path);
  if (trace === undefined) return;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const key = `${trace.kind}\0${folder}`;
  if (!traces.has(key)) traces.set(key, trace.sentence);
}

function isDesign(path: string, entry: Dirent): boolean {
  if (entry.isDirectory()) return /^[^/]+\/eval\/(?:[^/]+\/)?logs$/u.test(path);
  return /^[^/]+\/(?:eval\/(?:[^/]+\/)?)?[^/]+\.(?:slurm|ya?ml)$/u.test(path);
}
