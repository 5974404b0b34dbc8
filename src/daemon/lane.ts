import type { SubmitAnswer } from "../domain/job.ts";
import type { Scheduler } from "../domain/scheduler.ts";
import type { Wish } from "../domain/wish.ts";
import type { Turns } from "../system/turns.ts";

/**
 * The one way to a scheduler for one user: submissions go out one after the other, trainings staggered by `staggerMs`,
 * evaluations by a fifth of it, also beside other processes of the same user.
 *
 * Each pass of an experiment hands over all its wishes anew; what is not wished any more is dropped, unless it is being
 * submitted at this moment. The outcome is on disk (schedulers/submission.ts) and comes back as an observation of the
 * next pass, so nothing is lost when nightshift dies in here.
 */
export interface Lane {
  /** Replaces what an experiment wishes. */
  hand(experimentFolder: string, wishes: readonly Wish[], staggerMs: number): void;
  /** Resolves when the submission in progress has its answer, or takes too long for one who waits; nothing new is begun. */
  stop(): Promise<void>;
}

export interface LaneOptions {
  readonly scheduler: Scheduler;
  /** Says "look at this experiment": its answer is on disk. */
  readonly onAnswer: (experimentFolder: string, wish: Wish, answer: SubmitAnswer | undefined) => void;
  /** Told about a throw, which is a bug: the wish is not tried again by this lane. */
  readonly onError: (experimentFolder: string, wish: Wish, error: unknown) => void;
  /** How long a limit, a doubt or a cancellation is waited out before asking again. */
  readonly postponedMs: number;
  /** Taken with the lanes of other processes. */
  readonly turns?: Turns;
}

/** Opens the lane to a scheduler. */
export function createLane({ scheduler, onAnswer, onError, postponedMs, turns }: LaneOptions): Lane {
  const wished = new Map<string, { readonly wishes: readonly Wish[]; readonly staggerMs: number }>();
  // Keys that have their answer. A pass that read the disk before the answer was there may wish them once more.
  const answered = new Set<string>();
  const postponedUntil = new Map<string, number>();
  // A limit of the user's is every submission's; cancelling makes room, and goes on.
  let closedUntil = 0;
  let current: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let freeAt = 0;
  let isStopped = false;

  const nextWish = (now: number): { folder: string; wish: Wish; staggerMs: number } | undefined => {
    const all = [...wished].flatMap(([folder, { wishes, staggerMs }]) => wishes.map((wish) => ({ folder, wish, staggerMs })));
    const open = all.filter(({ wish }) => !answered.has(nameOf(wish)) && Math.max(postponedUntil.get(nameOf(wish)) ?? 0, wish.kind === "submit" ? closedUntil : 0) <= now);
    return open.find(({ wish }) => wish.kind === "cancel") ?? open.find(({ wish }) => wish.kind === "submit" && wish.intent.kind === "training") ?? open[0];
  };
  const turn = (): void => {
    clearTimeout(timer);
    if (isStopped || current !== undefined) return;
    const now = performance.now();
    const next = nextWish(now);
    if (next === undefined) {
      // Only wishes that a limit postponed are left, if any: come back when the first of them may be tried again.
      const again = Math.min(...[...postponedUntil.values(), closedUntil].filter((until) => until > now));
      if (Number.isFinite(again) && wished.size > 0) timer = setTimeout(turn, Math.max(50, again - now));
      return;
    }
    const restMs = Math.max(freeAt - now, turns?.restMs() ?? 0);
    if (restMs > 0) {
      timer = setTimeout(turn, restMs);
      return;
    }
    current = act(next.folder, next.wish, next.staggerMs).finally(() => { current = undefined; turn(); });
  };
  const act = async (folder: string, wish: Wish, staggerMs: number): Promise<void> => {
    const restMs = restAfter(wish, staggerMs);
    turns?.rest(restMs);
    try {
      const answer = wish.kind === "submit" ? await scheduler.submit(wish.intent) : await scheduler.cancel(wish.intent);
      const until = performance.now() + postponedMs;
      if (answer?.kind === "postponed" && answer.isForAll === true) closedUntil = until;
      // That a job was asked to end is no proof that it does: the wish goes when it has ended.
      if (wish.kind === "cancel" || answer?.kind === "postponed" || answer?.kind === "unclear") postponedUntil.set(nameOf(wish), until);
      else { answered.add(nameOf(wish)); postponedUntil.delete(nameOf(wish)); }
      onAnswer(folder, wish, answer);
    } catch (error) {
      answered.add(nameOf(wish));
      onError(folder, wish, error);
    }
    freeAt = performance.now() + restMs;
    turns?.rest(restMs);
  };
  return {
    hand: (folder, wishes, staggerMs) => {
      if (wishes.length === 0) wished.delete(folder);
      else wished.set(folder, { wishes, staggerMs });
      turn();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      // A submission goes on by itself and leaves its answer on disk: nobody has to wait for a controller that is away.
      let patience: NodeJS.Timeout | undefined;
      await Promise.race([current, new Promise((resolve) => { patience = setTimeout(resolve, longestWaitMs); })]);
      clearTimeout(patience);
    },
  };
}

const longestWaitMs = 5000;

function restAfter(wish: Wish, staggerMs: number): number {
  return wish.kind === "submit" && wish.intent.kind === "training" ? staggerMs : staggerMs / 5;
}

function nameOf(wish: Wish): string {
  return wish.kind === "submit" ? wish.intent.key : `cancel ${wish.intent.key}`;
}
