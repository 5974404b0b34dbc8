import type { Evaluation } from "./experiment.ts";
import type { Failure } from "./failure.ts";
import type { EvaluationPlaces } from "./places.ts";
import type { Problem } from "./problem.ts";
import type { Instant } from "./time.ts";

/** The tool that evaluates (inspect-ai), seen through its logs. */
export interface Evaluator {
  readonly name: string;
  /** Reads the logs of one evaluation and chooses the one that counts. Cheap when nothing changed. */
  readEvaluation(question: EvaluationQuestion): Promise<EvaluationReading>;
}

export interface EvaluationQuestion {
  readonly evaluation: Evaluation;
  readonly places: EvaluationPlaces;
  /** Whether the job is known to be over: a log that is still `started` is then a dead one. */
  readonly jobIsOver: boolean;
  /** Where the job's standard output is, absolute: what it printed is used where no log can be read. */
  readonly output?: string;
  /** Logs created before this do not belong to the job that is asked about. */
  readonly createdAfter?: Instant;
  /**
   * The other evaluations that may write into the same folders. Where logs are shared, a log is taken only when it fits the
   * evaluation asked about better than these.
   */
  readonly others?: readonly Evaluation[];
  /** Where `slurm-{id}.out` of its job and those of the others may be; by default where it is submitted. */
  readonly outputFolders?: readonly string[];
  /** Jobs that are on record: where logs are shared, what a job's output names is of the evaluation it was submitted for. */
  readonly jobs?: readonly EvaluationJob[];
  /**
   * Finds out what other jobs were for, by their ids; those nobody remembers are left out, and one whose name fits several
   * evaluations is given for each. Asked only about jobs that wrote a log which cannot be told apart otherwise.
   */
  readonly findJobs?: (ids: readonly string[]) => Promise<readonly EvaluationJob[]>;
}

/** A job of which it is known for which evaluation it was submitted. */
export interface EvaluationJob {
  readonly id: string;
  readonly evaluation: Evaluation;
  /** Where its standard output is, absolute; by default a `slurm-{id}.out` in one of those folders. */
  readonly output?: string;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** How it is known what it was for, as people are told: `named eval-cap-rank8-ep1`, `submitted by nightshift`. */
  readonly how: string;
}

/** What was read of one evaluation. */
export interface EvaluationReading {
  /** Log that counts, chosen by status, then completed samples, then creation. */
  readonly log?: EvaluationLog;
  /** How many logs stood there for this evaluation. */
  readonly logCount: number;
  /** Why this one was chosen, where there was a choice, and which job told what it is of, where it does not say itself. */
  readonly choice?: string;
  /** What the job, which is over, printed of its result, where no log is there that can be read. */
  readonly printed?: { readonly accuracy: number; readonly scorer: string; readonly samples?: number; readonly output: string };
  /** Logs that could not be read. A log that is being rewritten is not one of them. */
  readonly problems: readonly Problem[];
}

/** One evaluation log, its header and what follows from its samples. */
export interface EvaluationLog {
  /** Absolute path. */
  readonly path: string;
  /** inspect-ai's own word. */
  readonly status: "started" | "success" | "cancelled" | "error";
  readonly task: string;
  readonly model: string;
  readonly created: Instant;
  readonly completedAt?: Instant;
  /** Samples in the results (after epochs were reduced), else completed so far. */
  readonly samples: number;
  readonly totalSamples?: number;
  readonly completedSamples?: number;
  /** The accuracy of the scorer that the task declares its headline, else of the first that has one; NaN where nothing was scored. */
  readonly accuracy?: number;
  readonly scorer?: string;
  /** Stored metrics, by scorer and metric key, in the file's order. */
  readonly metrics: readonly Metric[];
  /** Where the log stores no results: what the scores of its samples so far come to. Never the evaluation's result. */
  readonly soFar?: Pick<EvaluationLog, "accuracy" | "scorer" | "metrics" | "samples">;
  /** Of tasks whose targets are all 0 or 1. */
  readonly binary?: BinaryMetrics;
  /** Why status is `error`, masked and without escape codes. */
  readonly failure?: Failure;
  /** The file's last change. */
  readonly changedAt?: Instant;
}

export interface Metric {
  readonly scorer: string;
  /** Which of the scorer's values it is about, where the scorer gives several. */
  readonly score?: string;
  readonly name: string;
  readonly reducer?: string;
  readonly value: number;
}

/** In the words of summary_binary.py; fractions 0..1, rounded to 4 places half to even. */
export interface BinaryMetrics {
  readonly samples: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly f1: number;
  readonly precision1: number;
  readonly recall1: number;
  readonly recall0: number;
  readonly confusionMatrix: { readonly tp: number; readonly tn: number; readonly fp: number; readonly fn: number; readonly other: number };
}
