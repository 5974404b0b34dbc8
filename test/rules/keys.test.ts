import { describe, expect, test } from "vitest";

import { buildKey } from "../../src/rules/keys.ts";

const nonce = "00c0ffee";
const long = "Llama-3.2-1B-Instruct_rank4_lr1e-5_batch8_seed42_dataset-capitalization-words-with-five-letters";

describe("units of one pass never share a key", () => {
  test.each([
    ["a run whose name is another run and its task", ["base-cap", 1], ["base", "cap", 1]],
    ["epochs of a run with a long name", [long, "cap", "epoch0", 1], [long, "cap", "epoch1", 1]],
    ["attempts of a run with a long name", [long, 1], [long, 2]],
    ["names beyond ASCII", ["größe", 1], ["grüße", 1]],
  ])("%s", (_what, one, other) => {
    expect(buildKey(one, nonce)).not.toBe(buildKey(other, nonce));
  });
});

test("a key is readable, safe as a folder's name, and the same for the same unit", () => {
  expect(buildKey(["rank 4/é", "cap", "epoch0", 1], nonce)).toMatch(/^rank_4_-cap-epoch0-1-00c0ffee[0-9a-f]{8}$/u);
  expect(buildKey(["..", 1], nonce)).toMatch(/^[^.-]/u);
  expect(buildKey([long, 1], nonce)).toBe(buildKey([long, 1], nonce));
});
