import type { QueueSnapshot } from "../domain/job.ts";
import type { Scheduler } from "../domain/scheduler.ts";

/** One answer of a scheduler shared by all experiments that look within `maxAgeMs` of it. */
export interface Snapshots {
  take(): Promise<QueueSnapshot>;
}

/** Asks a scheduler at most once per `maxAgeMs`, however many experiments want to know. */
export function shareSnapshots(scheduler: Scheduler, maxAgeMs: number): Snapshots {
  let last: { readonly takenAt: number; readonly snapshot: Promise<QueueSnapshot> } | undefined;
  return {
    take: () => {
      const now = performance.now();
      if (last === undefined || now - last.takenAt >= maxAgeMs) last = { takenAt: now, snapshot: scheduler.query() };
      return last.snapshot;
    },
  };
}
