import type { Failure, FailureCause } from "./failure.ts";
import type { JobState } from "./job.ts";
import type { SchedulerName } from "./scheduler.ts";
import type { EvaluationResult, TrainingResult } from "./state.ts";
import type { Instant } from "./time.ts";

/**
 * Facts from outside, past tense: all that the machines ever hear. Every one carries the moment it was observed, since
 * machines have no clock.
 */
export type ExperimentObservation =
  | { readonly type: "experiment.armed"; readonly at: Instant; readonly by: string; readonly explicit: boolean }
  | { readonly type: "experiment.stopped"; readonly at: Instant; readonly reason: string }
  | { readonly type: "experiment.unsettled"; readonly at: Instant; readonly reason: string }
  | { readonly type: "experiment.settled"; readonly at: Instant; readonly scheduler: SchedulerName }
  | { readonly type: "work.finished"; readonly at: Instant }
  | { readonly type: "work.appeared"; readonly at: Instant };

/** What can be heard about one submission, whatever it is for. */
export type JobObservation =
  | {
      readonly type: "submission.intended";
      readonly at: Instant;
      readonly key: string;
      readonly configHash?: string;
      readonly gitCommit?: string;
    }
  | { readonly type: "job.submitted"; readonly at: Instant; readonly id: string }
  /** `cause`: where it is another than a refusal, as when nobody can know any more what became of it. */
  | { readonly type: "job.refused"; readonly at: Instant; readonly reason: string; readonly cause?: FailureCause }
  | { readonly type: "job.postponed"; readonly at: Instant; readonly reason: string }
  | { readonly type: "job.unclear"; readonly at: Instant; readonly reason: string }
  | { readonly type: "job.withdrawn"; readonly at: Instant; readonly by: string }
  /** The queue holds it no more, and nobody says how it ended. */
  | { readonly type: "job.missed"; readonly at: Instant; readonly reason: string }
  /** A job that somebody else submitted from the same script is in the queue: it is followed as if it were ours. */
  | { readonly type: "job.found"; readonly at: Instant; readonly id: string; readonly state: JobState; readonly how: string }
  | { readonly type: "job.pending"; readonly at: Instant; readonly id: string; readonly state: JobState; readonly reason?: string; readonly output?: string }
  | { readonly type: "job.started"; readonly at: Instant; readonly id: string; readonly state: JobState; readonly startedAt?: Instant; readonly node?: string; readonly output?: string }
  | { readonly type: "cancel.asked"; readonly at: Instant; readonly by: string }
  | { readonly type: "retry.asked"; readonly at: Instant; readonly by: string }
  | { readonly type: "retry.due"; readonly at: Instant };

/** The end of a job as far as the scheduler and its records know it. */
export interface JobEnd {
  readonly id: string;
  readonly state: JobState;
  readonly reason?: string;
  readonly startedAt?: Instant;
  readonly endedAt: Instant;
  readonly exitCode?: number;
  readonly node?: string;
  /** Where the job's standard output went, relative to the experiment's folder where it lies inside. */
  readonly output?: string;
}

export type RunObservation =
  | JobObservation
  | { readonly type: "run.waited"; readonly at: Instant; readonly reason: string }
  | { readonly type: "run.readied"; readonly at: Instant }
  /** Earlier work stands where a training would write. With a failure it is over, and nothing is whole. */
  | { readonly type: "work.found"; readonly at: Instant; readonly reason: string; readonly failed?: { readonly failure: Failure; readonly result: TrainingResult } }
  | { readonly type: "run.released"; readonly at: Instant; readonly by: string }
  | { readonly type: "run.stopped"; readonly at: Instant; readonly by: string }
  /** Both witnesses of a training's end: the job, and what it left on disk. */
  | {
      readonly type: "training.ended";
      readonly at: Instant;
      readonly job: JobEnd;
      readonly result: TrainingResult;
      /** How long files may lag behind the job's end before their absence counts (attribute caches of network file systems). */
      readonly lateMs: number;
      readonly failure?: Failure;
    }
  /** A complete training stands there that no job of ours made, or that became visible late. */
  | { readonly type: "training.found"; readonly at: Instant; readonly result: TrainingResult; readonly how: string }
  | { readonly type: "configuration.changed"; readonly at: Instant };

export type EvaluationObservation =
  | JobObservation
  | { readonly type: "evaluation.waited"; readonly at: Instant; readonly reason: string }
  | { readonly type: "evaluation.readied"; readonly at: Instant }
  | { readonly type: "evaluation.released"; readonly at: Instant; readonly by: string }
  | { readonly type: "evaluation.stopped"; readonly at: Instant; readonly by: string }
  | { readonly type: "training.failed"; readonly at: Instant; readonly reason: string }
  | { readonly type: "training.resumed"; readonly at: Instant }
  | { readonly type: "checkpoint.missed"; readonly at: Instant; readonly failure: Failure }
  /** Both witnesses of an evaluation's end: the job, and the log it left, if any. */
  | {
      readonly type: "evaluation.ended";
      readonly at: Instant;
      readonly job: JobEnd;
      readonly result?: EvaluationResult;
      readonly lateMs: number;
      readonly failure?: Failure;
    }
  /** A log stands there that no job of ours made, or that became visible or changed later. */
  | { readonly type: "evaluation.found"; readonly at: Instant; readonly result: EvaluationResult; readonly failure?: Failure; readonly how: string }
  | { readonly type: "configuration.changed"; readonly at: Instant };
