import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, openSync, statSync, writeSync } from "node:fs";
import { constants as systemConstants, hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { now } from "../../system/clock.ts";
import { ensureFolder } from "../../system/durable-file.ts";
import { messageOf } from "../../system/error-message.ts";
import { isGroupAlive, signalGroup } from "../../system/process-group.ts";
import { userName } from "../../system/user.ts";
import { buildEnvironment } from "./environment.ts";
import { endOfScript, type ScriptExit } from "./local-job.ts";
import { jobPath, processFile, readStop, scriptFile, writeEnded, writeStop } from "./spool.ts";
import type { Ended, StoredJob, Stop } from "./stored.ts";
import type { TakenJob } from "./take.ts";

/** Runs a taken job to its end and records the end. The time limit and requests to stop are seen to here. */
export async function runJob(spool: string, taken: TakenJob): Promise<void> {
  const ended = await run(spool, taken);
  await whenPossible(spool, () => { writeEnded(spool, taken.job.id, ended); });
}

// On a full disk the job stays RUNNING until its end can be written, rather than be taken for lost.
async function whenPossible(spool: string, write: () => void): Promise<void> {
  while (existsSync(spool)) {
    try {
      write();
      return;
    } catch {
      await delay(5000);
    }
  }
}

async function run(spool: string, taken: TakenJob): Promise<Ended> {
  const { job } = taken;
  const obstacle = obstacleTo(job);
  if (obstacle !== undefined) return failed(obstacle);
  let streams: readonly [output: number, error: number];
  try {
    streams = openStreams(job);
  } catch (error) {
    return failed(`could not open the output file: ${messageOf(error)}`);
  }
  try {
    return await runScript(spool, taken, streams);
  } finally {
    for (const stream of new Set(streams)) closeSync(stream);
  }
}

async function runScript(spool: string, { job, taken, killWaitMs }: TakenJob, streams: readonly [output: number, error: number]): Promise<Ended> {
  if (!isExecutable(job.interpreter.path)) {
    tell(streams[1], `slurmstepd: error: execve(): bad interpreter(${job.interpreter.path}): No such file or directory\n`);
    return { ...failed(`bad interpreter: ${job.interpreter.path}`), exitCode: 2 };
  }
  const environment = buildEnvironment(process.env, job, { host: hostname(), user: userName(), gpus: taken.gpus });
  const script = startScript(spool, job, streams, environment);
  const exit = exitOf(script);
  const stop = script.pid === undefined ? undefined : await watch(spool, job, script.pid, exit, killWaitMs, streams[1]);
  const ending = await exit;
  const at = now();
  if (script.pid !== undefined) await endGroup(script.pid, killWaitMs);
  if (ending.error !== undefined) return failed(`could not be started: ${ending.error}`);
  if (!existsSync(jobPath(spool, job.id, processFile))) return failed("could not be started: its process could not be noted in the spool");
  return { at, ...endOfScript(ending, stop, job) };
}

// The process notes who it is before it becomes the script, so that whatever happens to this runner, nobody takes a
// running script for a dead one. `ln` makes the note whole, and only if nobody has declared the job lost meanwhile.
const becomeScript = `{ cat /proc/$$/stat 2>/dev/null || LC_ALL=C ps -o pid= -o lstart= -p $$; } >"$1.new" && ln "$1.new" "$1" && rm "$1.new" && shift && exec "$@"`;

function startScript(spool: string, job: StoredJob, [output, error]: readonly [number, number], environment: NodeJS.ProcessEnv): ChildProcess {
  const { path, argument } = job.interpreter;
  const command = [path, ...(argument === undefined ? [] : [argument]), jobPath(spool, job.id, scriptFile)];
  return spawn("/bin/sh", ["-c", becomeScript, "sh", jobPath(spool, job.id, processFile), ...command], {
    cwd: job.workFolder, detached: true, env: environment, stdio: ["ignore", output, error],
  });
}

async function exitOf(script: ChildProcess): Promise<ScriptExit> {
  return new Promise((resolve) => {
    script.once("error", (error) => {
      resolve({ error: messageOf(error) });
    });
    script.once("exit", (code, signal) => {
      resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal: systemConstants.signals[signal] }) });
    });
  });
}

const lookEveryMs = 500;

/** Waits for the script's end; stops it when it is to be stopped. */
async function watch(spool: string, job: StoredJob, group: number, exit: Promise<ScriptExit>, killWaitMs: number, error: number): Promise<Stop | undefined> {
  // A clock that neither jumps when the time is set nor runs while the machine sleeps.
  const startMs = performance.now();
  const over = new AbortController();
  void exit.then(() => { over.abort(); });
  let stop: Stop | undefined;
  let killAtMs = Infinity;
  for (;;) {
    const limitInMs = startMs + (job.timeLimitMs ?? Infinity) - performance.now();
    if (stop === undefined) {
      stop = limitInMs <= 0 ? timedOut(spool, job.id) : readStop(spool, job.id);
      if (stop !== undefined) {
        announce(error, job.id, stop);
        signalGroup(group, "SIGCONT");
        signalGroup(group, "SIGTERM");
        killAtMs = performance.now() + killWaitMs;
      }
    } else if (performance.now() >= killAtMs) signalGroup(group, "SIGKILL");
    const nextMs = Math.min(lookEveryMs, stop === undefined ? limitInMs : Math.max(killAtMs - performance.now(), 50));
    // Not Promise.race: over a job of days it would collect a reaction for each look.
    await delay(nextMs, undefined, { signal: over.signal }).catch(() => undefined);
    if (over.signal.aborted) return stop;
  }
}

// What a script leaves running would hold on to its GPUs. As on a cluster it is asked to end, then made to.
async function endGroup(group: number, killWaitMs: number): Promise<void> {
  if (!isGroupAlive(group)) return;
  signalGroup(group, "SIGTERM");
  const killAtMs = performance.now() + killWaitMs;
  while (isGroupAlive(group) && performance.now() < killAtMs) await delay(50);
  signalGroup(group, "SIGKILL");
}

function timedOut(spool: string, id: string): Stop {
  const stop: Stop = { as: "TIMEOUT", at: now() };
  try {
    writeStop(spool, id, stop);
    return readStop(spool, id) ?? stop;
  } catch {
    // The note is for whoever comes after this runner; a full disk is no reason to let the job run on.
    return stop;
  }
}

function announce(error: number, id: string, { as, at }: Stop): void {
  tell(error, `slurmstepd: error: *** JOB ${id} ON ${hostname()} CANCELLED AT ${at.slice(0, 19)}${as === "TIMEOUT" ? " DUE TO TIME LIMIT" : ""} ***\n`);
}

function tell(stream: number, text: string): void {
  try {
    writeSync(stream, text);
  } catch {
    return;
  }
}

function obstacleTo({ workFolder }: StoredJob): string | undefined {
  try {
    return statSync(workFolder).isDirectory() ? undefined : `not a folder to run in: ${workFolder}`;
  } catch {
    return `the folder to run in is not there: ${workFolder}`;
  }
}

function openStreams({ output, error }: StoredJob): readonly [output: number, error: number] {
  const stdout = openToAppend(output);
  return [stdout, error === undefined || error === output ? stdout : openToAppend(error)];
}

function openToAppend(file: string): number {
  ensureFolder(dirname(file));
  return openSync(file, "a");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function failed(reason: string): Ended {
  return { state: "FAILED", at: now(), reason };
}
