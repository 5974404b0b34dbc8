import { closeSync, mkdirSync, openSync, statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";

/** When whoever submits for one user, in whatever process, may go on: they take turns so as to spread their submissions. */
export interface Turns {
  /** How long it is until then, in milliseconds. */
  restMs(): number;
  /** Asks everybody to wait for so long from now, up to a minute. */
  rest(forMs: number): void;
}

/**
 * Takes turns by a file whose time of change is the moment to wait for.
 *
 * A courtesy to the scheduler and nothing that anything relies on: two that look at the same moment both go on, and where
 * the file cannot be written everybody goes on.
 */
export function turnsIn(file: string, nowMs: () => number = Date.now): Turns {
  return {
    restMs: () => {
      const leftMs = (ifPossible(() => statSync(file).mtimeMs) ?? 0) - nowMs();
      // Further away than anybody may ask for: a clock was set.
      return leftMs > longestMs ? 0 : Math.max(0, leftMs);
    },
    rest: (forMs) => ifPossible(() => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      closeSync(openSync(file, "a", 0o600));
      const until = (nowMs() + Math.min(forMs, longestMs)) / 1000;
      utimesSync(file, until, until);
    }),
  };
}

const longestMs = 60_000;

function ifPossible<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
