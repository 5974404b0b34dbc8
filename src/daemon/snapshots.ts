import type { ExpectedJob, QueueSnapshot } from "../domain/job.ts";
import type { Scheduler } from "../domain/scheduler.ts";

/** One answer of a scheduler shared by all experiments that look within `maxAgeMs` of it. */
export interface Snapshots {
  /** @param expected The jobs that this experiment waits to hear of; each call replaces what it said before. */
  take(experimentFolder: string, expected: readonly ExpectedJob[]): Promise<QueueSnapshot>;
}

/** Asks a scheduler at most once per `maxAgeMs`, however many experiments want to know, about the jobs of all of them. */
export function shareSnapshots(scheduler: Scheduler, maxAgeMs: number): Snapshots {
  const expectedBy = new Map<string, readonly ExpectedJob[]>();
  let last: { readonly takenAt: number; readonly snapshot: Promise<QueueSnapshot> } | undefined;
  return {
    take: (experimentFolder, expected) => {
      expectedBy.set(experimentFolder, expected);
      const now = performance.now();
      if (last === undefined || now - last.takenAt >= maxAgeMs) last = { takenAt: now, snapshot: scheduler.query([...expectedBy.values()].flat()) };
      return last.snapshot;
    },
  };
}
