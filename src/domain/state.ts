import type { BinaryMetrics } from "./evaluator.ts";
import type { Evaluation } from "./experiment.ts";
import type { Failure } from "./failure.ts";
import type { JobState } from "./job.ts";
import type { SchedulerName } from "./scheduler.ts";
import type { Instant } from "./time.ts";

/** The whole memory of one experiment: what `eval_jobs.json` holds. */
export interface ExperimentState {
  readonly experiment: string;
  /** Names this state for ever; a copy of the folder carries the same id, which gives the copy away. */
  readonly id: string;
  /** Counts the writes. */
  readonly revision: number;
  readonly monitoringStarted: Instant;
  readonly life: ExperimentLife;
  readonly runs: Readonly<Record<string, RunLife>>;
  readonly evaluations: Readonly<Record<string, EvaluationLife>>;
  /** What each evaluation's key stands for; kept when the summary no longer names it. */
  readonly units: Readonly<Record<string, Evaluation>>;
}

/** A state of a machine with its context: what XState needs to go on. */
export interface Life<State extends string, Context> {
  readonly state: State;
  readonly context: Context;
}

export type ExperimentLife = Life<ExperimentStateName, ExperimentContext>;
export type RunLife = Life<RunStateName, RunContext>;
export type EvaluationLife = Life<EvaluationStateName, EvaluationContext>;

export type ExperimentStateName = "held" | "settling" | "working" | "finished";

export interface ExperimentContext {
  /** Why it is held, or what it waits for. */
  readonly reason?: string | undefined;
  /** Who armed it, and how: `dropped into a watched folder`, `nightshift run`, ... */
  readonly armedBy?: string | undefined;
  /** Whether a person named this very experiment, knowing what stands in it, rather than dropped it somewhere. */
  readonly armedExplicitly?: boolean | undefined;
  readonly armedAt?: Instant | undefined;
  /** Set when the first job is wished for; never changes by itself afterwards. */
  readonly scheduler?: SchedulerName | undefined;
  readonly startedAt?: Instant | undefined;
  readonly finishedAt?: Instant | undefined;
}

export type RunStateName =
  | "waiting" | "held" | "ready" | "submitting" | "pending" | "running" | "retrying" | "trained" | "failed" | "cancelled";

export type EvaluationStateName =
  | "blocked" | "ready" | "submitting" | "pending" | "running" | "retrying" | "scored" | "failed" | "cancelled" | "skipped";

/** What a run and an evaluation have in common: their attempts at a job. */
export interface WorkContext {
  /** Oldest first; the last one is the current one. */
  readonly attempts: readonly Attempt[];
  /** Why the state is what it is, or what it waits for, in one sentence. */
  readonly reason?: string | undefined;
  readonly failure?: Failure | undefined;
  /** Whether the configuration changed after the last attempt began. */
  readonly stale?: boolean | undefined;
  /** How the result came about when no job of ours made it. */
  readonly adopted?: string | undefined;
  /** Who asked that it be done again, and when: what stood there before does not count. */
  readonly retry?: { readonly by: string; readonly at: Instant } | undefined;
  /** Who asked that nothing more be submitted for it; of a run, for its evaluations as well. */
  readonly stoppedBy?: string | undefined;
}

export interface RunContext extends WorkContext {
  readonly result?: TrainingResult | undefined;
  /** A person said that earlier work in the run's folder may be overwritten. */
  readonly released?: boolean | undefined;
}

export interface EvaluationContext extends WorkContext {
  readonly result?: EvaluationResult | undefined;
}

/** One submission of one run or evaluation, and what became of it. */
export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  readonly key: string;
  readonly intendedAt: Instant;
  readonly jobId?: string | undefined;
  readonly jobState?: JobState | undefined;
  readonly submittedAt?: Instant | undefined;
  readonly startedAt?: Instant | undefined;
  readonly endedAt?: Instant | undefined;
  readonly exitCode?: number | undefined;
  readonly node?: string | undefined;
  /** Where the job's standard output goes, relative to the experiment's folder where it lies inside. */
  readonly output?: string | undefined;
  /** First 16 hex digits of SHA-256 over script and configuration as they were when the attempt began. */
  readonly configHash?: string | undefined;
  readonly gitCommit?: string | undefined;
  /** Why nobody knows whether this was submitted, and since when. */
  readonly unclear?: { readonly since: Instant; readonly reason: string } | undefined;
  /** Who decided that it was not submitted although nobody could tell. */
  readonly absentBy?: string | undefined;
  /** Who asked for this attempt, where the one before it had ended for good. */
  readonly askedBy?: string | undefined;
  /** Since when the queue no longer holds its job while nobody says how that ended. */
  readonly missing?: { readonly since: Instant; readonly reason: string } | undefined;
  /** What a job of somebody else's was concluded from: the key is then `job-{id}`, and nothing is in our records. */
  readonly adoptedFrom?: string | undefined;
  /** Who asked that its job be cancelled. */
  readonly cancelledBy?: string | undefined;
}

/** What a training came to. Non-finite losses are kept as they are. */
export interface TrainingResult {
  readonly finalLoss?: number;
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly divergedAtStep?: number;
  /** Complete checkpoints, 0-based epochs, ascending. */
  readonly checkpoints: readonly number[];
  /** Relative to the experiment's folder where it lies inside. */
  readonly checkpointFolder?: string;
  /** When the last of them was saved. */
  readonly savedAt?: Instant;
  readonly output?: string;
}

/** What an evaluation came to. */
export interface EvaluationResult {
  readonly logStatus: "started" | "success" | "cancelled" | "error";
  /** Relative to the experiment's folder where it lies inside. */
  readonly log: string;
  readonly task: string;
  readonly model: string;
  readonly accuracy?: number;
  readonly scorer?: string;
  readonly samples: number;
  readonly binary?: BinaryMetrics;
  /** Whether no log could be read, and `log` is the job's output, which printed the accuracy to a few digits. */
  readonly printed?: true;
  /** Whether another log could have counted, and why this one does. */
  readonly choice?: string;
  readonly completedAt?: Instant;
}
