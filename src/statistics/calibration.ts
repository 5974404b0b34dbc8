import { mean } from "./sample-statistics.ts";

/** How probable something was said to be, 0..1, and whether it was so: 1 or 0, or a share of it. */
export interface Forecast {
  readonly probability: number;
  readonly outcome: number;
}

/**
 * The expected calibration error: the difference between what was said and what was so, averaged over bins of equal width by
 * the number of forecasts in each (Naeini et al. 2015). A bin has its upper edge, the first also 0. NaN of nothing.
 */
export function expectedCalibrationError(forecasts: readonly Forecast[], bins = 10): number {
  if (forecasts.length === 0) return Number.NaN;
  const width = 1 / bins;
  let error = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const low = bin * width;
    const within = forecasts.filter(({ probability }) => (low < probability && probability <= low + width) || (bin === 0 && probability === 0));
    if (within.length === 0) continue;
    const [said, was] = [mean(within.map(({ probability }) => probability)), mean(within.map(({ outcome }) => outcome))];
    error += (within.length / forecasts.length) * Math.abs(said - was);
  }
  return error;
}

/** The Brier score, the mean squared difference between what was said and what was so (Brier 1950); NaN of fewer than two forecasts. */
export function brierScore(forecasts: readonly Forecast[]): number {
  return forecasts.length < 2 ? Number.NaN : mean(forecasts.map(({ probability, outcome }) => (probability - outcome) ** 2));
}

/**
 * The area under the ROC curve: how probable it is that something which was so was called more probable than something
 * which was not, ties counting half (Mann and Whitney's U). NaN where all outcomes are the same.
 */
export function areaUnderCurve(forecasts: readonly Forecast[]): number {
  const positives = forecasts.filter(({ outcome }) => outcome === 1).length;
  const negatives = forecasts.length - positives;
  if (positives === 0 || negatives === 0) return Number.NaN;
  const sorted = forecasts.toSorted((a, b) => a.probability - b.probability);
  let ranks = 0;
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (to < sorted.length && sorted[to]?.probability === sorted[from]?.probability) to += 1;
    // Equal ones share the mean of their ranks, from + 1 to `to`.
    ranks += ((from + 1 + to) / 2) * sorted.slice(from, to).filter(({ outcome }) => outcome === 1).length;
    from = to;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}
