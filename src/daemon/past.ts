import type { JobSeen } from "../domain/job.ts";
import type { Scheduler } from "../domain/scheduler.ts";

/** Asks what a scheduler remembers of jobs that are over, and keeps the answer for each experiment: the past does not change. */
export function rememberPast(scheduler: Pick<Scheduler, "past">): (experimentFolder: string, isNew: boolean) => Promise<readonly JobSeen[]> {
  const known = new Map<string, readonly JobSeen[]>();
  return async (experimentFolder, isNew) => {
    const remembered = isNew ? undefined : known.get(experimentFolder);
    if (remembered !== undefined) return remembered;
    const past = await scheduler.past?.();
    if (past !== undefined) known.set(experimentFolder, past.filter(({ script, workFolder }) => [script, workFolder].some((path) => path?.startsWith(experimentFolder) === true)));
    return past ?? [];
  };
}

/**
 * Looks jobs up by their ids, and keeps what was found: how a job was called does not change. Ids that nobody knows are asked
 * for again only after a while; and as long nothing is asked at all where there was no answer, since that may have taken a minute.
 */
export function rememberJobs(scheduler: Pick<Scheduler, "find">, monotonicMs: () => number = () => performance.now()): (ids: readonly string[]) => Promise<readonly JobSeen[]> {
  const known = new Map<string, JobSeen>();
  const askedMs = new Map<string, number>();
  let unansweredMs = -Infinity;
  const ask = async (ids: readonly string[]): Promise<void> => {
    const nowMs = monotonicMs();
    const open = ids.filter((id) => !known.has(id) && nowMs - (askedMs.get(id) ?? -Infinity) >= againMs);
    if (open.length === 0 || nowMs - unansweredMs < againMs) return;
    for (const id of open) askedMs.set(id, nowMs);
    const jobs = await scheduler.find?.(open);
    if (jobs === undefined) unansweredMs = monotonicMs();
    for (const job of jobs ?? []) known.set(job.id, job);
  };
  return async (ids) => {
    await ask(ids);
    return ids.flatMap((id) => known.get(id) ?? []);
  };
}

// Accounting hears of a job's end some seconds late, or forgets it after months.
const againMs = 600_000;
