import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
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
 * What is running is looked up at most every two seconds, however many experiments ask: it costs a look at each process of
 * a login node that many share.
 */
export function findSubmitters(folder: string): readonly RunningSubmitter[] {
  const nowMs = performance.now();
  if (nowMs - lookedUp.atMs > 2000) lookedUp = { atMs: nowMs, processes: lookUp() };
  const home = realPath(folder);
  return lookedUp.processes.filter(({ folders }) => folders.has(home)).flatMap(({ pid, program }) => {
    // A zombie has ended; one that has gone since is none either.
    const identity = identityOf(pid);
    if (identity === undefined) return [];
    const since = startOf(identity.startTicks);
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

function lookUp(): readonly SubmitterProcess[] {
  const user = process.getuid?.();
  return namesIn("/proc").filter((name) => /^\d+$/u.test(name)).flatMap((name): readonly SubmitterProcess[] => {
    try {
      if (statSync(`/proc/${name}`).uid !== user) return [];
      const command = parseSubmitterCommand(readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").slice(0, -1));
      return command === undefined ? [] : [{ pid: Number(name), program: command.program, folders: foldersOf(command, `/proc/${name}/cwd`) }];
    } catch {
      // It has ended meanwhile, or may not be looked at.
      return [];
    }
  });
}

function foldersOf({ words }: SubmitterCommand, cwd: string): ReadonlySet<string> {
  const startedIn = readlinkSync(cwd);
  return new Set(words.flatMap((word) => [word, word.slice(word.indexOf("=") + 1)]).filter((word) => word !== "").map((word) => realPath(resolve(startedIn, word))));
}

// Field 22 of /proc/PID/stat counts from boot, in hundredths of a second on every Linux there is today.
function startOf(startTicks: string): string | undefined {
  try {
    const bootSeconds = Number(/^btime (\d+)$/mu.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    const startMs = bootSeconds * 1000 + Number(startTicks) * 10;
    return Number.isFinite(startMs) ? instantOf(new Date(Math.floor(startMs / 1000) * 1000)) : undefined;
  } catch {
    return undefined;
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
