import { type Reducer, reducerNamed } from "../../../statistics/reducers.ts";
import { computeMetric, type MetricSpec, type MetricValue, shortName } from "../../../statistics/score-metrics.ts";
import { isRecord, isUnscored, type SampleScore, type ScoreLeaf, type ScoreValue } from "../../../statistics/score-value.ts";
import { patchOf } from "./earlier-versions.ts";
import { matchesPattern } from "./match-pattern.ts";
import type { LogHeader, LogScore, MetricGroup, ScorerSpec } from "./log-header.ts";

/** The scores of one sample in one epoch, by scorer. */
export interface ScoredSample {
  readonly id: string | number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly scores: ReadonlyMap<string, GivenScore>;
}

/** A score as its scorer gave it. */
export interface GivenScore {
  readonly value: ScoreValue;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Computes the results of a log that stores none from the scores of its samples: those of an evaluation that was
 * cancelled, ended in an error, or still runs.
 *
 * As inspect-ai 0.3.285 does: epochs are reduced sample by sample (by their mean where no reducer is named, not at all where
 * the reducers are none), samples without a value are left out, and metrics are taken over the rest. That is how a log of
 * any version is scored again today; what the version that wrote it would have done is another matter. Metrics that cannot be computed are left out. Scores whose
 * metrics nobody names get an accuracy and its standard error: those that a solver gave, and all in logs before 0.3.63.
 * Of values by name it is the mean, since not every one of them says what was right.
 */
export function recomputeScores({ version, scorers, reducers }: Pick<LogHeader, "scorers" | "reducers"> & Partial<Pick<LogHeader, "version">>, given: readonly ScoredSample[]): readonly LogScore[] {
  const samples = losesNaN(version) ? given.map(restoreNaN) : given;
  const specs = uniquelyNamed(scorers);
  specs.push(...scorersIn(samples).filter(({ name }) => !specs.some((known) => known.name === name)));
  return specs.flatMap(({ name, groups }) => viewsOf(name, reducers, samples).flatMap(({ reducer, scores }) =>
    (scores.length === 0 ? [] : groups.flatMap((group) => scoresOf(name, reducer, group, scores)))));
}

// From 0.3.94 to 0.3.252 at most, inspect-ai wrote NaN among the values of a score as null. Before and after, null is no
// number, which counts 0.
function losesNaN(version: string | undefined): boolean {
  const patch = patchOf(version) ?? 0;
  return patch >= 94 && patch <= 252;
}

function restoreNaN(sample: ScoredSample): ScoredSample {
  const restored = (value: ScoreValue): ScoreValue => (isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, leaf]) => [key, leaf ?? Number.NaN])) : value);
  return { ...sample, scores: new Map([...sample.scores].map(([name, { value, ...rest }]) => [name, { ...rest, value: restored(value) }])) };
}

// The second of a name gave its scores as `match1`.
function uniquelyNamed(scorers: readonly ScorerSpec[]): ScorerSpec[] {
  const named = new Map<string, ScorerSpec>();
  for (const { name, groups } of scorers) {
    let unique = name;
    for (let number = 1; named.has(unique); number += 1) unique = `${name}${number}`;
    named.set(unique, { name: unique, groups });
  }
  return [...named.values()];
}

function scorersIn(samples: readonly ScoredSample[]): readonly ScorerSpec[] {
  const first = new Map<string, ScoreValue>();
  for (const { scores } of samples) for (const [name, { value }] of scores) if (!first.has(name) || isUnscored(first.get(name))) first.set(name, value);
  return [...first].map(([name, value]) => ({ name, groups: [isRecord(value) ? { byKey: [{ keys: "*", metrics: [metric("mean")] }] } : { metrics: [metric("accuracy"), metric("stderr")] }] }));
}

function metric(name: string): MetricSpec {
  return { name, options: {} };
}

interface View {
  readonly reducer: string | undefined;
  readonly scores: readonly SampleScore[];
}

