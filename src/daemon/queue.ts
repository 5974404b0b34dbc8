/**
 * Works on names, one at a time per queue, each at most once in line: a name that is queued twice is looked at once,
 * a name queued while it is worked on is looked at again afterwards.
 *
 * Our own thirty lines, because the libraries queue functions: what matters here is that repeats merge by name, that a
 * name can be due later, and that one that throws backs off without holding up the others.
 */
export interface NameQueue {
  /** Puts a name in line, now or after `delayMs`; an earlier due time wins. */
  add(name: string, delayMs?: number): void;
  /** Forgets a name that waits. */
  remove(name: string): void;
  /** Resolves when nothing is in line now; names that are due later do not count. */
  whenIdle(): Promise<void>;
  /** Resolves when the pass in progress is over; nothing new is begun. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  readonly work: (name: string) => Promise<void>;
  /** Told about every throw; the name comes back after a growing delay. */
  readonly onError: (name: string, error: unknown, retryMs: number) => void;
}

/** Starts an empty queue. */
export function createQueue({ work, onError }: QueueOptions): NameQueue {
  const timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly dueAt: number }>();
  const failures = new Map<string, number>();
  const ready = new Set<string>();
  let current: Promise<void> | undefined;
  let isStopped = false;

  const next = (): void => {
    const name = ready.values().next();
    if (isStopped || current !== undefined || name.done === true) return;
    ready.delete(name.value);
    current = pass(name.value).finally(() => { current = undefined; next(); });
  };
  const pass = async (name: string): Promise<void> => {
    try {
      await work(name);
      failures.delete(name);
    } catch (error) {
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      const retryMs = backOffMs(count);
      onError(name, error, retryMs);
      add(name, retryMs);
    }
  };
  const makeReady = (name: string): void => {
    timers.delete(name);
    ready.add(name);
    next();
  };
  const add = (name: string, delayMs = 0): void => {
    if (isStopped) return;
    const waiting = timers.get(name);
    const dueAt = performance.now() + delayMs;
    if (ready.has(name) || (waiting !== undefined && waiting.dueAt <= dueAt)) return;
    clearTimeout(waiting?.timer);
    timers.delete(name);
    if (delayMs <= 0) makeReady(name);
    else timers.set(name, { timer: setTimeout(() => makeReady(name), Math.min(delayMs, longestTimerMs)), dueAt });
  };
  return {
    add,
    remove: (name) => {
      clearTimeout(timers.get(name)?.timer);
      timers.delete(name);
      ready.delete(name);
    },
    whenIdle: async () => {
      while (current !== undefined) await current;
    },
    stop: async () => {
      isStopped = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
      ready.clear();
      await current;
    },
  };
}

// 1 s, 2 s, 4 s, ... and never longer than five minutes apart.
function backOffMs(failures: number): number {
  return Math.min(1000 * 2 ** (failures - 1), 300_000);
}

// Node fires a timer of more than 2^31 ms at once.
const longestTimerMs = 2 ** 31 - 1;
