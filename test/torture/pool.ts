/** So many places for tasks; a task that takes long gives its place to the next one and goes on beside it. */
export interface Pool {
  /** Begins a task as soon as there is a place. Resolves when it has begun; how it ends, `whenEmpty` tells. */
  begin(task: () => Promise<void>): Promise<void>;
  /** Resolves when no task is left. Rejects with what the first one rejected with that did. */
  whenEmpty(): Promise<void>;
}

/** Opens a pool. */
export function openPool(places: number, longMs: number): Pool {
  let free = places;
  const waiting: (() => void)[] = [];
  const tasks = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    begin: async (task) => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => { waiting.push(resolve); });
      let isBack = false;
      const giveBackOnce = (): void => {
        if (!isBack) giveBack();
        isBack = true;
      };
      const timer = setTimeout(giveBackOnce, longMs);
      const running = task().catch((error: unknown) => { failure ??= { error }; }).finally(() => {
        clearTimeout(timer);
        tasks.delete(running);
        giveBackOnce();
      });
      tasks.add(running);
    },
    whenEmpty: async () => {
      while (tasks.size > 0) await Promise.all(tasks);
      if (failure !== undefined) throw failure.error;
    },
  };
}
