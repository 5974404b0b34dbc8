import type { Instant } from "../../../domain/time.ts";
import type { MetricSpec } from "../../../statistics/score-metrics.ts";

/** What a log says of itself, before anything is made of it. Texts are as they came. */
export interface LogHeader {
  /** Of inspect-ai, where it wrote the log. */
  readonly version: string | undefined;
  /** Not stored before May 2025, and computed then. */
  readonly evalId: string | undefined;
  readonly runId: string | undefined;
  readonly tags: readonly string[];
  readonly status: LogStatus;
  readonly task: string;
  /** The task's own name where `task` is a label; may carry a package's name and a slash. */
  readonly registryName: string | undefined;
  readonly model: string;
  readonly created: Instant | undefined;
  readonly completedAt: Instant | undefined;
  readonly metadata: JsonObject;
  readonly modelArgs: JsonObject;
  readonly taskArgs: JsonObject;
  readonly datasetName: string | undefined;
  /** Samples to be run, before they are repeated in epochs. */
  readonly datasetSamples: number | undefined;
  /** How often each sample is run; nothing to do with epochs of training. */
  readonly epochs: number;
  /** Empty in logs before 0.3.63. */
  readonly scorers: readonly ScorerSpec[];
  /** By which the epochs of a sample are reduced; `undefined` among them is the mean that nobody asked for. None: each epoch counts as a sample. */
  readonly reducers: readonly (string | undefined)[];
  readonly results: LogResults | undefined;
  /** Which score the task's author looks at first; of 0.3.285. */
  readonly headline: Headline | undefined;
  readonly errorMessage: string | undefined;
  /** Whether someone marked samples as invalid afterwards; results are not computed anew then. */
  readonly invalidated: boolean;
  /** What was changed of its configuration while it ran, as texts. */
  readonly configChanges: readonly string[];
}

export type LogStatus = "started" | "success" | "cancelled" | "error";

/** A scorer and the metrics that are taken of its scores. */
export interface ScorerSpec {
  readonly name: string;
  readonly groups: readonly MetricGroup[];
}

/** Metrics of a score, or of those of its values whose names match a pattern. */
export type MetricGroup =
  | { readonly metrics: readonly MetricSpec[] }
  | { readonly byKey: readonly { readonly keys: string; readonly metrics: readonly MetricSpec[] }[] };

export interface LogResults {
  readonly totalSamples: number | undefined;
  /** Those that ended without an error. */
  readonly completedSamples: number | undefined;
  readonly scores: readonly LogScore[];
}

/** Fields that are not set allow any. */
export interface Headline {
  readonly scorer?: string | undefined;
  readonly score?: string | undefined;
  readonly metric?: string | undefined;
  readonly reducer?: string | undefined;
}

/** One scorer's results. Neither name nor scorer is unique: several reducers give several of these. */
export interface LogScore {
  readonly name: string;
  readonly scorer: string;
  readonly reducer: string | undefined;
  /** Samples behind the metrics after epochs were reduced, those without a value included. Not stored before 0.3.113. */
  readonly samples: number | undefined;
  /** By key; the same metric in several groups differs by its key alone. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Of scores that were computed anew: the metrics that could not be. */
  readonly leftOut?: readonly string[];
}

export type JsonObject = Readonly<Record<string, unknown>>;
