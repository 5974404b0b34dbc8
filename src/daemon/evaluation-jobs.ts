import { resolve } from "node:path";

import type { EvaluationJob } from "../domain/evaluator.ts";
import { type Evaluation, evaluationKey, type Experiment } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import { accounting } from "../domain/submitters.ts";
import type { ExperimentState } from "../domain/state.ts";
import { evaluationsOfJob } from "../rules/job-names.ts";
import type { World } from "./world.ts";

/** Lists the jobs of some evaluations that are on record: nightshift's own attempts, and what other tools noted. */
export function recordedJobs(evaluations: readonly Evaluation[], { folder }: Experiment, state: ExperimentState | undefined, submitters: ExperimentReading["submitters"]): readonly EvaluationJob[] {
  return evaluations.flatMap((evaluation): readonly EvaluationJob[] => {
    const key = evaluationKey(evaluation);
    const attempts = state?.evaluations[key]?.context.attempts ?? [];
    return [
      ...attempts.flatMap(({ jobId, output, startedAt, endedAt, adoptedFrom }) => (jobId === undefined ? [] : [{
        id: jobId, evaluation, how: adoptedFrom ?? "submitted by nightshift",
        ...(output === undefined ? {} : { output: resolve(folder, output) }),
        ...(startedAt === undefined ? {} : { startedAt }), ...(endedAt === undefined ? {} : { endedAt }),
      }])),
      ...(submitters?.evaluations.get(key) ?? []).flatMap(({ jobId, file }) => (jobId === undefined ? [] : [{ id: jobId, evaluation, how: `by ${file}` }])),
    ];
  });
}

/** Makes what finds out which evaluations other jobs were for, from what the scheduler remembers of their scripts and names. */
export function jobFinder(experiment: Experiment, places: Facts["places"], findJobs: (ids: readonly string[]) => ReturnType<World["findJobs"]>): (ids: readonly string[]) => Promise<readonly EvaluationJob[]> {
  return async (ids) => (await findJobs(ids)).flatMap((job) => evaluationsOfJob(job, experiment.evaluations, places).map((evaluation) => ({
    id: job.id, evaluation, how: `called ${job.name} by ${accounting}`,
    ...(job.startedAt === undefined ? {} : { startedAt: job.startedAt }), ...(job.endedAt === undefined ? {} : { endedAt: job.endedAt }),
  })));
}
