import { readFileSync } from "node:fs";
import type { EvaluationLog } from "../../../src/domain/evaluator.ts";
import { buildLog } from "../../../src/evaluators/inspect/build-log.ts";
import { readLog } from "../../../src/evaluators/inspect/log/read-log.ts";

/** Reads one log whatever folder it is in. */
export async function readLogAt(path: string): Promise<EvaluationLog> {
  const { contents } = await readLog(path);
  return buildLog(contents, { path, changedAt: "2026-11-21T12:00:00Z" });
}

/** A log's metrics, each as one line: scorer, score where it has a name of its own, metric, reducer and value. */
export function metricLines(log: EvaluationLog): readonly string[] {
  return log.metrics.map(({ scorer, score = scorer, name, reducer = "-", value }) => `${scorer}/${score}/${name}/${reducer}=${value}`);
}

/** The same lines from what Python wrote down. */
export function expectedMetricLines(scores: readonly ExpectedScore[]): readonly string[] {
  return scores.flatMap(({ scorer, name, reducer, metrics }) =>
    Object.entries(metrics).map(([key, value]) => `${scorer}/${name}/${key}/${reducer ?? "-"}=${value}`));
}

export interface ExpectedScore {
  readonly name: string;
  readonly scorer: string;
  readonly reducer: string | null;
  readonly samples?: number | null;
  readonly metrics: Readonly<Record<string, number | "NaN" | null>>;
}

/** The accuracy of the first scorer that has one. */
export function expectedAccuracy(scores: readonly ExpectedScore[]): number | undefined {
  const value = scores.find(({ metrics }) => "accuracy" in metrics)?.metrics["accuracy"];
  return value === "NaN" || value === null ? Number.NaN : value;
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
