import { describe, expect, test } from "vitest";

import { writableMetadata } from "../../../src/evaluators/inspect/writable.ts";

describe("metadata, as they are written out,", () => {
  test("keep long texts and their lines, and lose escape codes", () => {
    const long = "a line\n".repeat(500);
    expect(writableMetadata({ prompt: `\u001b[1m${long}\u001b[0m`, "na\u001b[1mme": [1, null, true, { deep: "x" }] })).toEqual({ prompt: long, name: [1, null, true, { deep: "x" }] });
  });

  test("have texts for numbers that JSON has none for", () => {
    expect(writableMetadata({ loss: Number.NaN, list: [Number.POSITIVE_INFINITY, -0.5] })).toEqual({ loss: "NaN", list: ["Infinity", -0.5] });
  });

  test.each([
    [{ api_key: "abcdef1234567890" }, { api_key: "***" }],
    [{ env: { HF_TOKEN: ["hf_abcdefghijklmnopqrst"] } }, { env: { HF_TOKEN: ["***"] } }],
    [{ note: "use token=abcdef1234567890 please" }, { note: "use token=*** please" }],
    [{ tokens: 512, seed: "42" }, { tokens: 512, seed: "42" }],
  ])("%j hide secrets", (metadata, written) => {
    expect(writableMetadata(metadata)).toEqual(written);
  });

  test("are no deeper than anybody writes them", () => {
    let deep: unknown = "bottom";
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(JSON.stringify(writableMetadata({ deep }))).toContain('"..."');
  });
});
