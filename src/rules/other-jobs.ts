import type { Facts } from "../domain/facts.ts";
import { isFinal, type JobSeen } from "../domain/job.ts";
import type { Attempt, ExperimentLife, ExperimentState } from "../domain/state.ts";
import type { SubmissionNote } from "../domain/submitters.ts";
import { inside, isIn } from "./inside.ts";

/** Where a unit's script is, and where its users would submit it from. */
interface Whereabouts {
  readonly script?: string;
  readonly scriptCandidates: readonly string[];
  readonly submitFolder: string;
}

/** A job of somebody else's, and what was concluded from that it is a unit's. */
export interface OthersJob {
  readonly job: JobSeen;
  readonly how: string;
}

/**
 * Finds the job in the queue that somebody else (a person, another tool) submitted for a unit: by the id that the other
 * tool noted, by the script's path, or by its name and the folder it was submitted from.
 *
 * Ids are given out again: a noted one counts only where script and folder of the job do not say otherwise.
 */
export function findOthersJob(facts: Facts, where: Whereabouts, notes: readonly SubmissionNote[] = []): OthersJob | undefined {
  const { script, scriptCandidates, submitFolder } = where;
  const scripts = [...(script === undefined ? [] : [script]), ...scriptCandidates];
  const names = new Set(scripts.map(nameOf));
  const others = liveJobs(facts.queue).filter(({ key }) => key === undefined);
  for (const { jobId, file } of notes) {
    const job = others.find(({ id }) => id === jobId);
    if (job !== undefined && mayBeOf(job, scripts, submitFolder, facts)) return { job, how: `${file} names job ${job.id}, which another tool submitted` };
  }
  const job = others.find((one) => one.script !== undefined
    && (scripts.includes(one.script) || (one.workFolder === submitFolder && names.has(nameOf(one.script)))));
  return job === undefined ? undefined : { job, how: howFound(job, facts) };
}

// Links and moved folders make one script have several paths; how they end they have in common.
function mayBeOf({ script, workFolder }: JobSeen, scripts: readonly string[], submitFolder: string, { experiment: { folder } }: Facts): boolean {
  const isLike = (path: string, known: string): boolean => path === known || path.endsWith(`/${inside(folder, known)}`);
  const isFromThere = workFolder !== undefined && isLike(workFolder, submitFolder);
  if (script === undefined) return workFolder === undefined || isFromThere || isIn(workFolder, folder);
  return scripts.some((known) => isLike(script, known) || (isFromThere && nameOf(script) === nameOf(known)));
}

function howFound({ id, script = "", workFolder }: JobSeen, { experiment }: Facts): string {
  return `job ${id} was submitted by somebody else from ${workFolder === undefined ? "an unknown folder" : inside(experiment.folder, workFolder)} with ${nameOf(script)}`;
}

/** A job of somebody else's in the queue that works somewhere in the experiment's folder, in one sentence. */
export function describeOthersJob(facts: Facts): string | undefined {
  const { folder } = facts.experiment;
  const job = liveJobs(facts.queue).find((one) => one.key === undefined && [one.script, one.workFolder].some((path) => path !== undefined && isIn(path, folder)));
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
  if (scheduler === "slurm" && queue?.kind !== "available") return unseen;
  const keys = new Set(attempts.map(({ key }) => key));
  const job = keys.size === 0 ? undefined : liveJobs(queue).find(({ key }) => key !== undefined && keys.has(key));
  return job === undefined ? undefined : `job ${job.id}${stillThere}`;
}

/** Whether a reason to wait passes by itself, once the queue is seen or a job in it has ended. */
export function isWaitingForQueue(reason: string | undefined): boolean {
  return reason === unseen || reason?.endsWith(stillThere) === true;
}

const unseen = "waits until the scheduler says which jobs there are";
const stillThere = " of an earlier attempt is still in the queue";

/**
 * Whether what others left may be judged by its files: while an experiment settles, they may still be arriving; and while
 * a cluster's queue cannot be seen, somebody's job may be at work on them.
 */
export function mayBeJudged({ state }: ExperimentLife, facts: Facts): boolean {
  return state !== "settling" && (state !== "working" || whyQueueForbids([], facts) === undefined);
}

function liveJobs(queue: Facts["queue"]): readonly JobSeen[] {
  return queue?.kind === "available" ? queue.jobs.filter(({ state }) => !isFinal(state)) : [];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
