import { isPending, isRunning, type LocalJob } from "./local-job.ts";
import type { Limits } from "./stored.ts";

export interface Choice {
  readonly local: LocalJob;
  /** The GPUs that become its own. */
  readonly gpus: readonly string[];
}

/**
 * Chooses the pending job that may start now, if any: the oldest one that fits.
 *
 * A job that waits for GPUs lets later jobs pass that need none, since those take none from it; later jobs that need
 * GPUs wait behind it, so it does not starve. Where there is no GPU at all, requests for some count as none.
 */
export function chooseNext(jobs: readonly LocalJob[], { maxJobs, gpus }: Limits): Choice | undefined {
  const running = jobs.filter(isRunning);
  if (running.length >= maxJobs) return undefined;
  const taken = new Set(running.flatMap((local) => local.taken?.gpus ?? []));
  const free = gpus.filter((gpu) => !taken.has(gpu));
  let isBlocked = false;
  for (const local of jobs.filter(isPending).toSorted(byAge)) {
    const wanted = gpus.length === 0 ? 0 : local.job.gpus;
    if (wanted === 0) return { local, gpus: [] };
    if (wanted > gpus.length) continue;
    if (wanted <= free.length && !isBlocked) return { local, gpus: free.slice(0, wanted) };
    isBlocked = true;
  }
  return undefined;
}

/** Says why each pending job waits, in SLURM's words where it has one, by id. */
export function pendingReasons(jobs: readonly LocalJob[], { gpus }: Limits): ReadonlyMap<string, string> {
  const pending = jobs.filter(isPending).toSorted(byAge);
  return new Map(pending.map(({ job }, index) => [
    job.id,
    gpus.length > 0 && job.gpus > gpus.length ? tooManyGpus(job.gpus, gpus.length) : index === 0 ? "Resources" : "Priority",
  ]));
}

/** Says that a job asks for more GPUs than there are. */
export function tooManyGpus(wanted: number, present: number): string {
  return `asks for ${wanted} GPUs, this machine has ${present}`;
}

function byAge(a: LocalJob, b: LocalJob): number {
  return Number(a.job.id) - Number(b.job.id);
}
