import type { Facts } from "../domain/facts.ts";
import { isFinal, type JobSeen } from "../domain/job.ts";
import type { Attempt, ExperimentState } from "../domain/state.ts";
import { inside } from "./inside.ts";

/** Where a unit's script is, and where its users would submit it from. */
interface Whereabouts {
  readonly script?: string;
  readonly scriptCandidates: readonly string[];
  readonly submitFolder: string;
}

/**
 * Finds the job in the queue that somebody else (a person, another tool) submitted for a unit: by the script's path, or
 * by its name and the folder it was submitted from.
 */
export function findOthersJob({ queue }: Facts, { script, scriptCandidates, submitFolder }: Whereabouts): JobSeen | undefined {
  const scripts = [...(script === undefined ? [] : [script]), ...scriptCandidates];
  const names = new Set(scripts.map(nameOf));
  return liveJobs(queue).find((job) => job.key === undefined && job.script !== undefined
    && (scripts.includes(job.script) || (job.workFolder === submitFolder && names.has(nameOf(job.script)))));
}

/** Says what an adoption of somebody else's job was concluded from. */
export function howFound({ id, script = "", workFolder }: JobSeen, { experiment }: Facts): string {
  return `job ${id} was submitted by somebody else from ${workFolder === undefined ? "an unknown folder" : inside(experiment.folder, workFolder)} with ${nameOf(script)}`;
}

/** A job of somebody else's in the queue that works somewhere in the experiment's folder, in one sentence. */
export function describeOthersJob(facts: Facts): string | undefined {
  const { folder } = facts.experiment;
  const job = liveJobs(facts.queue).find((one) => one.key === undefined && [one.script, one.workFolder].some((path) => path !== undefined && (path === folder || path.startsWith(`${folder}/`))));
  return job === undefined ? undefined : howFound(job, facts);
}

/**
 * Says which job in the queue was submitted by nightshift for this experiment while its state knows nothing of it: the
 * state has lost something (git, a backup, a crash of the disk), and submitting beside that job could do its work twice.
 */
export function describeUnknownJob(state: Pick<ExperimentState, "runs" | "evaluations">, { queue, experiment }: Pick<Facts, "queue" | "experiment">): string | undefined {
  const known = new Set([...Object.values(state.runs), ...Object.values(state.evaluations)].flatMap(({ context }) => context.attempts.map(({ key }) => key)));
  const job = liveJobs(queue).find(({ key, script }) => key !== undefined && !known.has(key) && script?.startsWith(`${experiment.folder}/.nightshift/jobs/`) === true);
  return job === undefined ? undefined : `job ${job.id} (${job.key}) is in the queue, but eval_jobs.json does not know it: nightshift recover ${experiment.folder}`;
}

/**
 * Why the queue does not let another attempt of a unit begin, in one sentence, or `undefined` when it does: a cluster's has
 * to be seen first, and no job of an earlier attempt (a requeued one that was given up) may be in it.
 */
export function whyQueueForbids(attempts: readonly Attempt[], { queue, scheduler }: Facts): string | undefined {
  if (scheduler === "slurm" && queue?.kind !== "available") return "waits until the scheduler says which jobs there are";
  const keys = new Set(attempts.map(({ key }) => key));
  const job = keys.size === 0 ? undefined : liveJobs(queue).find(({ key }) => key !== undefined && keys.has(key));
  return job === undefined ? undefined : `job ${job.id} of an earlier attempt is still in the queue`;
}

function liveJobs(queue: Facts["queue"]): readonly JobSeen[] {
  return queue?.kind === "available" ? queue.jobs.filter(({ state }) => !isFinal(state)) : [];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
