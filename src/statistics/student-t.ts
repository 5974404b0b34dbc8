/**
 * Finds the value below which a Student t variable lies with probability `p`, 0.5 <= p < 1, for a whole number of degrees
 * of freedom; to about 15 digits.
 *
 * jstat 1.9 and lib-r-math.js 2.0 differ from it in the ninth digit, and @stdlib's comes with 230 packages. Inverts by
 * bisection, so that it is no more and no less exact than the distribution function.
 */
export function tQuantile(p: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (probabilityWithin(high, degrees) < 2 * p - 1 && Number.isFinite(high)) high *= 2;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, degrees) < 2 * p - 1) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability of |T| <= t: the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4. */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const square = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * square;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
