import { expect, test } from "vitest";

import { couldHaveDiffered } from "../../../../src/evaluators/inspect/log/earlier-versions.ts";
import type { ScoredSample } from "../../../../src/evaluators/inspect/log/recompute-scores.ts";
import type { ScoreValue } from "../../../../src/statistics/score-value.ts";

const given = (...values: readonly (readonly ScoreValue[])[]): readonly ScoredSample[] =>
  values.flatMap((epochs, id) => epochs.map((value) => ({ id, metadata: {}, scores: new Map([["given", { value, metadata: {} }]]) })));

const scored = given([1, 0], [0.5, 1]);
const unscored = given([1, Number.NaN], [0.5, 1]);

// What each version computes was measured with 0.3.60, 0.3.205 and 0.3.285, and read in those between.
test.each([
  ["0.3.60", "mean", scored, false],
  ["0.3.60", "mean", unscored, true],
  ["0.3.60", undefined, given([1], [Number.NaN]), true],
  ["0.3.60", "mode", given([{ a: 1, b: Number.NaN }, { a: 1, b: 0 }]), true],
  ["0.3.122", "median", unscored, true],
  ["0.3.122", undefined, given([1], [Number.NaN]), false],
  ["0.3.205", "mean", unscored, false],
  ["0.3.205", "median", given([[1, Number.NaN], [0, 1]]), false],
  ["0.3.205", "max", scored, false],
  ["0.3.205", "max", unscored, true],
  ["0.3.205", "pass_at_2", scored, false],
  ["0.3.205", "pass_at_2", unscored, true],
  ["0.3.205", "pass_at_2", given([1, 0], [1]), true],
  ["0.3.285", "max", unscored, false],
  ["0.3.285", "pass_at_2", given([1, 0], [1]), false],
  [undefined, "mean", unscored, false],
])("whether %s could have made something else of a %s", (version, reducer, samples, could) => {
  const epochs = Math.max(...samples.map(({ id }) => samples.filter((other) => other.id === id).length));
  expect(couldHaveDiffered({ version, epochs, reducers: [reducer] }, samples)).toBe(could);
});
