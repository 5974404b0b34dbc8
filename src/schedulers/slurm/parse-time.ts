import type { Instant } from "../../domain/time.ts";
import { instantOf } from "../../system/clock.ts";

/**
 * Parses a time of squeue or sacct: seconds since 1970, as `SLURM_TIME_FORMAT=%s` asks for, or `2026-11-21T13:15:00`
 * in UTC, which is what programs that do not know that variable print under `TZ=UTC`. `Unknown`, `None`, `N/A`: none.
 */
export function parseTime(text: string): Instant | undefined {
  if (/^[1-9]\d{8,10}$/u.test(text)) return instantOf(new Date(Number(text) * 1000));
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/u.test(text)) return instantOf(new Date(`${text}Z`));
  return undefined;
}
