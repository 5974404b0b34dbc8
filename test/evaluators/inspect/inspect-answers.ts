import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import type { BinaryMetrics } from "../../../src/domain/evaluator.ts";
import type { LogObject, ReadableLogObject } from "../../../src/domain/log-object.ts";
import { defined } from "../../../src/evaluators/inspect/defined.ts";
import { plainText } from "../../../src/evaluators/inspect/plain-text.ts";

/** Logs that were made once, by the version that made them. */
export const frozenFolder = join(import.meta.dirname, "../../../fixtures/inspect");

/** Where logs lie by the version that made them: those that `npm run test:inspect` has just made, else the frozen ones. */
export const logFolder = process.env["NIGHTSHIFT_INSPECT_LOGS"] ?? frozenFolder;

/** The versions whose logs are there, frozen and made anew. */
export const versions = readdirSync(frozenFolder).filter((name) => existsSync(join(frozenFolder, name, "expected.json")));

/** A number, or the text that stands for one that JSON cannot hold. */
export type PlainNumber = number | "NaN" | "Infinity" | "-Infinity";

/** What the inspect-ai that made a log says of it: fixtures/inspect/answers.py. */
export interface ExpectedLog {
  readonly status: ReadableLogObject["log_status"];
  readonly task: string;
  readonly model: string;
  readonly version: string;
  readonly created: string;
  readonly completed_at: string | null;
  /** Of logs that do not store it, what 0.3.285 computes: fixtures/inspect/eval_ids.py. */
  readonly eval_id: string | null;
  readonly run_id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly epochs: number;
  readonly invalidated: boolean;
  readonly error: string | null;
  readonly planned_samples: number;
  readonly total_samples: number | null;
  readonly completed_samples: number | null;
  readonly samples_without_error: number;
  /** Stored; with the number of samples behind them where the version stores it. */
  readonly scores: readonly ExpectedScore[];
  /** Of a log that stores no results: what inspect-ai's own functions make of its samples. */
  readonly recomputed: readonly ExpectedScore[];
  /** The score that the task calls its headline, where the version knows of it. */
  readonly headline: Pick<ExpectedScore, "name" | "scorer" | "reducer"> | null;
  readonly reduced: readonly { readonly scorer: string; readonly samples: number }[];
  readonly binary: BinaryMetrics | null;
  readonly samples: readonly ExpectedSample[];
  /** Whether two samples share a name, so that one is read twice and the other never. */
  readonly is_ambiguous: boolean;
  /** Of a log that keeps no samples. */
  readonly summaries: readonly ExpectedSample[];
  /** The row of evals_df, where pandas was installed. */
  readonly data_frame: Readonly<Record<string, unknown>> & { readonly headline: Readonly<Record<string, unknown>> | null } | null;
}

export interface ExpectedScore {
  readonly name: string;
  readonly scorer: string;
  readonly reducer: string | null;
  readonly samples: number | null;
  readonly metrics: Readonly<Record<string, PlainNumber>>;
}

export interface ExpectedSample {
  readonly id: string | number;
  readonly epoch: number;
  readonly input: string;
  readonly target: string | readonly string[];
  /** Of the first scorer. */
  readonly answer: string | null;
  readonly error: string | null;
  readonly scores: Readonly<Record<string, unknown>>;
}

export function readExpected(version: string, folder = logFolder): Readonly<Record<string, ExpectedLog>> {
  const ids = join(folder, version, "eval_ids.json");
  const idOf = existsSync(ids) ? JSON.parse(readFileSync(ids, "utf8")) as Readonly<Record<string, string>> : {};
  const logs = JSON.parse(readFileSync(join(folder, version, "expected.json"), "utf8")) as Readonly<Record<string, ExpectedLog>>;
  return Object.fromEntries(Object.entries(logs).map(([name, log]) => [name, { ...log, eval_id: log.eval_id ?? idOf[name] ?? null }]));
}

