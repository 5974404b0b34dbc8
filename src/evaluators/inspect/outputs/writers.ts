import type { EvaluationJob } from "../../../domain/evaluator.ts";
import { type Evaluation, evaluationKey } from "../../../domain/experiment.ts";
import { epochMs, type Instant } from "../../../domain/time.ts";
import type { JobOutput } from "./job-outputs.ts";
import { withoutSpace } from "./parse-log-names.ts";

/** A log as its job's output would name it. */
export interface WrittenLog {
  readonly name: string;
  readonly task: string;
  /** As it says itself. */
  readonly created?: Instant;
}

/**
 * Leaves out outputs that name several logs of one task: whether the job tried again, or went through several epochs, nobody
 * can tell.
 */
export function tellingOutputs(outputs: readonly JobOutput[], logs: readonly WrittenLog[]): readonly JobOutput[] {
  return outputs.filter((output) => {
    const tasks = logs.filter(({ name }) => output.logNames.includes(withoutSpace(name))).map(({ task }) => task);
    return new Set(tasks).size === tasks.length;
  });
}

/** Finds the jobs whose outputs name a log, among those that ran when it was created as far as that is known. */
export function writersOf(log: WrittenLog, outputs: readonly JobOutput[], jobs: readonly EvaluationJob[]): readonly EvaluationJob[] {
  const naming = outputsNaming(log, outputs);
  return jobs.filter((job) => naming.some(({ path, id }) => path === job.output || id === job.id) && wasRunning(job, log.created));
}

/** Lists the ids of jobs whose outputs name a log. */
export function writerIds(log: WrittenLog, outputs: readonly JobOutput[]): readonly string[] {
  return [...new Set(outputsNaming(log, outputs).flatMap(({ id }) => id ?? []))];
}

/** Narrows down what a log may be of to what its jobs were for; where these are of something else they decide nothing. */
export function narrowDown(fitting: readonly Evaluation[], writers: readonly EvaluationJob[]): readonly Evaluation[] {
  const keys = new Set(writers.map(({ evaluation }) => evaluationKey(evaluation)));
  const both = fitting.filter((evaluation) => keys.has(evaluationKey(evaluation)));
  return fitting.length < 2 || both.length === 0 ? fitting : both;
}

function outputsNaming({ name }: WrittenLog, outputs: readonly JobOutput[]): readonly JobOutput[] {
  return outputs.filter(({ logNames }) => logNames.includes(withoutSpace(name)));
}

// Ids are given out again, and the output of a later job may name the log of an earlier one.
function wasRunning({ startedAt, endedAt }: EvaluationJob, created: Instant | undefined): boolean {
  if (created === undefined) return true;
  const ms = epochMs(created);
  return (startedAt === undefined || epochMs(startedAt) - clockSkewMs <= ms) && (endedAt === undefined || ms <= epochMs(endedAt) + clockSkewMs);
}

// A log's creation is stamped by the machine the job ran on, its start and end by the scheduler's.
const clockSkewMs = 60_000;
