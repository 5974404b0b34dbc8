import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type DaemonProcess, startDaemon } from "../support/daemon-process.ts";
import { eventually } from "../support/eventually.ts";
import { textOf } from "./files.ts";
import type { Stage } from "./stage.ts";

/** What an idle daemon did while it was watched. */
export interface Idleness {
  /** Scans of the watched folder. */
  readonly polls: number;
  readonly seconds: number;
  /** Calls, as strace shows them, that would change something in the experiment. */
  readonly changes: readonly string[];
  /** How many such calls there were before, when the daemon took its lease: what would be seen is seen. */
  readonly changesAtStart: number;
  /** Of the daemon, while strace slowed it down. */
  readonly cpuSeconds: number;
  /** What `git status` says afterwards. */
  readonly gitStatus: string;
}

/** Watches a real daemon over a finished experiment, from its first look on, until it has polled so often and so long. */
export async function watchIdleDaemon(program: string, stage: Stage, least: { readonly polls: number; readonly seconds: number }): Promise<Idleness> {
  const record = join(stage.folder, "strace-idle");
  commitEverything(stage);
  const daemon = startDaemon({
    program, stateHome: stage.stateHome, parameters: ["watch", stage.root, "--poll", "100ms", "--scheduler", "local"],
    under: ["strace", "-D", "-qq", "-f", "-y", "-s", "0", "-o", record, "-e", `trace=${watched}`],
  });
  const polls = (): number => linesOf(record).filter((line) => isPoll(line, stage)).length;
  try {
    // The lease is taken with the first look; after it and a few more polls, the daemon is at rest.
    await eventually(() => daemon.isOver() || (/experiments? found/u.test(daemon.said()) && polls() >= 3), "the daemon to come to rest");
    const linesBefore = linesOf(record).length;
    const pollsBefore = polls();
    const cpuBefore = cpuSecondsOf(daemon);
    const startMs = performance.now();
    const secondsSince = (): number => (performance.now() - startMs) / 1000;
    await eventually(() => daemon.isOver() || (polls() - pollsBefore >= least.polls && secondsSince() >= least.seconds), "the polls", least.seconds * 1000 + 60_000);
    const changesIn = (lines: readonly string[]): string[] => lines.filter((line) => stage.experiments.some(({ folder }) => line.includes(folder)) && isChange(line));
    const lines = linesOf(record).slice(linesBefore);
    if (daemon.isOver()) throw new Error(`the daemon ended: ${daemon.said()}`);
    return {
      polls: lines.filter((line) => isPoll(line, stage)).length, seconds: secondsSince(), cpuSeconds: cpuSecondsOf(daemon) - cpuBefore,
      changes: changesIn(lines), changesAtStart: changesIn(linesOf(record).slice(0, linesBefore)).length,
      gitStatus: git(stage, "status", "--porcelain"),
    };
  } finally {
    daemon.signal("SIGTERM");
    await daemon.exit;
  }
}

/** Whether a line of strace shows a call that changes a file or folder, or opens one in order to. */
export function isChange(line: string): boolean {
  return /^\d+ +(?:open|openat|openat2)\(.*\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)\b/u.test(line) || changing.test(line);
}

const changing = /^\d+ +(?:creat|rename\w*|link\w*|symlink\w*|unlink\w*|rmdir|mkdir\w*|mknod\w*|f?chmod\w*|[fl]?chown\w*|f?truncate|utime\w*|futimesat|[fl]?setxattr|write|writev|pwrite\w*|fallocate)\(/u;

const watched = [
  "?open", "openat", "?openat2", "?creat", "?rename", "?renameat", "renameat2", "?link", "linkat", "?symlink", "symlinkat", "?unlink", "unlinkat", "?rmdir",
  "?mkdir", "mkdirat", "?mknod", "mknodat", "?chmod", "fchmod", "fchmodat", "?chown", "fchown", "?lchown", "fchownat", "truncate", "ftruncate",
  "?utime", "?utimes", "utimensat", "?futimesat", "setxattr", "lsetxattr", "fsetxattr", "write", "writev", "pwrite64", "fallocate",
].join(",");

// Each scan begins with the names in the watched folder.
function isPoll(line: string, { root }: Stage): boolean {
  return line.includes(`"${root}", O_RDONLY`) && line.includes("O_DIRECTORY");
}

function commitEverything(stage: Stage): void {
  git(stage, "init", "-q");
  git(stage, "add", "-A");
  git(stage, "-c", "user.name=ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "finished");
}

function git({ root }: Stage, ...parameters: readonly string[]): string {
  return execFileSync("git", ["-C", root, ...parameters], { encoding: "utf8" });
}

// proc(5): after the name in parentheses the fields go on with the third; user and system time are the 14th and 15th.
function cpuSecondsOf({ pid }: DaemonProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

// USER_HZ is 100 on every Linux that Node runs on.
const ticksPerSecond = 100;

function linesOf(record: string): readonly string[] {
  return textOf(record).split("\n").slice(0, -1);
}
