import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import * as z from "zod";

/**
 * One process, told apart from any other that has or will have its number.
 *
 * Numbers are given out again, and all of them after a reboot; the start time and the id of the boot are not.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started: clock ticks since boot on Linux (field 22 of /proc/PID/stat), a date elsewhere. */
  readonly startTicks: string;
  readonly bootId: string;
}

export const processIdentitySchema = z.object({ host: z.string(), pid: z.number(), startTicks: z.string(), bootId: z.string() });

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity === undefined) throw new Error("cannot read this process's own start time");
  return identity;
}

/** Whether an identity is this process's own. */
export function isThisProcess(identity: ProcessIdentity): boolean {
  const { host, pid, startTicks, bootId: boot } = thisProcess();
  return identity.host === host && identity.pid === pid && identity.startTicks === startTicks && identity.bootId === boot;
}

/** The identity of the process that has a number now. Undefined where there is none, or only one that waits to be reaped. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTicks = startOf(pid);
  return startTicks === undefined ? undefined : { host: hostname(), pid, startTicks, bootId: bootId() };
}

/** Whether a process still runs. One of another host counts as alive, since nothing here can tell. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname()) return true;
  if (identity.bootId !== bootId()) return false;
  const start = startOf(identity.pid);
  // Where /proc shows only one's own processes (hidepid), a stranger's can neither be seen nor signalled, but it is there.
  return start === undefined ? isForeign(identity.pid) : start === identity.startTicks;
}

/**
 * Parses what says when a process started: the text of /proc/PID/stat, or `PID DATE` as from `ps -o pid= -o lstart=`.
 *
 * The program's name in /proc stands in parentheses and may hold spaces and parentheses itself.
 */
export function parseProcessStart(text: string): { readonly pid: number; readonly startTicks: string; readonly isZombie: boolean } | undefined {
  const pid = Number.parseInt(text, 10);
  if (Number.isNaN(pid)) return undefined;
  const end = text.lastIndexOf(")");
  if (end === -1) {
    const date = /^\s*\d+\s+(?<date>\S.*?)\s*$/u.exec(text)?.groups?.["date"];
    return date === undefined ? undefined : { pid, startTicks: date.replaceAll(/\s+/gu, " "), isZombie: false };
  }
  const fields = text.slice(end + 1).trim().split(/\s+/u);
  const startTicks = fields[19];
  return startTicks === undefined ? undefined : { pid, startTicks, isZombie: fields[0] === "Z" || fields[0] === "X" };
}

function isForeign(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function startOf(pid: number): string | undefined {
  const start = parseProcessStart(process.platform === "linux" ? readStat(pid) : psLine(pid));
  return start === undefined || start.isZombie ? undefined : start.startTicks;
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return "";
  }
}

function psLine(pid: number): string {
  return outputOf("ps", ["-o", "pid=", "-o", "lstart=", "-p", String(pid)]);
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= process.platform === "linux"
    ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    : outputOf("sysctl", ["-n", "kern.bootsessionuuid"]).trim();
  return knownBootId;
}

function outputOf(program: string, parameters: readonly string[]): string {
  try {
    return execFileSync(program, parameters, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}
