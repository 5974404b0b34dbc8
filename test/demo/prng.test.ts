import { describe, expect, test } from "vitest";

import { createRandom, drawNormal, shuffled } from "../../src/demo/prng.ts";

describe("random numbers of a seed", () => {
  test("are the same for the same seed and purpose, and others for any other", () => {
    const first = (seed: number, purpose: string) => Array.from({ length: 5 }, createRandom(seed, purpose));
    expect(first(1, "words")).toEqual(first(1, "words"));
    expect(new Set([first(1, "words"), first(2, "words"), first(1, "text"), first(11, "words")].flat()).size).toBe(20);
  });

  test("are those that the published algorithms give, here computed in Python", () => {
    const random = createRandom(42, "words");
    expect([random(), random()]).toEqual([0.9126943936571479, 0.8228906232398003]);
  });

  test("fill the range from 0 to below 1 evenly", () => {
    const draws = Array.from({ length: 10_000 }, createRandom(7, "even"));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(mean(draws)).toBeCloseTo(0.5, 1);
  });

  test("make a normal distribution of mean 0 and variance 1", () => {
    const random = createRandom(7, "normal");
    const draws = Array.from({ length: 10_000 }, () => drawNormal(random));
    expect(mean(draws)).toBeCloseTo(0, 1);
    expect(mean(draws.map((value) => value ** 2))).toBeCloseTo(1, 1);
  });

  test("shuffle without losing or doubling anything", () => {
    const items = Array.from({ length: 100 }, (_value, index) => index);
    const mixed = shuffled(items, createRandom(3, "order"));
    expect(mixed).not.toEqual(items);
    expect(mixed.toSorted((a, b) => a - b)).toEqual(items);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
