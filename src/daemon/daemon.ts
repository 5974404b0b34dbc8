import type { SubmitAnswer } from "../domain/job.ts";
import type { Request } from "../domain/request.ts";
import type { Scheduler } from "../domain/scheduler.ts";
import type { Wish } from "../domain/wish.ts";
import type { Turns } from "../system/turns.ts";
import { createLane, type Lane } from "./lane.ts";
import { createQueue } from "./queue.ts";
import { type Pass, reconcile } from "./reconcile.ts";
import type { World } from "./world.ts";

/** nightshift at work on a set of experiments: every name it is given is looked at, again and again, until it is stopped. */
export interface Daemon {
  /** Says "look at this experiment": now, and by itself again whenever that is due. */
  look(folder: string): void;
  forget(folder: string): void;
  /** The last pass over each experiment. */
  passes(): ReadonlyMap<string, Pass>;
  /** Resolves when every experiment that was named has been looked at. */
  whenIdle(): Promise<void>;
  /** Resolves when no pass and no submission is in progress; jobs keep running. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  readonly world: World;
  readonly schedulers: readonly Scheduler[];
  /** Whether this process takes care of the experiment. */
  readonly mayWrite: (folder: string) => boolean;
  /** How long a limit, a doubt or a cancellation is waited out before a scheduler is asked again. */
  readonly postponedMs: number;
  /** What its lane to a scheduler shares with other processes of the same user. */
  readonly turns?: (scheduler: string) => Turns;
  /** What a person wanted of the experiment by other ways than a request file. */
  readonly requests: (folder: string) => readonly Request[];
  /** Tells people: documents, terminal. Called after each pass. */
  readonly onPass: (pass: Pass) => void;
  readonly onAnswer: (folder: string, wish: Wish, answer: SubmitAnswer | undefined) => void;
  readonly onError: (folder: string, error: unknown, retryMs: number | undefined) => void;
  /** Whether to look only: wishes are shown and never handed to a lane. */
  readonly dryRun: boolean;
}

// Between two passes over an experiment lies ten times the processor time of the last one, and never more than a poll: at
// most a tenth of one core. What a pass waited for a disk costs nobody anything, and must not make it late as well.
const restFactor = 10;

/** Starts a daemon that has nothing to look at yet. */
export function startDaemon(options: DaemonOptions): Daemon {
  const passes = new Map<string, Pass>();
  const lanes = new Map<string, Lane>(options.schedulers.map((scheduler) => [scheduler.name, createLane({
    scheduler,
    postponedMs: options.postponedMs,
    ...(options.turns === undefined ? {} : { turns: options.turns(scheduler.name) }),
    onAnswer: (folder, wish, answer) => {
      options.onAnswer(folder, wish, answer);
      queue.add(folder);
    },
    onError: (folder, _wish, error) => options.onError(folder, error, undefined),
  })]));
  const restUntil = new Map<string, number>();
  const work = async (folder: string): Promise<void> => {
    const begun = process.cpuUsage();
    const pass = await reconcile(folder, options.world, { mayWrite: options.mayWrite(folder) && !options.dryRun, requests: options.requests(folder) });
    passes.set(folder, pass);
    // Before anything is told, which a full disk may make fail: what is not wished any more must not be submitted. That
    // holds as well where there is no state any more to say which lane it was.
    const scheduler = pass.state?.life.context.scheduler;
    for (const [name, lane] of lanes) lane.hand(folder, name === scheduler && !options.dryRun ? pass.wishes : [], pass.facts?.settings.staggerMs ?? 0);
    options.onPass(pass);
    const { user, system } = process.cpuUsage(begun);
    restUntil.set(folder, performance.now() + Math.min(restFactor * (user + system) / 1000, pass.facts?.settings.pollMs ?? 1000));
    if (pass.lookAgainMs !== undefined) lookIn(folder, pass.lookAgainMs);
  };
  // A large experiment whose outputs grow all the time must not take a whole core of a login node.
  const lookIn = (folder: string, delayMs: number): void => queue.add(folder, Math.max(delayMs, (restUntil.get(folder) ?? 0) - performance.now()));
  const queue = createQueue({ work, onError: options.onError });
  return {
    look: (folder) => lookIn(folder, 0),
    forget: (folder) => {
      queue.remove(folder);
      for (const lane of lanes.values()) lane.hand(folder, [], 0);
      passes.delete(folder);
    },
    passes: () => passes,
    whenIdle: async () => queue.whenIdle(),
    stop: async () => {
      await queue.stop();
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
