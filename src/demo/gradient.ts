import { encode, letters, passForward } from "./model.ts";
import type { Activations, Adapter, Base, LowRank } from "./model.ts";
import { addOuterProduct, addTransposedProduct } from "./vectors.ts";
import type { Vector } from "./vectors.ts";
import type { Pair } from "./words.ts";

/**
 * Computes the loss of a batch, and into which direction each number of the adapter would raise it.
 *
 * @returns Mean cross-entropy per letter, and a gradient of the adapter's own shape.
 */
export function computeGradient(base: Base, adapter: Adapter, batch: readonly Pair[]): { loss: number; gradient: Adapter } {
  const gradient = { ...adapter, hidden: zerosLike(adapter.hidden), readout: zerosLike(adapter.readout) };
  const count = batch.reduce((sum, { input }) => sum + input.length, 0);
  let loss = 0;
  for (const { input, output } of batch) {
    for (let position = 0; position < input.length; position++) {
      const activations = passForward(base, adapter, encode(input, position));
      const { surprise, error } = compareLetter(activations.logits, output.charAt(position));
      loss += surprise / count;
      passBackward(base, adapter, gradient, activations, error.map((value) => value / count));
    }
  }
  return { loss, gradient };
}

/**
 * Compares what the network holds likely with the letter that is right.
 *
 * @returns Cross-entropy, and its derivative by each logit: softmax minus the truth.
 */
export function compareLetter(logits: Vector, letter: string): { surprise: number; error: Vector } {
  const highest = Math.max(...logits);
  const error = logits.map((logit) => Math.exp(logit - highest));
  const sum = error.reduce((total, value) => total + value, 0);
  const right = letters.indexOf(letter);
  for (const [index, value] of error.entries()) error[index] = value / sum - (index === right ? 1 : 0);
  return { surprise: Math.log(sum) - (logits[right]! - highest), error };
}

// The base's own weights stay as they are: only the adapter's share of each layer gets a gradient.
function passBackward(base: Base, adapter: Adapter, gradient: Adapter, activations: Activations, error: Vector): void {
  const { input, hiddenLow, hidden, readoutLow } = activations;
  const scale = adapter.alpha / adapter.rank;

  const hiddenError = new Float32Array(hidden.length);
  addTransposedProduct(hiddenError, base.readout.weight, error, 1);
  const readoutLowError = passLowRankBackward(adapter.readout, gradient.readout, { input: hidden, low: readoutLow, error }, scale);
  addTransposedProduct(hiddenError, adapter.readout.down, readoutLowError, 1);
  for (const [unit, value] of hidden.entries()) if (value <= 0) hiddenError[unit] = 0;

  passLowRankBackward(adapter.hidden, gradient.hidden, { input, low: hiddenLow, error: hiddenError }, scale);
}

function passLowRankBackward(
  adapter: LowRank,
  gradient: LowRank,
  { input, low, error }: { readonly input: Vector; readonly low: Vector; readonly error: Vector },
  scale: number,
): Vector {
  addOuterProduct(gradient.up, error, low, scale);
  const lowError = new Float32Array(low.length);
  addTransposedProduct(lowError, adapter.up, error, scale);
  addOuterProduct(gradient.down, lowError, input, 1);
  return lowError;
}

function zerosLike({ down, up }: LowRank): LowRank {
  return { down: new Float32Array(down.length), up: new Float32Array(up.length) };
}
