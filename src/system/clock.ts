import type { Instant } from "../domain/time.ts";

/** Renders a date as an instant with this machine's own offset at that date: `2026-11-21T13:15:00.250+01:00`. */
export function instantOf(date: Date): Instant {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** The present moment. */
export function now(): Instant {
  return instantOf(new Date());
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
