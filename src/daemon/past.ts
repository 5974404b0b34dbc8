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
