import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { reducerNamed } from "../../src/statistics/reducers.ts";
import { clusteredStandardError, mean, standardDeviation, standardError, tInterval, variance } from "../../src/statistics/sample-statistics.ts";
import { type ScoreValue, toFloat } from "../../src/statistics/score-value.ts";
import { tQuantile } from "../../src/statistics/student-t.ts";

// What inspect-ai itself computed: fixtures/inspect/make_numbers.py.
const oracle = JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/inspect/numbers.json"), "utf8")) as {
  readonly values: readonly (readonly [ScoreValue, number])[];
  readonly reductions: readonly (readonly [string, readonly unknown[], unknown])[];
  readonly metrics: readonly (readonly [readonly number[], readonly (string | number)[], Readonly<Record<string, unknown>>])[];
};

test.each(oracle.values)("%j is the number %s to inspect-ai and to us", (value, number) => {
  expect(toFloat(value)).toBe(number);
});

test("every reducer makes of scores what inspect-ai's makes of them", () => {
  expect(oracle.reductions.length).toBeGreaterThan(400);
  for (const [name, values, reduced] of oracle.reductions) {
    const ours = reducerNamed(name)?.(values.map(numbersIn) as ScoreValue[]);
    expect({ name, values, reduced: numbersIn(ours) }).toEqual({ name, values, reduced: closeTo(numbersIn(reduced)) });
  }
});

test("a reducer of the user's own is not known", () => {
  for (const name of ["mine", "best_of", "pass_at_many", "__proto__"]) expect([name, reducerNamed(name)]).toEqual([name, undefined]);
});

describe("metrics", () => {
  test.each(oracle.metrics.map((one) => [one[0].length, one] as const))("of %i values are inspect-ai's to twelve digits", (_count, [values, clusters, computed]) => {
    const byCluster = groupBy(values, clusters);
    const interval = (level: number, parts?: readonly (readonly number[])[]): unknown => tInterval(values, level, parts);
    expect({
      accuracy: mean(values), mean: mean(values), std: standardDeviation(values), var: variance(values), stderr: standardError(values),
      "stderr c": clusteredStandardError(byCluster), ci: interval(0.95), "ci 0.999": interval(0.999), "ci c": interval(0.95, byCluster),
    }).toEqual(closeTo(computed));
  });
});

// As @stdlib/stats-base-dists-t-quantile 0.2.3 has them; the first is tan(0.475 pi).
test.each([[0.975, 1, Math.tan(0.475 * Math.PI)], [0.975, 2, 4.302652729749464], [0.975, 5, 2.570581835636314], [0.975, 10, 2.228138851986274], [0.975, 100, 1.983971518523552], [0.995, 7, 3.4994832973505026], [0.5, 3, 0]])("the quantile %f of Student's t with %i degrees of freedom", (p, degrees, quantile) => {
  expect(tQuantile(p, degrees)).toBeCloseTo(quantile, 12);
});

test.each([[[Number.POSITIVE_INFINITY, 1], Number.POSITIVE_INFINITY], [[Number.NEGATIVE_INFINITY, 1], Number.NEGATIVE_INFINITY], [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN]])("the mean of %j is %d", (values, expected) => {
  expect(mean(values)).toBe(expected);
});

function groupBy(values: readonly number[], names: readonly (string | number)[]): readonly (readonly number[])[] {
  const groups = new Map<string | number, number[]>();
  for (const [index, name] of names.entries()) groups.set(name, [...(groups.get(name) ?? []), values[index] ?? 0]);
  return [...groups.values()];
}

function numbersIn(value: unknown): unknown {
  if (typeof value === "string" && ["nan", "inf", "-inf"].includes(value)) return Number(value.replace("inf", "Infinity"));
  if (Array.isArray(value)) return value.map(numbersIn);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, numbersIn(one)])) : value;
}

// To 1e-12 of its size: numpy adds in another order.
function closeTo(value: unknown): unknown {
  if (typeof value === "number" && Number.isFinite(value)) return closeNumber(value);
  if (typeof value === "boolean") return expect.toSatisfy((one: unknown) => Number(one) === Number(value)) as unknown;
  if (Array.isArray(value)) return value.map(closeTo);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closeTo(one)])) : value;
}

function closeNumber(value: number): unknown {
  return expect.toSatisfy((one: unknown) => Math.abs(Number(one) - value) <= 1e-12 * Math.max(1, Math.abs(value)), `to be ${value}`) as unknown;
}