/** What `nightshift eval-log --json` has to print, field by field, if inspect-ai is right. */
export function expectedObject(path: string, python: ExpectedLog): LogObject {
  const hasResults = python.total_samples !== null;
  const scores = hasResults ? python.scores : python.recomputed;
  const accurate = scores.filter(({ metrics }) => "accuracy" in metrics);
  const headline = accurate.find(({ scorer, name, reducer }) => scorer === python.headline?.scorer && name === python.headline.name && reducer === python.headline.reducer) ?? accurate[0] ?? scores[0];
  const accuracy = headline?.metrics["accuracy"];
  const distinct = new Set(python.samples.filter(({ scores: given }) => headline !== undefined && headline.scorer in given).map(({ id }) => String(id))).size;
  const samples = headline?.samples ?? python.reduced.find(({ scorer }) => scorer === headline?.scorer)?.samples ?? (distinct || (python.completed_samples ?? python.samples_without_error));
  return defined<ReadableLogObject>({
    status: "success",
    path,
    task: python.task,
    model: python.model,
    version: python.version,
    created: expect.toSatisfy((created: string) => Date.parse(created) === Date.parse(python.created), `to be ${python.created}`) as string,
    completed: python.completed_at === null ? undefined : expect.toSatisfy((completed: string) => Date.parse(completed) === Date.parse(python.completed_at ?? ""), `to be ${python.completed_at}`) as string,
    eval_id: python.eval_id ?? undefined,
    run_id: python.run_id,
    log_status: python.status,
    error: python.status === "error" ? expect.stringContaining(python.error === null ? "samples failed: " : plainText(python.error)) as string : undefined,
    accuracy: accuracy === undefined ? undefined : near(accuracy, hasResults),
    scorer: headline?.scorer,
    samples,
    total_samples: python.total_samples ?? python.planned_samples,
    completed_samples: python.completed_samples ?? python.samples_without_error,
    epochs: python.epochs,
    metadata: python.metadata,
    tags: [...python.tags],
    metrics: scores.flatMap(({ scorer, name, reducer, metrics }) => Object.entries(metrics).map(([key, value]) =>
      defined<ReadableLogObject["metrics"][number]>({ scorer, score: name === scorer ? undefined : name, name: key, reducer: reducer ?? undefined, value: near(value, hasResults) }))),
    partial: python.status !== "success" || python.invalidated || !hasResults,
    invalidated: python.invalidated,
    warnings: [
      ...(!hasResults && scores.length > 0 ? [`stores no results: the metrics are those of the ${samples} samples it has`] : []),
      // 0.3.60 writes the samples 1 and "1" one over the other.
      ...(python.is_ambiguous ? [expect.stringMatching(/^has \d+ samples where its header counts \d+$/u) as string] : []),
      ...(python.error === "Eval recovered from crash" ? [`was recovered from a crash, with ${python.total_samples} of ${python.planned_samples} samples`] : []),
      ...(python.invalidated ? ["was marked as invalid, at least in part; its results were not computed anew"] : []),
    ],
    binary: python.binary === null ? undefined : expectedBinary(path, python.binary),
  });
}

// What is stored is the same to the last bit; what is computed anew is added up in another order.
function near(value: PlainNumber, isStored: boolean): PlainNumber {
  if (isStored || typeof value === "string") return value;
  return expect.toSatisfy((ours: unknown) => typeof ours === "number" && Math.abs(ours - value) <= 1e-12 * Math.max(1, Math.abs(value)), `to be ${value}`) as number;
}

function expectedBinary(path: string, { samples, accuracy, balancedAccuracy, f1, precision1, recall1, recall0, confusionMatrix }: BinaryMetrics): ReadableLogObject["binary"] {
  return { status: "success", path, samples, accuracy, balanced_accuracy: balancedAccuracy, f1, precision_1: precision1, recall_1: recall1, recall_0: recall0, confusion_matrix: { ...confusionMatrix } };
}

/** Scores as a table of samples has them: a column for each scorer, or for each of its values by name. */
export function expectedColumns(scores: ExpectedSample["scores"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(scores).flatMap(([scorer, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value).map(([name, one]) => [`${scorer}_${name}`, one as unknown]) : [[scorer, value]]));
}
