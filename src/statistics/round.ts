/**
 * Rounds to decimal places the way Python's `round` does: to the nearest, exact ties to the even digit.
 *
 * `toFixed` is exact too but sends ties away from zero (0.03125 becomes 0.0313, in Python 0.0312).
 */
export function roundHalfEven(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  return isTie(value, places) ? roundTie(value, places) : Number(value.toFixed(places));
}

// A double lies halfway between two decimals of p places only if it is an odd multiple of 2^-(p+1): the other half of
// the denominator 2 * 10^p, a power of five, must cancel out.
function isTie(value: number, places: number): boolean {
  return Math.abs(value * 2 ** (places + 1)) % 2 === 1;
}

function roundTie(value: number, places: number): number {
  const below = Math.floor(value * 10 ** places);
  const even = below % 2 === 0 ? below : below + 1;
  return even / 10 ** places;
}
