import { expect, test } from "vitest";
import { roundHalfEven } from "../../src/statistics/round.ts";

// The answers are those of Python's round().
test.each([
  [1 / 32, 4, 0.0312],
  [3 / 32, 4, 0.0938],
  [9 / 32, 4, 0.2812],
  [11 / 32, 4, 0.3438],
  [-1 / 32, 4, -0.0312],
  [0.00005, 4, 0.0001],
  [0.00015, 4, 0.0001],
  [2 / 3, 4, 0.6667],
  [0.5, 0, 0],
  [1.5, 0, 2],
  [2.5, 0, 2],
  [2.675, 2, 2.67],
  [1e22, 4, 1e22],
  [0, 4, 0],
  [1, 4, 1],
  [Number.NaN, 4, Number.NaN],
  [Number.POSITIVE_INFINITY, 4, Number.POSITIVE_INFINITY],
])("%d rounded to %d places is %d", (value, places, rounded) => {
  expect(roundHalfEven(value, places)).toBe(rounded);
});
