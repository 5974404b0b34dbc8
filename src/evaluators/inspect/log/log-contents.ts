import type { BinaryMetrics } from "../../../domain/evaluator.ts";
import { couldHaveDiffered } from "./earlier-versions.ts";
import type { LogHeader, LogScore } from "./log-header.ts";
import { recomputeScores, type ScoredSample } from "./recompute-scores.ts";
import type { SampleAnswer, SampleSummary } from "./parse-samples.ts";

/** What is kept of one log file. */
export interface LogContents {
  readonly header: LogHeader;
  /** Of its samples; `undefined` where they were not looked at, because the header says all that is wanted. */
  readonly samples: SampleCounts | undefined;
  readonly binary: BinaryMetrics | undefined;
  /** Of a log that stores no results: what its samples' scores come to. */
  readonly recomputed: readonly LogScore[] | undefined;
  /** What is wrong with a log that can be read all the same; clauses that follow its name. */
  readonly warnings: readonly string[];
}

/** What is kept of a log whose samples were not looked at. */
export function justHeader(header: LogHeader, warnings: LogContents["warnings"] = []): LogContents {
  return { header, samples: undefined, binary: undefined, recomputed: undefined, warnings };
}

export interface SampleCounts {
  /** Ended without an error. */
  readonly completed: number;
  readonly failed: number;
  /** How many of the completed are different samples, rather than one in several epochs; ids 1 and "1" are one, as in metrics. */
  readonly distinct: number;
  /** Message of one of the errors. */
  readonly error: string | undefined;
}

/**
 * Takes of a sample what is needed once all are there, so that a log of any size fits into the memory.
 *
 * Of an answer longer than a word only its beginning: it is neither 0 nor 1. V8 copies a slice of at most 12 characters;
 * a longer one would hold on to the whole answer.
 */
export function keptAnswer({ target, prediction, error, ...scored }: SampleAnswer): SampleAnswer {
  return { ...scored, target: isBinaryTarget(target) ? target : undefined, prediction: prediction.slice(0, 12), error };
}

/** Computes what a log without results would say in them, had it ended with the samples it has. */
export function recomputed(header: LogHeader, samples: readonly ScoredSample[]): LogContents["recomputed"] {
  return header.results === undefined ? recomputeScores(header, samples) : undefined;
}

/** Says what is doubtful about what was computed so; clauses that follow the log's name. */
export function doubts(header: LogHeader, samples: readonly ScoredSample[]): readonly string[] {
  if (header.results !== undefined || !couldHaveDiffered(header, samples)) return [];
  return [`was written by inspect-ai ${header.version}, which dealt otherwise with samples that have no score: its own metrics could have been others`];
}

/** Counts samples by how they ended. */
export function countSamples(summaries: readonly SampleSummary[]): SampleCounts {
  const failed = summaries.filter(({ error }) => error !== undefined);
  const distinct = new Set(summaries.filter(({ error }) => error === undefined).map(({ id }) => String(id))).size;
  return { completed: summaries.length - failed.length, failed: failed.length, distinct, error: failed[0]?.error };
}

/** Whether a task is one of yes and no: every target the text "0" or "1". */
export function isBinary<Sample extends SampleSummary>(samples: readonly Sample[]): samples is readonly (Sample & { readonly target: string })[] {
  return samples.length > 0 && samples.every(({ target }) => isBinaryTarget(target));
}

/** Whether one target is the text "0" or "1". */
export function isBinaryTarget(target: unknown): target is "0" | "1" {
  return target === "0" || target === "1";
}

/** Whether a header says all that is wanted, so that samples need not be counted: what old versions left out, only they know. */
export function saysAll({ results, status, errorMessage }: LogHeader): boolean {
  if (status === "error" && errorMessage === undefined) return false;
  return results?.completedSamples !== undefined && results.scores.every(({ samples }) => samples !== undefined);
}
