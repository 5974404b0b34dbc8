import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";

import type { RunningSubmitter } from "../domain/submitters.ts";
import { instantOf } from "../system/clock.ts";
import { identityOf } from "../system/process-identity.ts";
import { parseSubmitterCommand, type SubmitterCommand } from "./parse-submitter-command.ts";

/**
 * Finds the processes of this user on this machine that submit for an experiment. Nothing is found where there is no
 * /proc, as on a Mac.
 *
 * What is running is looked up at most every two seconds, however many experiments ask.
 */
export function findSubmitters(folder: string): readonly RunningSubmitter[] {
  const nowMs = performance.now();
  if (nowMs - lookedUp.atMs > 2000) lookedUp = { atMs: nowMs, processes: lookUp(nowMs) };
  const home = realPath(folder);
  return lookedUp.processes.filter(({ folders }) => folders.has(home)).flatMap(({ pid, program }) => {
    // A zombie has ended; one that has gone since is none either.
    const identity = identityOf(pid);
    if (identity === undefined) return [];
    const since = startOf(pid, identity.startTicks);
    return [{ program, host: hostname(), pid, ...(since === undefined ? {} : { since }) }];
  });
}

interface SubmitterProcess {
  readonly pid: number;
  readonly program: string;
  /** Whatever among its words is a folder or a file. */
  readonly folders: ReadonlySet<string>;
}

let lookedUp: { readonly atMs: number; readonly processes: readonly SubmitterProcess[] } = { atMs: -Infinity, processes: [] };

// A login node has thousands of processes, nearly all of other people: those are told apart once, and again after a while
// since numbers are given out again. A look at 250 of them took 1.4 ms, and 0.35 ms where they were known (measured).
let strangers: { readonly sinceMs: number; pids: ReadonlySet<string> } = { sinceMs: -Infinity, pids: new Set() };
const strangersMs = 600_000;

function lookUp(nowMs: number): readonly SubmitterProcess[] {
  if (nowMs - strangers.sinceMs > strangersMs) strangers = { sinceMs: nowMs, pids: new Set() };
  const pids = namesIn("/proc").filter((name) => /^\d+$/u.test(name));
  const own = new Set(pids.filter((pid) => !strangers.pids.has(pid) && isOwn(pid)));
  strangers.pids = new Set(pids.filter((pid) => !own.has(pid)));
  const found = [...own].flatMap((pid): readonly SubmitterProcess[] => {
    const command = parseSubmitterCommand(textOf(`/proc/${pid}/cmdline`).split("\0").slice(0, -1));
    return command === undefined ? [] : [{ pid: Number(pid), program: command.program, folders: foldersOf(command, `/proc/${pid}/cwd`) }];
  });
  // What it starts is called like itself for a moment, between fork and exec.
  return found.filter(({ pid }) => !found.some((other) => other.pid === parentOf(pid)));
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(?<parent>\d+)$/mu.exec(textOf(`/proc/${pid}/status`))?.groups?.["parent"]);
}

// Whatever has ended meanwhile, or may not be looked at, is none.
function isOwn(pid: string): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false;
  }
}

function foldersOf({ words }: SubmitterCommand, cwd: string): ReadonlySet<string> {
  const startedIn = realPath(cwd);
  return new Set(words.flatMap((word) => [word, word.slice(word.indexOf("=") + 1)]).filter((word) => word !== "").map((word) => realPath(resolve(startedIn, word))));
}

/** When a process started, to the second; the same answer every time, though the clock may be corrected meanwhile. */
function startOf(pid: number, startTicks: string): string | undefined {
  const name = `${pid} ${startTicks}`;
  const since = starts.get(name) ?? readStart(startTicks);
  if (since !== undefined) starts.set(name, since);
  return since;
}

const starts = new Map<string, string>();

// Field 22 of /proc/PID/stat counts from boot, in hundredths of a second on every Linux there is today.
function readStart(startTicks: string): string | undefined {
  const bootSeconds = Number(/^btime (\d+)$/mu.exec(textOf("/proc/stat"))?.[1]);
  const startMs = bootSeconds * 1000 + Number(startTicks) * 10;
  return Number.isFinite(startMs) ? instantOf(new Date(Math.floor(startMs / 1000) * 1000)) : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
