import { join } from "node:path";

import { type DaemonProcess, startDaemon } from "../support/daemon-process.ts";
import { eventually } from "../support/eventually.ts";
import { killAtExecve, killing, type KillPoint, lastCallIn } from "./kill-point.ts";
import { isFinished, isMovedIn, isWatchedOnRecord, moveIn, type Stage, untilQuiet } from "./stage.ts";

/** How nightshift is given its work: named, or moved into a folder that it watches. */
export type Entry = "run" | "watch";

export interface Work {
  readonly program: string;
  readonly stage: Stage;
  readonly entry: Entry;
  /** One for each start that is to be killed, in order. Whoever comes after the last one is left alone. */
  readonly kills: readonly KillPoint[];
  /** What a start that is not killed runs under. */
  readonly under?: readonly string[];
}

export interface Course {
  /** The calls at which daemons were killed, as strace shows them. */
  readonly killedAt: readonly string[];
  readonly restarts: number;
  /** What was wrong about how the last daemon ended, if anything. */
  readonly complaint?: string;
}

/** Works an experiment through: starts nightshift, and starts it again with the same command whenever it was killed. */
export async function workThrough({ program, stage, entry, kills, under = [] }: Work): Promise<Course> {
  const killedAt: string[] = [];
  for (let starts = 0; ; starts += 1) {
    const point = kills[starts];
    const record = join(stage.folder, `strace-${starts + 1}`);
    const daemon = startDaemon({
      program, stateHome: stage.stateHome, parameters: [entry, entry === "run" ? stage.experiment : stage.root, ...pace],
      under: point === undefined ? under : killing(point, record),
    });
    try {
      await Promise.all([point?.call === "execve" ? killAtExecve(daemon, record) : undefined, entry === "run" ? endOfRun(daemon) : endOfWatch(daemon, stage)]);
    } catch (error) {
      daemon.signal("SIGKILL");
      return { killedAt, restarts: starts, complaint: `${String(error)}\n${daemon.said()}` };
    }
    const { code, signal } = await daemon.exit;
    if (signal === "SIGKILL" && point !== undefined) {
      killedAt.push(lastCallIn(record));
      continue;
    }
    await untilQuiet(stage);
    return { killedAt, restarts: starts, ...(code === 0 ? {} : { complaint: `ended with ${code ?? signal}\n${daemon.said()}` }) };
  }
}

const pace = ["--settle", "100ms", "--poll", "200ms", "--stagger", "0s", "--scheduler", "local", "--max-jobs", "2"];

// Longer than anything takes on a busy machine, and shorter than the minute after which a lost job is tried again.
const deadlineMs = 50_000;

async function endOfRun(daemon: DaemonProcess): Promise<void> {
  await eventually(() => daemon.isOver(), "the end of the work", deadlineMs);
}

async function endOfWatch(daemon: DaemonProcess, stage: Stage): Promise<void> {
  if (!isMovedIn(stage)) {
    await eventually(() => daemon.isOver() || isWatchedOnRecord(stage), "the watching to be on record", deadlineMs);
    if (isWatchedOnRecord(stage)) moveIn(stage);
  }
  // Only a watcher that has looked around hears SIGTERM as a wish to stop; one that has just been started dies of it.
  await eventually(() => daemon.isOver() || (isFinished(stage) && /experiments? (?:found|is here)/u.test(daemon.said())), "the end of the work", deadlineMs);
  if (!daemon.isOver()) daemon.signal("SIGTERM");
  await eventually(() => daemon.isOver(), "the end of the watch", deadlineMs);
}
