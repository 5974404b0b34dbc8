import type { Experiment } from "../domain/experiment.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { QueueSnapshot } from "../domain/job.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import type { SchedulerName } from "../domain/scheduler.ts";
import type { ExperimentState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import { describeUnknownJob } from "../rules/other-jobs.ts";
import { describeSubmitter } from "../rules/submitters.ts";
import type { World } from "./world.ts";

/** What a pass has found so far. */
export interface Found {
  readonly problems: readonly Problem[];
  /** Why the state in the folder is not gone on from. */
  readonly foreign: string | undefined;
  readonly scheduler: SchedulerName;
  readonly before: ExperimentState | undefined;
  readonly experiment: Experiment;
  readonly reading: ExperimentReading;
  readonly queue: QueueSnapshot | undefined;
  readonly now: Instant;
}

/** Why nothing at all may be submitted for an experiment, whatever its state says: the first reason that holds, as a sentence. */
export function whyNothingMayBeSubmitted({ problems, foreign, scheduler, before, experiment, reading, queue, now }: Found, world: World): string | undefined {
  const error = problems.find(({ severity }) => severity === "error");
  if (foreign !== undefined) return foreign;
  if (error !== undefined) return `invalid: ${renderProblem(error)}`;
  if (world.scheduler(scheduler) === undefined) return `its scheduler is ${scheduler}, which is not on this machine (no sbatch on the PATH)`;
  const facts = { experiment, ...(queue === undefined ? {} : { queue }) };
  return describeUnknownJob(before ?? { runs: {}, evaluations: {} }, facts) ?? describeSubmitter(reading, now, world.lateMs(experiment.folder));
}
