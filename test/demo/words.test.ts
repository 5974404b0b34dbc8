import { describe, expect, test } from "vitest";

import { buildText, buildWords, capitalize } from "../../src/demo/words.ts";

describe("the words of a seed", () => {
  const words = buildWords(42, { train: 500, test: 400 });

  test("are as many as were asked for, and none is trained on that is asked afterwards", () => {
    const inputs = [...words.train, ...words.test].map(({ input }) => input);
    expect(words.train).toHaveLength(500);
    expect(words.test).toHaveLength(400);
    expect(new Set(inputs).size).toBe(900);
  });

  test("are lower-case letters, and their answers the same word with a capital", () => {
    for (const { input, output } of [...words.train, ...words.test]) {
      expect(input).toMatch(/^[a-z]{4,8}$/u);
      expect(output).toBe(capitalize(input));
    }
  });

  test("are the same for the same seed, and others for another", () => {
    expect(buildWords(42, { train: 500, test: 400 })).toEqual(words);
    expect(buildWords(43, { train: 500, test: 400 }).test).not.toEqual(words.test);
  });
});

describe("the text that the base model has read", () => {
  const text = buildText(42, 500);

  test("writes words as they are, but for names, which begin with one of two letters", () => {
    const names = text.filter(({ input, output }) => input !== output);
    expect(new Set(names.map(({ input }) => input.charAt(0))).size).toBe(2);
    expect(names.every(({ input, output }) => output === capitalize(input))).toBe(true);
  });

  test("has a name in ten words or so", () => {
    const names = text.filter(({ input, output }) => input !== output);
    expect(names.length / text.length).toBeGreaterThan(0.03);
    expect(names.length / text.length).toBeLessThan(0.2);
  });
});
