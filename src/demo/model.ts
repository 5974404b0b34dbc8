import { drawNormal } from "./prng.ts";
import type { Random } from "./prng.ts";
import { addProduct } from "./vectors.ts";
import type { Vector } from "./vectors.ts";

/** A network of two layers that writes a word anew, letter by letter, seeing each letter with its two neighbours. */
export interface Base {
  readonly hidden: Layer;
  readonly readout: Layer;
}

export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** `outputs` rows of `inputs` numbers. */
  readonly weight: Vector;
}

/** What fine-tuning changes (LoRA, arXiv 2106.09685): to each layer's weight it adds `alpha / rank * up down`. */
export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  readonly hidden: LowRank;
  readonly readout: LowRank;
}

export interface LowRank {
  /** `rank` rows, one column for each input. */
  readonly down: Vector;
  /** A row for each output, `rank` columns. */
  readonly up: Vector;
}

/** What one letter leaves in the network on its way through; the way back needs it. */
export interface Activations {
  readonly input: Vector;
  readonly hiddenLow: Vector;
  readonly hidden: Vector;
  readonly readoutLow: Vector;
  readonly logits: Vector;
}

const lowerCase = "abcdefghijklmnopqrstuvwxyz";
/** What the network can write, in the order of its outputs. */
export const letters = lowerCase + lowerCase.toUpperCase();
// One more than the letters: beyond the ends of a word.
const symbols = lowerCase.length + 1;
const inputs = 3 * symbols;

/** Draws the hidden layer at random; the readout knows nothing yet. */
export function createBase(hiddenSize: number, random: Random): Base {
  return {
    hidden: { inputs, outputs: hiddenSize, weight: drawWeights(hiddenSize * inputs, 1, random) },
    readout: { inputs: hiddenSize, outputs: letters.length, weight: new Float32Array(letters.length * hiddenSize) },
  };
}

/** Draws an adapter that changes nothing yet: `up` is zero. */
export function createAdapter(base: Base, { rank, alpha }: { readonly rank: number; readonly alpha: number }, random: Random): Adapter {
  const lowRank = (layer: Layer, size: number): LowRank => ({
    down: drawWeights(rank * layer.inputs, 1 / Math.sqrt(size), random),
    up: new Float32Array(layer.outputs * rank),
  });
  // Of the inputs only three are ever on at a time.
  return { rank, alpha, hidden: lowRank(base.hidden, 3), readout: lowRank(base.readout, base.readout.inputs) };
}

/** Writes a word anew, taking for each letter what the network holds most likely. */
export function predictWord(base: Base, adapter: Adapter | undefined, word: string): string {
  return Array.from(word, (_letter, position) => {
    const { logits } = passForward(base, adapter, encode(word, position));
    return letters.charAt(logits.indexOf(Math.max(...logits)));
  }).join("");
}

/** Runs one letter through the network, with an adapter or without. */
export function passForward(base: Base, adapter: Adapter | undefined, input: Vector): Activations {
  const rank = adapter?.rank ?? 0;
  const scale = adapter === undefined ? 0 : adapter.alpha / adapter.rank;
  const hiddenLow = new Float32Array(rank);
  const hidden = passLayer(base.hidden, adapter?.hidden, input, hiddenLow, scale);
  for (const [unit, value] of hidden.entries()) if (value < 0) hidden[unit] = 0;
  const readoutLow = new Float32Array(rank);
  return { input, hiddenLow, hidden, readoutLow, logits: passLayer(base.readout, adapter?.readout, hidden, readoutLow, scale) };
}

/** Shows the network one letter of a word and its neighbours: three ones among zeros. */
export function encode(word: string, position: number): Vector {
  const input = new Float32Array(inputs);
  for (const [place, index] of [position - 1, position, position + 1].entries()) {
    const letter = index < 0 || index >= word.length ? symbols - 1 : lowerCase.indexOf(word.charAt(index));
    input[place * symbols + letter] = 1;
  }
  return input;
}

function passLayer(layer: Layer, adapter: LowRank | undefined, input: Vector, low: Vector, scale: number): Vector {
  const output = new Float32Array(layer.outputs);
  addProduct(output, layer.weight, input, 1);
  if (adapter !== undefined) {
    addProduct(low, adapter.down, input, 1);
    addProduct(output, adapter.up, low, scale);
  }
  return output;
}

function drawWeights(count: number, deviation: number, random: Random): Vector {
  return Float32Array.from({ length: count }, () => drawNormal(random) * deviation);
}
