import { describe, expect, test } from "vitest";

import { buildBase } from "../../src/demo/base-model.ts";
import { computeGradient } from "../../src/demo/gradient.ts";
import { createAdapter, encode, letters, passForward, predictWord } from "../../src/demo/model.ts";
import type { Adapter } from "../../src/demo/model.ts";
import { createRandom, drawNormal } from "../../src/demo/prng.ts";
import { stepsPerEpoch, train } from "../../src/demo/training.ts";
import { buildText, buildWords } from "../../src/demo/words.ts";

const base = buildBase({ seed: 5, hiddenSize: 64, textWords: 400 });
const words = buildWords(5, { train: 80, test: 60 });
const plan = { seed: 5, rank: 4, alpha: 8, learningRate: 1e-2, batchSize: 4, epochs: 2 };

describe("the network", () => {
  test("sees a letter and its two neighbours", () => {
    const ones = (word: string, position: number) => [...encode(word, position).entries()].filter(([, value]) => value === 1).map(([index]) => index);
    expect(ones("abz", 0)).toEqual([26, 27 + 0, 54 + 1]);
    expect(ones("abz", 1)).toEqual([0, 27 + 1, 54 + 25]);
    expect(ones("abz", 2)).toEqual([1, 27 + 25, 54 + 26]);
  });

  test("writes as many letters as it reads", () => {
    expect(predictWord(base, undefined, "kusinun")).toMatch(/^[A-Za-z]{7}$/u);
  });

  test("is changed by nothing while its adapter is new", () => {
    const adapter = createAdapter(base, plan, createRandom(5, "adapter"));
    expect(passForward(base, adapter, encode("kusi", 1)).logits).toEqual(passForward(base, undefined, encode("kusi", 1)).logits);
  });

  test("of the base model has learnt to copy most letters, before anybody asked it for capitals", () => {
    const text = buildText(5, 400).map(({ input }) => input).join("");
    const copied = buildText(5, 400).map(({ input }) => predictWord(base, undefined, input).toLowerCase()).join("");
    const right = Array.from(text).filter((letter, index) => letter === copied.charAt(index)).length;
    expect(right / text.length).toBeGreaterThan(0.7);
  });
});

describe("its gradient", () => {
  test("is the slope of the loss, as small changes of single numbers show it", () => {
    const random = createRandom(1, "gradient");
    const adapter = createAdapter(base, plan, random);
    for (const part of [adapter.hidden.up, adapter.readout.up]) part.forEach((_value, at) => { part[at] = 0.3 * drawNormal(random); });
    const batch = words.train.slice(0, 2);
    const { gradient } = computeGradient(base, adapter, batch);
    for (const [layer, part] of [["hidden", "down"], ["hidden", "up"], ["readout", "down"], ["readout", "up"]] as const) {
      const steepest = indexOfLargest(gradient[layer][part]);
      const slope = slopeAt(adapter, layer, part, steepest, batch);
      expect((gradient[layer][part][steepest] ?? NaN) / slope).toBeCloseTo(1, 2);
    }
  });

  test("comes with a loss that says how surprised the model is: ln 52 where it knows nothing", () => {
    const ignorant = { ...base, readout: { ...base.readout, weight: new Float32Array(base.readout.weight.length) } };
    const { loss } = computeGradient(ignorant, createAdapter(base, plan, createRandom(5, "adapter")), words.train);
    expect(loss).toBeCloseTo(Math.log(letters.length), 6);
  });
});

describe("training", () => {
  test("takes the steps of each epoch, leaving out words that fill no batch", () => {
    const some = words.train.slice(0, 11);
    expect(stepsPerEpoch(some, plan)).toBe(2);
    expect([...train(base, some, plan)].map(({ epoch, step }) => [epoch, step])).toEqual([[0, 1], [0, 2], [1, 1], [1, 2]]);
  });

  test("makes the model less surprised by words that it never saw", () => {
    const before = createAdapter(base, plan, createRandom(5, "adapter"));
    const after = [...train(base, words.train, plan)].at(-1)?.adapter ?? before;
    const surprise = (adapter: Adapter) => computeGradient(base, adapter, words.test).loss;
    expect(surprise(after)).toBeLessThan(0.75 * surprise(before));
  });

  test("gives the same losses for the same seed, and others for another", () => {
    const losses = (seed: number) => [...train(base, words.train, { ...plan, seed, epochs: 1 })].map(({ loss }) => loss);
    expect(losses(5)).toEqual(losses(5));
    expect(losses(6)).not.toEqual(losses(5));
  });
});

function slopeAt(adapter: Adapter, layer: "hidden" | "readout", part: "down" | "up", at: number, batch: typeof words.train): number {
  const lossWith = (change: number) => {
    const changed = adapter[layer][part].with(at, (adapter[layer][part][at] ?? NaN) + change);
    return computeGradient(base, { ...adapter, [layer]: { ...adapter[layer], [part]: changed } }, batch).loss;
  };
  return (lossWith(1e-3) - lossWith(-1e-3)) / 2e-3;
}

function indexOfLargest(values: Float32Array): number {
  const sizes = values.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}
