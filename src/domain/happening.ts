import type { Failure } from "./failure.ts";
import type { EvaluationResult, TrainingResult } from "./state.ts";
import type { Status } from "./status.ts";
import type { Instant } from "./time.ts";

/**
 * One thing that happened to an experiment, as the difference between two of its states tells it.
 *
 * Flat and plain, so that it can be shown as a line, written as a log block, or handed to a logger as it is.
 */
export type Happening = ExperimentHappening | RunHappening | EvaluationHappening | ModuleHappening;

/** Something that happened to the experiment as a whole. */
export interface ExperimentHappening extends Told {
  readonly kind: "experiment";
  readonly what: "discovered" | "armed" | "released" | "held" | "waiting" | "started" | "reopened" | "finished";
  /** Who armed it, why it is held, what it waits for, or how it ended. */
  readonly reason?: string;
}

/** Something that happened to a run. */
export interface RunHappening extends UnitHappening {
  readonly kind: "run";
  readonly result?: TrainingResult;
}

/** Something that happened to an evaluation. */
export interface EvaluationHappening extends UnitHappening {
  readonly kind: "evaluation";
  readonly result?: EvaluationResult;
}

/** Something that happened to a tool and all that it has to do: the optimizer with the runs, the evaluator with the evaluations. */
export interface ModuleHappening extends Told {
  readonly kind: "module";
  readonly module: "optimization" | "evaluation";
  readonly what: "begun" | "all submitted" | "complete";
  /** Runs or evaluations in all. */
  readonly total: number;
  /** How many of them have which status, the most telling status first. */
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** Jobs of the current attempts, in the experiment's order. */
  readonly jobIds: readonly string[];
  /** From the first submission to the last end, once complete. */
  readonly elapsedMs?: number;
}

interface Told {
  /** When it was seen, which may be later than when it came about. */
  readonly at: Instant;
  /** The experiment's name. */
  readonly experiment: string;
  /** What it happened to, as people read it: an experiment's name, `rank8`, `rank8/capitalization/epoch0`, `torchtune`. */
  readonly subject: string;
}

interface UnitHappening extends Told {
  /** Run name or evaluation key, as in the state. */
  readonly unit: string;
  /** `result read`: the status stayed, but what its files say changed. */
  readonly what: "submitted" | "submission failed" | "status changed" | "result read" | "became stale";
  readonly from: Status;
  readonly to: Status;
  /** Number of the attempt it is about, from 1. */
  readonly attempt?: number;
  readonly jobId?: string;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** How long the job ran, once it has ended. */
  readonly elapsedMs?: number;
  /** Why the state is what it is, or how the result was come by, in one sentence. */
  readonly reason?: string;
  readonly failure?: Failure;
}
