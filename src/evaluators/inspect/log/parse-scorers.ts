import * as z from "zod";

import type { MetricSpec } from "../../../statistics/score-metrics.ts";
import type { MetricGroup, ScorerSpec } from "./log-header.ts";

/** Parses `eval.scorers` of a header: metrics in a list, or by the names of values, or both mixed. What makes no sense is left out. */
export function parseScorers(raw: unknown): readonly ScorerSpec[] {
  return listOf(raw).flatMap((one) => {
    const { success, data } = scorer.safeParse(one);
    return success ? [{ name: data.name, groups: parseGroups(data.metrics) }] : [];
  });
}

function parseGroups(raw: unknown): readonly MetricGroup[] {
  if (!Array.isArray(raw)) return parseByKey(raw);
  return [{ metrics: parseMetrics(raw) }, ...raw.flatMap((one) => (metric.safeParse(one).success ? [] : parseByKey(one)))];
}

function parseByKey(raw: unknown): readonly MetricGroup[] {
  const { success, data } = byKey.safeParse(raw);
  return success ? [{ byKey: Object.entries(data).map(([keys, metrics]) => ({ keys, metrics: parseMetrics(metrics) })) }] : [];
}

function parseMetrics(raw: unknown): readonly MetricSpec[] {
  return listOf(raw).flatMap((one) => metric.safeParse(one).data ?? []);
}

function listOf(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

const metric = z.object({ name: z.string(), options: z.record(z.string(), z.unknown()).catch({}) });
const byKey = z.record(z.string(), z.array(z.unknown()));
const scorer = z.object({ name: z.string(), metrics: z.unknown().optional() });
