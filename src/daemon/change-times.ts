/**
 * Turns the newest change in a folder into a moment of this machine's clock.
 *
 * A change from the future (a file server whose clock is ahead, a clock that was stepped back, an unpacked archive) says
 * nothing about how long ago it was: then it counts as having happened when this process first saw it.
 */
export interface ChangeTimes {
  /** @returns Milliseconds since 1970, never later than `nowMs`. */
  ownTimeOf(what: string, changedMs: number, nowMs: number): number;
}

/** Starts having seen nothing. */
export function watchChangeTimes(): ChangeTimes {
  const firstSeen = new Map<string, { readonly changedMs: number; readonly seenMs: number }>();
  return {
    ownTimeOf: (what, changedMs, nowMs) => {
      if (changedMs <= nowMs) return changedMs;
      const seen = firstSeen.get(what);
      if (seen?.changedMs === changedMs) return Math.min(seen.seenMs, nowMs);
      firstSeen.set(what, { changedMs, seenMs: nowMs });
      return nowMs;
    },
  };
}
