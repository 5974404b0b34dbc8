import { compareLetter } from "./gradient.ts";
import { createBase, encode, passForward } from "./model.ts";
import type { Base } from "./model.ts";
import { createRandom } from "./prng.ts";
import { addOuterProduct } from "./vectors.ts";
import { buildText } from "./words.ts";

/** All that the base model's weights depend on: they are built anew wherever they are needed, never stored. */
export interface BaseConfig {
  readonly seed: number;
  readonly hiddenSize: number;
  /** How many words it has read. */
  readonly textWords: number;
}

/**
 * Builds the base model: its hidden layer is drawn at random, its readout has read a text once and learnt to copy it.
 *
 * Takes about a second for a thousand hidden units and five hundred words.
 */
export function buildBase({ seed, hiddenSize, textWords }: BaseConfig): Base {
  const base = createBase(hiddenSize, createRandom(seed, "base model"));
  const rate = 0.5 / hiddenSize;
  for (const { input, output } of buildText(seed, textWords)) {
    for (let position = 0; position < input.length; position++) {
      const { hidden, logits } = passForward(base, undefined, encode(input, position));
      addOuterProduct(base.readout.weight, compareLetter(logits, output.charAt(position)).error, hidden, -rate);
    }
  }
  return base;
}
