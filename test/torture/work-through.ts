import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { type DaemonProcess, startDaemon } from "../support/daemon-process.ts";
import { killAtExecve, killing, lastCallIn } from "./kill-point.ts";
import { isOnlyLost, type Person } from "./person.ts";
import type { Entry, Kill, Start } from "./plan.ts";
import { isFinished, moveInWhenWatched, type Stage } from "./stage.ts";
import { lastAttempts, type Witness } from "./witness.ts";

export interface Work {
  readonly program: string;
  readonly stage: Stage;
  readonly entry: Entry;
  readonly starts: readonly Start[];
  /** Options of `run` and `watch`. */
  readonly pace: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly witness: Witness;
  readonly person: Person;
  /** Called before each start, with what is planned for it; the answer is called when that start is over. */
  readonly onStart: (start: Start | undefined) => Promise<() => void>;
  /** A command that counts calls, for starts that are not killed. */
  readonly under?: readonly string[];
  /** Ends the work before its time. */
  readonly signal: AbortSignal;
}

export interface Course {
  /** The kinds and places of the kills, in order. */
  readonly kills: readonly { readonly kind: Kill["kind"]; readonly at: string }[];
  readonly restarts: number;
  /** What was wrong about how a daemon ended, if anything. */
  readonly complaint?: string;
}

/** Works a round through: starts nightshift, and starts it again with the same command whenever it was killed, until all is done. */
export async function workThrough(work: Work): Promise<Course> {
  const { program, stage, entry, pace, environment, witness, person, under = [] } = work;
  const kills: { kind: Kill["kind"]; at: string }[] = [];
  for (let number = 0; ; number += 1) {
    const start = work.starts[number];
    const record = join(stage.folder, `strace-${number + 1}`);
    const onEnd = await work.onStart(start);
    const daemon = startDaemon({
      program, stateHome: stage.stateHome, parameters: [entry, entry === "run" ? stage.experiments[0]?.folder ?? "" : stage.root, ...pace],
      under: ["env", ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...(start?.kill.kind === "call" ? killing(start.kill, record) : under)],
    });
    const timer = start?.kill.kind === "time" ? setTimeout(() => daemon.signal("SIGKILL"), start.kill.afterMs) : undefined;
    let complaint: string | undefined;
    try {
      await Promise.all([start?.kill.kind === "call" && start.kill.call === "execve" ? killAtExecve(daemon, record) : undefined, untilOver(daemon, work)]);
    } catch (error) {
      daemon.signal("SIGKILL");
      complaint = `${String(error)}\n${endOf(daemon.said())}`;
    }
    clearTimeout(timer);
    const { code, signal } = await daemon.exit;
    writeFileSync(join(stage.folder, `said-${number + 1}`), daemon.said());
    onEnd();
    witness.look();
    if (complaint !== undefined) return { kills, restarts: number, complaint };
    if (signal === "SIGKILL" && start !== undefined) {
      kills.push({ kind: start.kill.kind, at: placeOf(start.kill, record) });
      await pause(start.pauseMs);
      continue;
    }
    if (code === 1 && await retryLost(witness, person)) continue;
    return { kills, restarts: number, ...(code === 0 ? {} : { complaint: `ended with ${code ?? signal}\n${endOf(daemon.said())}` }) };
  }
}

// The whole of it is kept beside the round.
function endOf(said: string): string {
  return said.trimEnd().split("\n").slice(-12).join("\n");
}

function placeOf(kill: Kill, record: string): string {
  switch (kill.kind) {
    case "call": return lastCallIn(record);
    case "time": return `${kill.afterMs} ms after its start`;
    case "submission": return `sbatch: ${kill.moment}`;
  }
}

// The end of `run` is its own; that of a watch is ours to bring about.
async function untilOver(daemon: DaemonProcess, { entry, stage, witness, person, signal }: Work): Promise<void> {
  const startedMs = performance.now();
  let lookedMs = startedMs;
  let isTold = false;
  while (!daemon.isOver()) {
    signal.throwIfAborted();
    witness.look();
    if (entry === "watch" && !isTold) {
      moveInWhenWatched(stage);
      // Only a watcher that has looked around hears SIGTERM as a wish to stop; one that has just been started dies of it.
      if (/experiments? (?:found|is here)/u.test(daemon.said()) && isAllDone(stage, witness) && !(await retryLost(witness, person))) {
        isTold = true;
        daemon.signal("SIGTERM");
      }
    }
    if (performance.now() - lookedMs > 1000) {
      await person.releaseDoubts();
      lookedMs = performance.now();
    }
    if (performance.now() - Math.max(startedMs, witness.lastChangeMs()) > patienceMs(witness)) throw new Error("nothing happens any more");
    await pause(20);
  }
}

function isAllDone({ experiments }: Stage, witness: Witness): boolean {
  return experiments.every((experiment) => {
    const state = witness.states().find((one) => one.experiment === experiment)?.state;
    return isFinished(experiment) || (state?.life.state === "finished" && isOnlyLost(experiment, state));
  });
}

async function retryLost(witness: Witness, person: Person): Promise<boolean> {
  let isAsked = false;
  for (const { experiment, state } of witness.states()) if (state?.life.state === "finished" && !isFinished(experiment) && await person.retryLost(experiment, state)) isAsked = true;
  return isAsked;
}

// A job that the queue does not hold any more is waited for, and so is a submission that nobody knows of.
function patienceMs(witness: Witness): number {
  const attempts = witness.states().flatMap(({ state }) => (state === undefined ? [] : lastAttempts(state)));
  return attempts.some(({ missing }) => missing !== undefined) ? 900_000 : 150_000;
}
