import type { LocalJob } from "../../../src/schedulers/local/local-job.ts";
import type { Limits, StoredJob } from "../../../src/schedulers/local/stored.ts";

/** A job of the spool: waiting, or running when `taken` is given. */
export function job(id: number, difference: Partial<StoredJob> = {}, taken?: { readonly gpus: readonly string[]; readonly at?: string }): LocalJob {
  const stored: StoredJob = {
    id: String(id), key: `k${id}`, name: "job", script: `/exp/.nightshift/jobs/k${id}/job.slurm`, recordFolder: `/exp/.nightshift/jobs/k${id}`,
    interpreter: { path: "/bin/sh" }, submitFolder: "/exp", workFolder: "/exp", output: `/exp/slurm-${id}.out`, gpus: 0, tasks: 1,
    submittedAt: "2026-11-21T13:00:00.000+01:00", submitHost: "n1", ...difference,
  };
  if (taken === undefined) return { job: stored, isRunnerAlive: false, isScriptAlive: false };
  const runner = { host: "n1", pid: 1, startTicks: "1", bootId: "b" };
  return { job: stored, taken: { runner, at: taken.at ?? "2026-11-21T13:15:00.000+01:00", gpus: [...taken.gpus] }, isRunnerAlive: true, isScriptAlive: true };
}

export function limits(difference: Partial<Limits> = {}): Limits {
  return { maxJobs: 4, gpus: [], killWaitMs: 30_000, ...difference };
}
