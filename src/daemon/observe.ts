import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { type Evaluation, evaluationKey, type Experiment } from "../domain/experiment.ts";
import type { EvaluationReading } from "../domain/evaluator.ts";
import { type Facts, jobOf } from "../domain/facts.ts";
import { isFinal } from "../domain/job.ts";
import type { EvaluationPlaces } from "../domain/places.ts";
import type { TrainingReading } from "../domain/optimizer.ts";
import type { Attempt, ExperimentState, WorkContext } from "../domain/state.ts";
import { epochMs } from "../domain/time.ts";
import { whenRetryCounts } from "../rules/hear-evaluation.ts";
import { jobFinder, recordedJobs } from "./evaluation-jobs.ts";
import type { World } from "./world.ts";

/** What must be known before artefacts can be read: where they are, and which jobs are over. */
interface Known extends Pick<Facts, "experiment" | "places" | "reading" | "scheduler"> {
  readonly state: ExperimentState | undefined;
  readonly jobs: Jobs;
}

type Jobs = Pick<Facts, "queue" | "records">;

/**
 * Reads what trainings and evaluations left on disk. The readers look only at what changed since the last call, so
 * looking at everything afresh in every pass is cheap.
 */
export async function observeArtefacts(known: Known, world: World): Promise<Pick<Facts, "trainings" | "evaluations">> {
  return {
    trainings: await observeTrainings(known, world),
    evaluations: await observeEvaluations(known, world),
  };
}

async function observeTrainings({ experiment, places, state, jobs }: Known, world: World): Promise<Map<string, TrainingReading>> {
  const optimizer = world.optimizer(experiment.optimizer);
  const readings = new Map<string, TrainingReading>();
  if (optimizer === undefined) return readings;
  for (const run of experiment.runs) {
    const where = places.runs.get(run.name);
    if (run.type === "control" || where === undefined) continue;
    if (run.type === "eval-only") {
      readings.set(run.name, lookElsewhere(experiment.folder, run.checkpointPath));
      continue;
    }
    const attempt = state?.runs[run.name]?.context.attempts.at(-1);
    const jobId = attempt === undefined ? undefined : idOf(attempt, jobs);
    // Between an intention and its job there is nothing of this attempt to read, and what lies there is not its own.
    if (attempt !== undefined && jobId === undefined) continue;
    readings.set(run.name, await optimizer.readTraining({ places: where, jobIsOver: isOver(attempt, jobs), ...(jobId === undefined ? {} : { jobId }) }));
  }
  return readings;
}

// Weights that were trained elsewhere have no fixed name; a folder with something in it is all that can be asked for.
function lookElsewhere(folder: string, checkpointPath: string | undefined): TrainingReading {
  const path = checkpointPath === undefined ? undefined : resolve(folder, checkpointPath);
  const isThere = path !== undefined && hasEntries(path);
  return { checkpointLines: 0, checkpoints: isThere ? [{ epoch: 0, path, complete: true }] : [] };
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

async function observeEvaluations({ experiment, places, reading, state, jobs, scheduler }: Known, world: World): Promise<Map<string, EvaluationReading>> {
  const evaluator = world.evaluator(experiment.evaluator);
  const readings = new Map<string, EvaluationReading>();
  if (evaluator === undefined) return readings;
  const byRun = new Map(experiment.runs.map(({ name }) => [name, experiment.evaluations.filter(({ run }) => run === name)]));
  const findJobs = jobFinder(experiment, places, async (ids) => world.findJobs(scheduler, ids));
  const writers = writersByFolder(experiment, places);
  for (const evaluation of experiment.evaluations) {
    const key = evaluationKey(evaluation);
    const where = places.evaluations.get(key);
    if (where === undefined) continue;
    const attempt = state?.evaluations[key]?.context.attempts.at(-1);
    const createdAfter = whenItsLogsBegin(state?.evaluations[key]?.context, jobs);
    const sharing = where.logsAreShared ? [...new Set([...byRun.get(evaluation.run) ?? [], ...where.logFolders.flatMap((folder) => writers.get(folder) ?? [])])] : [];
    readings.set(key, await evaluator.readEvaluation({
      evaluation, places: where, jobIsOver: isOver(attempt, jobs), jobs: recordedJobs(sharing, experiment, state, reading.submitters), findJobs,
      others: sharing.filter((other) => other !== evaluation),
      outputFolders: [...new Set(sharing.flatMap((one) => outputFoldersOf(places.evaluations.get(evaluationKey(one)))))],
      ...(attempt?.output === undefined ? {} : { output: resolve(experiment.folder, attempt.output) }), ...(createdAfter === undefined ? {} : { createdAfter }),
    }));
  }
  return readings;
}

function outputFoldersOf(where: EvaluationPlaces | undefined): readonly string[] {
  return [where?.submitFolder, where?.outputFolder].filter((folder) => folder !== undefined);
}

// Evaluations of one run may have shared a folder before; of several runs they do where scripts say so.
function writersByFolder({ evaluations }: Experiment, places: Facts["places"]): ReadonlyMap<string, readonly Evaluation[]> {
  const writers = new Map<string, Evaluation[]>();
  for (const evaluation of evaluations) {
    for (const folder of places.evaluations.get(evaluationKey(evaluation))?.logFolders ?? []) writers.set(folder, [...writers.get(folder) ?? [], evaluation]);
  }
  return writers;
}

// What was done before a person asked for it again, or before an attempt of ours, is not its result. A job that somebody
// else submitted has begun before it was seen. What the job noted of its start is dated by the clock that dates its log;
// this machine's, and the scheduler's, may be ahead of that, or may have been set back since.
function whenItsLogsBegin(context: WorkContext | undefined, jobs: Jobs): string | undefined {
  const attempt = context?.attempts.at(-1);
  if (context?.retry !== undefined) return whenRetryCounts(context);
  if (attempt === undefined || attempt.adoptedFrom !== undefined) return undefined;
  const notedAt = jobs.records.get(attempt.key)?.startedAt;
  const startedAt = jobOf(jobs, attempt)?.startedAt ?? attempt.startedAt;
  const begunMs = notedAt === undefined ? Math.min(epochMs(attempt.intendedAt), startedAt === undefined ? Infinity : epochMs(startedAt)) : epochMs(notedAt);
  return new Date(begunMs - clockSkewMs).toISOString();
}

// A log's creation is stamped by the machine the job ran on, to the second.
const clockSkewMs = 60_000;

function idOf(attempt: Attempt, jobs: Jobs): string | undefined {
  const record = jobs.records.get(attempt.key);
  return record?.claimedBy ?? jobOf(jobs, attempt)?.id ?? attempt.jobId ?? record?.ids.at(-1);
}

// Without an attempt of ours nobody says that a job is over: then only the artefacts' own words count.
function isOver(attempt: WorkContext["attempts"][number] | undefined, jobs: Jobs): boolean {
  if (attempt === undefined) return false;
  if (attempt.endedAt !== undefined) return true;
  const job = jobOf(jobs, attempt);
  if (job !== undefined) return isFinal(job.state);
  return jobs.queue?.kind === "available" && jobs.records.get(attempt.key)?.endedAt !== undefined;
}
