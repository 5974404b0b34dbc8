import type { ExpectedJob, QueueSnapshot } from "../domain/job.ts";
import type { Scheduler } from "../domain/scheduler.ts";

/** One answer of a scheduler shared by all experiments that look within `maxAgeMs` of it. */
export interface Snapshots {
  /** @param expected The jobs that this experiment waits to hear of; each call replaces what it said before. */
  take(experimentFolder: string, expected: readonly ExpectedJob[]): Promise<QueueSnapshot>;
}

/**
 * Asks a scheduler at most once per `maxAgeMs`, however many experiments want to know, about the jobs of all of them.
 *
 * Counts for how long jobs have been missing, by the monotonic clock, since a wall clock may be stepped; an outage in
 * between begins the count anew.
 */
export function shareSnapshots(scheduler: Pick<Scheduler, "query">, maxAgeMs: number, monotonicMs: () => number = () => performance.now()): Snapshots {
  const expectedBy = new Map<string, readonly ExpectedJob[]>();
  const missedAt = new Map<string, number>();
  let last: { readonly takenAt: number; readonly snapshot: Promise<QueueSnapshot> } | undefined;
  const ask = async (takenAt: number): Promise<QueueSnapshot> => {
    const snapshot = await scheduler.query([...expectedBy.values()].flat());
    const missing = snapshot.kind === "available" ? snapshot.missing : [];
    for (const key of missedAt.keys()) if (!missing.some((job) => job.key === key)) missedAt.delete(key);
    for (const { key } of missing) if (!missedAt.has(key)) missedAt.set(key, takenAt);
    return snapshot.kind === "available" ? { ...snapshot, missing: missing.map((job) => ({ ...job, forMs: takenAt - (missedAt.get(job.key) ?? takenAt) })) } : snapshot;
  };
  return {
    take: (experimentFolder, expected) => {
      expectedBy.set(experimentFolder, expected);
      const takenAt = monotonicMs();
      if (last === undefined || takenAt - last.takenAt >= maxAgeMs) last = { takenAt, snapshot: ask(takenAt) };
      return last.snapshot;
    },
  };
}
