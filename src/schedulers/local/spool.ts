import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type * as z from "zod";

import { createExclusively, ensureFolder, syncFolder, writeFileDurably } from "../../system/durable-file.ts";
import { isAlive, parseProcessStart, type ProcessIdentity } from "../../system/process-identity.ts";
import { acquireTicket } from "../../system/ticket-lock.ts";
import type { LocalJob } from "./local-job.ts";
import { type Ended, endedSchema, type Limits, limitsSchema, type Stop, stopSchema, type StoredJob, storedJobSchema, type Taken, takenSchema } from "./stored.ts";

/**
 * The spool of this machine: `{state}/local/{host}/`, with the jobs as folders `jobs/{id}/`.
 *
 * One for each host, because a home folder is often shared by machines whose processes and GPUs are not.
 * In a job's folder: `job.json` and `slurm_script` (submitted), `taken.json` (by a runner), `process` (by the script's
 * own process before its first line), `stop.json` (to be stopped), `ended.json`.
 */
export function spoolFolder(stateFolder: string): string {
  return join(stateFolder, "local", hostname());
}

export const scriptFile = "slurm_script";
export const processFile = "process";

/** The folder of one job. */
export function jobPath(spool: string, id: string, ...names: readonly string[]): string {
  return join(spool, "jobs", id, ...names);
}

/** The ids of all jobs, oldest first. */
export function readIds(spool: string): readonly string[] {
  const folder = join(spool, "jobs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => /^\d+$/u.test(name)).toSorted((a, b) => Number(a) - Number(b));
}

/** Reads the jobs that have not ended. */
export function readOpenJobs(spool: string): readonly LocalJob[] {
  return readIds(spool).filter((id) => !existsSync(jobPath(spool, id, "ended.json"))).map((id) => readJob(spool, id));
}

/** Reads one job. Throws where a file of it cannot be understood; all of them are written whole. */
export function readJob(spool: string, id: string): LocalJob {
  const job = readStoredJob(spool, id);
  const stop = read(jobPath(spool, id, "stop.json"), stopSchema);
  const taken = read(jobPath(spool, id, "taken.json"), takenSchema);
  const script = taken === undefined ? undefined : readScriptProcess(spool, id, taken);
  const isRunnerAlive = taken !== undefined && isAlive(taken.runner);
  const isScriptAlive = script !== undefined && isAlive(script);
  // Read last: a job that ended meanwhile has ended, whatever its processes looked like before.
  const ended = read(jobPath(spool, id, "ended.json"), endedSchema);
  return {
    job, isRunnerAlive, isScriptAlive,
    ...(taken === undefined ? {} : { taken }), ...(stop === undefined ? {} : { stop }), ...(ended === undefined ? {} : { ended }),
  };
}

/** Reads a job as it was submitted. */
export function readStoredJob(spool: string, id: string): StoredJob {
  const file = jobPath(spool, id, "job.json");
  const job = read(file, storedJobSchema);
  if (job === undefined) throw new Error(`missing: ${file}`);
  return job;
}

/** Reads the identity of the script's process: the one that the script noted, on the machine and boot of its runner. */
export function readScriptProcess(spool: string, id: string, taken: Taken): ProcessIdentity | undefined {
  const text = textOf(jobPath(spool, id, processFile));
  const start = text === undefined ? undefined : parseProcessStart(text);
  return start === undefined ? undefined : { ...taken.runner, pid: start.pid, startTicks: start.startTicks };
}

/** Adds a job under an id that nothing has used, whole or not at all. */
export function addJob(spool: string, id: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const folder = join(spool, "jobs");
  const prepared = join(folder, `.new-${id}-${process.pid}`);
  rmSync(prepared, { recursive: true, force: true });
  ensureFolder(folder);
  mkdirSync(prepared);
  for (const [name, content] of files) writeFileDurably(join(prepared, name), content);
  renameSync(prepared, join(folder, id));
  syncFolder(folder);
}

export function writeTaken(spool: string, id: string, taken: Taken): void {
  writeFileDurably(jobPath(spool, id, "taken.json"), render(taken));
}

/** Asks for a job to be stopped. The first one to ask decides as what. */
export function writeStop(spool: string, id: string, stop: Stop): void {
  createExclusively(jobPath(spool, id, "stop.json"), render(stop));
}

export function readStop(spool: string, id: string): Stop | undefined {
  return read(jobPath(spool, id, "stop.json"), stopSchema);
}

/** Records a job's end. The first one counts. */
export function writeEnded(spool: string, id: string, ended: Ended): void {
  createExclusively(jobPath(spool, id, "ended.json"), render(ended));
}

export function readLimits(spool: string): Limits | undefined {
  return read(join(spool, "limits.json"), limitsSchema);
}

export function writeLimits(spool: string, limits: Limits): void {
  if (textOf(join(spool, "limits.json")) !== render(limits)) writeFileDurably(join(spool, "limits.json"), render(limits));
}

/** Does something while nobody else submits, takes or cancels a job. */
export async function withSpool<Result>(spool: string, purpose: string, act: () => Result): Promise<Result> {
  const folder = join(spool, "lock");
  for (let waitedMs = 0; ; ) {
    const acquisition = acquireTicket(folder, purpose);
    if (acquisition.kind === "held") {
      try {
        return act();
      } finally {
        acquisition.ticket.release();
      }
    }
    if (waitedMs > patienceMs) throw new Error(`the spool has been locked for ${patienceMs / 1000} s: ${acquisition.file}`);
    const waitMs = 5 + Math.random() * 20;
    await delay(waitMs);
    waitedMs += waitMs;
  }
}

// A holder needs milliseconds; one that was stopped (SIGSTOP) in between would otherwise hold up all of nightshift.
const patienceMs = 20_000;

function read<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`cannot be understood: ${file}`, { cause: error });
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function render(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