function viewsOf(scorer: string, reducers: LogHeader["reducers"], samples: readonly ScoredSample[]): readonly View[] {
  if (reducers.length === 0) return [{ reducer: undefined, scores: eachEpoch(scorer, samples) }];
  return reducers.flatMap((reducer) => {
    const reduce = reducerNamed(reducer ?? "mean");
    return reduce === undefined ? [] : [{ reducer, scores: reduceEpochs(scorer, samples, reduce) }];
  });
}

function eachEpoch(scorer: string, samples: readonly ScoredSample[]): readonly SampleScore[] {
  return samples.flatMap(({ metadata, scores }) => {
    const score = scores.get(scorer);
    return score === undefined ? [] : [{ metadata, scoreMetadata: score.metadata, value: score.value }];
  });
}

function reduceEpochs(scorer: string, samples: readonly ScoredSample[], reduce: Reducer): readonly SampleScore[] {
  const bySample = new Map<string, Omit<SampleScore, "value"> & { readonly values: ScoreValue[] }>();
  for (const { id, metadata, scores } of samples) {
    const score = scores.get(scorer);
    if (score === undefined) continue;
    const known = bySample.get(String(id));
    // The first epoch's metadata stand for all.
    if (known === undefined) bySample.set(String(id), { metadata, scoreMetadata: score.metadata, values: [score.value] });
    else known.values.push(score.value);
  }
  return [...bySample.values()].map(({ values, ...rest }) => ({ ...rest, value: reduce(values) }));
}

function scoresOf(scorer: string, reducer: string | undefined, group: MetricGroup, scores: readonly SampleScore[]): readonly LogScore[] {
  if (!("byKey" in group)) return [scoreOf(scorer, scorer, reducer, group.metrics, scores, false)];
  const first = scores.map(({ value }) => value).find(isRecord) ?? {};
  const metricsOf = new Map<string, readonly MetricSpec[]>();
  for (const { keys, metrics } of group.byKey) {
    for (const key of Object.keys(first).filter((one) => matchesPattern(keys, one))) {
      const known = metricsOf.get(key) ?? [];
      metricsOf.set(key, [...known, ...metrics.filter(({ name }) => !known.some((other) => other.name === name))]);
    }
  }
  const ofKey = (key: string): readonly SampleScore[] => scores.map(({ value, ...rest }) => ({ ...rest, value: leafOf(value, key) }));
  return [...metricsOf].map(([key, metrics]) => scoreOf(key, scorer, reducer, metrics, ofKey(key), true));
}

function leafOf(value: ScoreValue, key: string): ScoreLeaf {
  const leaf = isRecord(value) ? value[key] : undefined;
  return leaf === undefined ? Number.NaN : leaf;
}

function scoreOf(name: string, scorer: string, reducer: string | undefined, metrics: readonly MetricSpec[], scores: readonly SampleScore[], isKeyed: boolean): LogScore {
  const scored = scores.filter(({ value }) => !isUnscored(value));
  const computed = new Map<string, number>();
  const leftOut: string[] = [];
  for (const metric of metrics) {
    const short = shortName(metric);
    const value = scored.length === 0 ? ofNothing(metric) : computeMetric(metric, scored);
    if (typeof value === "number") computed.set(isKeyed ? short : uniqueKey(short, computed), value);
    else if (value === undefined) leftOut.push(short);
    else for (const [part, one] of value) computed.set(isKeyed ? `${short}_${part}` : uniqueKey(part, computed), one);
  }
  return { name, scorer, reducer, samples: scores.length, metrics: computed, ...(leftOut.length === 0 ? {} : { leftOut }) };
}

// Nothing was scored: a metric of several values still has them, any other is NaN.
function ofNothing(metric: MetricSpec): MetricValue {
  const value = computeMetric(metric, []);
  return typeof value === "object" && value.size > 0 ? value : Number.NaN;
}

// The second metric of a name is `accuracy2`. A group `15` counts as the fifth of a name `1`, though, so that its second is `16`.
function uniqueKey(key: string, taken: ReadonlyMap<string, number>): string {
  if (!taken.has(key)) return key;
  let number = 2;
  for (const other of taken.keys()) {
    const used = other.startsWith(key) ? Number(/^\d+/u.exec(other.slice(key.length))?.[0] ?? 0) : 0;
    if (used >= number) number = used + 1;
  }
  return `${key}${number}`;
}
