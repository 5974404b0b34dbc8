import { mean as meanOf, sampleStandardDeviation, sampleVariance } from "simple-statistics";

import { tQuantile } from "./student-t.ts";

/** The mean; 0 of nothing, as inspect-ai has it. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  // The compensated sum of what is infinite would be NaN.
  return values.every(Number.isFinite) ? meanOf([...values]) : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The variance of a sample, divided by n - 1; 0 of fewer than two values. */
export function variance(values: readonly number[]): number {
  return values.length < 2 ? 0 : sampleVariance([...values]);
}

/** The standard deviation of a sample, its variance divided by n - 1; 0 of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  return values.length < 2 ? 0 : sampleStandardDeviation([...values]);
}

/** The standard error of the mean by the central limit theorem; 0 of fewer than two values. */
export function standardError(values: readonly number[]): number {
  return values.length < 2 ? 0 : standardDeviation(values) / Math.sqrt(values.length);
}

/**
 * The standard error of the mean of values that come in clusters, with the correction for a finite number of them
 * (Miller 2024, arXiv 2411.00640, appendix A, times C / (C - 1), as inspect-ai computes it); 0 of fewer than two clusters.
 */
export function clusteredStandardError(clusters: readonly (readonly number[])[]): number {
  if (clusters.length < 2) return 0;
  const values = clusters.flat();
  const centre = mean(values);
  const spread = clusters.reduce((sum, cluster) => sum + cluster.reduce((deviation, value) => deviation + (value - centre), 0) ** 2, 0);
  return Math.sqrt((spread * clusters.length) / (clusters.length - 1)) / values.length;
}

/** The two-sided confidence interval of a mean by Student's t; of fewer than two values the value itself. */
export function tInterval(values: readonly number[], level: number, clusters?: readonly (readonly number[])[]): { readonly lower: number; readonly upper: number } {
  const centre = mean(values);
  if (values.length < 2) return { lower: centre, upper: centre };
  const [error, degrees] = clusters === undefined ? [standardError(values), values.length - 1] : [clusteredStandardError(clusters), Math.max(1, clusters.length - 1)];
  const reach = tQuantile((1 + level) / 2, degrees) * error;
  return { lower: centre - reach, upper: centre + reach };
}
