import { roundHalfEven } from "../statistics/round.ts";

/** What stands where a number is not known. */
export const unknown = "N/A";

/**
 * Renders a loss with three decimals, more where three would hide it: `0.234`, `0.0023`, `5.6e-5`, `nan`, `inf`.
 *
 * Anything below 0.01 keeps two significant digits, so that no loss but 0 itself reads as 0.
 */
export function formatLoss(loss: number | undefined): string {
  if (loss === undefined) return unknown;
  if (!Number.isFinite(loss)) return nonFinite(loss);
  const size = Math.abs(loss);
  if (size === 0 || (size >= 0.01 && size < 1e6)) return loss.toFixed(3);
  return size >= 0.001 && size < 1 ? loss.toPrecision(2) : loss.toExponential(size < 1 ? 1 : 3);
}

/** Renders a fraction with two decimals, more where two would make it a perfect 1 or 0 that it is not: `0.85`, `0.996`. */
export function formatFraction(value: number | undefined): string {
  if (value === undefined) return unknown;
  if (!Number.isFinite(value)) return nonFinite(value);
  for (const places of [2, 3]) {
    const rounded = roundHalfEven(value, places);
    if (rounded === value || (rounded !== 0 && rounded !== 1)) return rounded.toFixed(places);
  }
  return roundHalfEven(value, 4).toFixed(4);
}

/**
 * Renders a fraction as a percentage: `89%`, with as many decimals (two at most) as it takes to tell it from the others.
 *
 * @param others Fractions it must not be mistaken for: 0.891 beside 0.889 is `89.1%`.
 */
export function formatPercent(value: number, others: readonly number[] = []): string {
  const isClear = (places: number): boolean => {
    const rounded = percent(value, places);
    return [...others, 0, 1].every((other) => other === value || percent(other, places) !== rounded);
  };
  const places = [0, 1, 2].find(isClear) ?? 2;
  return `${percent(value, places).toFixed(places)}%`;
}

// Rounded as a fraction first: 0.925 must not read 0.93 in a table and 92% below it.
function percent(value: number, places: number): number {
  return roundHalfEven(roundHalfEven(value, places + 2) * 100, places);
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}
