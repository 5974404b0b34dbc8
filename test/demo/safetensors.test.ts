import { describe, expect, test } from "vitest";

import { buildBase } from "../../src/demo/base-model.ts";
import { decodeAdapter, encodeAdapter } from "../../src/demo/checkpoint.ts";
import { createAdapter } from "../../src/demo/model.ts";
import { createRandom } from "../../src/demo/prng.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/demo/safetensors.ts";

const tensors = new Map([
  ["first", { shape: [2, 3], data: new Float32Array([1, -2, 3.5, 0, 1e-30, 4]) }],
  ["second", { shape: [1], data: new Float32Array([0.1]) }],
]);

describe("a safetensors file", () => {
  test("is read back as it was written", () => {
    expect(decodeSafetensors(encodeSafetensors(tensors, { format: "pt" }))).toEqual(tensors);
  });

  test("has the length of its header in front, then JSON, then little-endian numbers from a multiple of 8 on", () => {
    const bytes = encodeSafetensors(new Map([["x", { shape: [2], data: new Float32Array([1, -2]) }]]), { format: "pt" });
    const header = '{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.padEnd(88);
    expect(Buffer.from(bytes).toString("latin1")).toBe(`X\0\0\0\0\0\0\0${header}\0\0\u0080?\0\0\0\u00C0`);
  });

  test("may lie anywhere in a larger buffer", () => {
    const bytes = encodeSafetensors(tensors, {});
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeSafetensors(larger.subarray(3))).toEqual(tensors);
  });

  test.each([
    ["nothing", "", "ends within its header (0 bytes)"],
    ["seven bytes", "1234567", "ends within its header (7 bytes)"],
    ["a header longer than the file", withHeader("{}", 99), "ends within its header (10 bytes)"],
    ["a header of all the world's length", `${"\u00FF".repeat(8)}{}`, "ends within its header (10 bytes)"],
    ["a header that is no JSON", withHeader("{,}"), "the header is no JSON object"],
    ["a header that is a list", withHeader("[]"), "the header is no JSON object"],
    ["a header that is null", withHeader("null"), "the header is no JSON object"],
    ["a tensor that is null", withHeader('{"x":null}'), "tensor x is undefined, not F32"],
    ["a tensor of another type", withHeader('{"x":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'), "tensor x is BF16, not F32"],
    ["a tensor without a shape", withHeader('{"x":{"dtype":"F32","data_offsets":[0,4]}}'), "tensor x has no shape and offsets"],
    ["a negative size", withHeader('{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'), "tensor x has no shape and offsets"],
    ["offsets that do not fit the shape", `${withHeader('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}')}12345678`, "the data of tensor x are not whole"],
    ["data that were cut off", `${withHeader('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')}1234567`, "the data of tensor x are not whole"],
  ])("of %s is refused, saying why", (_what, text, reason) => {
    const decode = () => decodeSafetensors(Buffer.from(text, "latin1"));
    expect(decode).toThrow(RangeError);
    expect(decode).toThrow(reason);
  });
});

describe("a checkpoint", () => {
  const base = buildBase({ seed: 1, hiddenSize: 16, textWords: 1 });
  const adapter = createAdapter(base, { rank: 2, alpha: 4 }, createRandom(1, "adapter"));

  test("holds the adapter, under the names that PEFT gives its tensors", () => {
    const bytes = encodeAdapter(adapter, base);
    expect(decodeAdapter(bytes, adapter, base)).toEqual(adapter);
    expect([...decodeSafetensors(bytes)].map(([name, { shape }]) => [name, shape])).toEqual([
      ["base_model.model.hidden.lora_A.weight", [2, 81]],
      ["base_model.model.hidden.lora_B.weight", [16, 2]],
      ["base_model.model.readout.lora_A.weight", [2, 16]],
      ["base_model.model.readout.lora_B.weight", [52, 2]],
    ]);
  });

  test("of another base model is refused", () => {
    const wider = buildBase({ seed: 1, hiddenSize: 32, textWords: 1 });
    expect(() => decodeAdapter(encodeAdapter(adapter, base), adapter, wider)).toThrow("tensor base_model.model.hidden.lora_B.weight is 16 x 2, not 32 x 2");
  });

  test("without one of its tensors is refused", () => {
    expect(() => decodeAdapter(encodeSafetensors(tensors, {}), adapter, base)).toThrow("tensor base_model.model.hidden.lora_A.weight is missing");
  });
});

function withHeader(json: string, length = json.length): string {
  return `${String.fromCodePoint(length)}${"\0".repeat(7)}${json}`;
}
