/**
 * A moment: ISO 8601 with the writer's own offset, e.g. `2026-11-21T13:15:00.250+01:00`.
 *
 * The offset is kept because the files of the documents show local times ("2026-11-21 13:15:00"): pure code
 * can cut them out of an instant without asking any clock or time zone.
 */
export type Instant = string;

/** Milliseconds since 1970 of an instant. Throws a RangeError on text that is no ISO 8601 moment. */
export function epochMs(instant: Instant): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`not an ISO 8601 moment: ${JSON.stringify(instant)}`);
  return ms;
}

/** The writer's local time as the documents print it: `YYYY-MM-DD HH:MM:SS`. */
export function wallTime(instant: Instant): string {
  return instant.slice(0, 19).replace("T", " ");
}

/** The later of two instants; either may be missing. */
export function laterOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return epochMs(a) >= epochMs(b) ? a : b;
}

/** Milliseconds from one instant to another, never below 0 (clocks are stepped back now and then). */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(0, epochMs(to) - epochMs(from));
}
