import { median } from "simple-statistics";

import { isRecord, isUnscored, type ScoreLeaf, type ScoreValue, toFloat } from "./score-value.ts";
import { mean } from "./sample-statistics.ts";

/** Makes one score of those that a sample got in several epochs; NaN where none of them is scored, or they do not fit together. */
export type Reducer = (values: readonly ScoreValue[]) => ScoreValue;

/**
 * The reducer that inspect-ai calls by a name: `mean`, `median`, `mode`, `max`, `majority`, `collect`, `at_least_2`, `pass_at_5`,
 * `pass_k_3`. `undefined` for others, which are the user's own.
 *
 * Scores of several values are reduced index by index, or name by name; those that are not scored are left out.
 */
export function reducerNamed(name: string): Reducer | undefined {
  const { kind = name, times = "1" } = /^(?<kind>.+)_(?<times>\d+)$/u.exec(name)?.groups ?? {};
  const k = Number(times);
  switch (kind) {
    case "mean": return eachWay(ofNumbers(mean));
    case "median": return eachWay(ofNumbers((values) => median([...values])));
    case "max": return eachWay((scored) => scored.reduce((best, value) => (toFloat(value) > toFloat(best) ? value : best)));
    case "mode": return eachWay((scored) => mostCommon(scored).value);
    case "majority": return eachWay((scored, all) => strictMajority(mostCommon(scored), all));
    case "collect": return (values) => { const scored = values.filter((value): value is ScoreLeaf => !isUnscored(value)); return scored.length === 0 ? Number.NaN : scored; };
    case "at_least": return eachWay((scored) => (scored.filter(isCorrect).length >= k ? 1 : 0));
    case "pass_at": return eachWay(ofNumbers((values) => passAt(k, values)));
    case "pass_k": return eachWay(ofNumbers((values) => passAll(k, values)));
    default: return undefined;
  }
}

type LeafReducer = (scored: readonly ScoreLeaf[], all: number) => ScoreLeaf;

function eachWay(reduce: LeafReducer): Reducer {
  const ofLeaves = (leaves: readonly ScoreLeaf[], all: number): ScoreLeaf => {
    const scored = leaves.filter((leaf) => !isUnscored(leaf));
    return scored.length === 0 ? Number.NaN : reduce(scored, all);
  };
  return (values) => {
    const [first] = values.filter((value) => !isUnscored(value));
    if (first === undefined) return Number.NaN;
    if (isList(first)) {
      const lists = values.filter(isList);
      return first.map((_leaf, index) => ofLeaves(lists.map((list) => list[index] ?? null), values.length));
    }
    if (isLeaf(first)) return ofLeaves(values.filter(isLeaf), values.length);
    const records = values.filter(isRecord);
    return Object.fromEntries(Object.keys(first).map((key) => [key, ofLeaves(records.map((record) => record[key] ?? null), values.length)]));
  };
}

function ofNumbers(reduce: (values: readonly number[]) => number): LeafReducer {
  return (scored) => reduce(scored.map(toFloat));
}

// Of several the one that came first.
function mostCommon(scored: readonly ScoreLeaf[]): { readonly value: ScoreLeaf; readonly count: number } {
  const counts = new Map<ScoreLeaf, number>();
  for (const value of scored) {
    // In Python True is 1.
    const counted = typeof value === "boolean" ? Number(value) : value;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).reduce((best, one) => (one.count > best.count ? one : best));
}

function strictMajority({ value, count }: { readonly value: ScoreLeaf; readonly count: number }, all: number): ScoreLeaf {
  return count * 2 > all ? value : Number.NaN;
}

function isCorrect(value: ScoreValue): boolean {
  return toFloat(value) >= 1;
}

/** The unbiased estimate that one of k attempts succeeds (Chen et al. 2021, arXiv 2107.03374). */
function passAt(k: number, values: readonly number[]): number {
  const wrong = values.filter((value) => value < 1).length;
  if (values.length < k) return Number.NaN;
  if (wrong < k) return 1;
  let none = 1;
  for (let n = wrong + 1; n <= values.length; n += 1) none *= 1 - k / n;
  return 1 - none;
}

/** The estimate that all of k attempts succeed (Yao et al. 2024, arXiv 2406.12045). */
function passAll(k: number, values: readonly number[]): number {
  const right = values.filter((value) => value >= 1).length;
  if (values.length < k) return Number.NaN;
  let all = 1;
  for (let drawn = 0; drawn < k; drawn += 1) all *= Math.max(0, right - drawn) / (values.length - drawn);
  return all;
}

function isLeaf(value: ScoreValue): value is ScoreLeaf {
  return value === null || typeof value !== "object";
}

function isList(value: ScoreValue): value is readonly ScoreLeaf[] {
  return Array.isArray(value);
}
