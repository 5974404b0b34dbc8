import { mean } from "./sample-statistics.ts";

/** A number that was to be said, and the one that was said. */
export interface NumberPair {
  readonly target: number;
  readonly prediction: number;
}

/** The mean absolute error; NaN of nothing. */
export function meanAbsoluteError(pairs: readonly NumberPair[]): number {
  return pairs.length === 0 ? Number.NaN : mean(pairs.map(({ target, prediction }) => Math.abs(prediction - target)));
}

/** The root of the mean squared error; NaN of nothing. */
export function rootMeanSquaredError(pairs: readonly NumberPair[]): number {
  return pairs.length === 0 ? Number.NaN : Math.sqrt(mean(pairs.map(({ target, prediction }) => (prediction - target) ** 2)));
}

/** The share of the targets' variance that the predictions explain; NaN of fewer than two pairs, or of targets that are all the same. */
export function rSquared(pairs: readonly NumberPair[]): number {
  const centre = mean(pairs.map(({ target }) => target));
  const total = pairs.reduce((sum, { target }) => sum + (target - centre) ** 2, 0);
  if (pairs.length < 2 || total === 0) return Number.NaN;
  return 1 - pairs.reduce((sum, { target, prediction }) => sum + (target - prediction) ** 2, 0) / total;
}
