import * as z from "zod";
import type { JsonObject, LogResults, LogScore } from "./log-header.ts";

/** Parses `results` of a header; scores that make no sense are left out. */
export function parseResults(raw: JsonObject): LogResults {
  const scores = raw["scorer"] === undefined ? raw["scores"] : [legacyScore(raw)];
  return {
    totalSamples: count.parse(raw["total_samples"]),
    completedSamples: count.parse(raw["completed_samples"]),
    scores: Array.isArray(scores) ? scores.flatMap(parseScore) : [],
  };
}

// Until 2024 there was one scorer at most: `results.scorer`, with its metrics beside it.
function legacyScore({ scorer, metrics }: JsonObject): JsonObject {
  return typeof scorer === "object" ? { ...scorer, metrics } : { name: scorer, metrics };
}

const text = z.string().optional().catch(undefined);
const count = z.number().int().nonnegative().optional().catch(undefined);

const scoreSchema = z.object({
  name: z.string(),
  scorer: text,
  reducer: text,
  scored_samples: count,
  unscored_samples: count,
  metrics: z.record(z.string(), z.unknown()).catch({}),
});

function parseScore(raw: unknown): LogScore[] {
  const { success, data: score } = scoreSchema.safeParse(raw);
  if (!success) return [];
  return [{
    name: score.name,
    scorer: score.scorer ?? score.name,
    reducer: score.reducer,
    samples: score.scored_samples === undefined ? undefined : score.scored_samples + (score.unscored_samples ?? 0),
    metrics: new Map(Object.entries(score.metrics).map(([key, metric]) => [key, parseMetric(metric)])),
  }];
}

// Versions 0.3.8 to 0.3.47 wrote NaN as null. Integers beyond what a double holds come as texts.
function parseMetric(metric: unknown): number {
  const value = typeof metric === "object" && metric !== null && "value" in metric ? metric.value : metric;
  if (typeof value === "string" && /^-?\d+$/u.test(value)) return Number(value);
  return typeof value === "number" ? value : Number.NaN;
}
