import { expect, test } from "vitest";
import { parseJson } from "../../../../src/evaluators/inspect/log/parse-json.ts";

test.each([
  ["plain JSON", `{"a": [1, "b", null]}`, { a: [1, "b", null] }],
  ["a bare NaN", `{"value": NaN}`, { value: Number.NaN }],
  ["both infinities", `[Infinity, -Infinity]`, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ["NaN alone", `NaN`, Number.NaN],
  ["NaN as a text", `{"a": NaN, "said": "it is NaN: NaN"}`, { a: Number.NaN, said: "it is NaN: NaN" }],
  ["NaN behind an escaped quote", `{"said": "\\", NaN", "a": NaN}`, { said: `", NaN`, a: Number.NaN }],
  ["NaN behind an escaped backslash", `{"said": "\\\\", "a": NaN}`, { said: "\\", a: Number.NaN }],
  ["NaN in a key", `{"NaN": NaN}`, { NaN: Number.NaN }],
  ["the text that stands for NaN on the way", `["@NaN@", "@NaN@@", NaN]`, ["@NaN@", "@NaN@@", Number.NaN]],
  ["an integer beyond 2^53", `{"id": 10000000000000000000000001}`, { id: "10000000000000000000000001" }],
  ["two that are the same double", `[9007199254740992, 9007199254740993]`, ["9007199254740992", "9007199254740993"]],
  ["a negative one", `[-9007199254740993]`, ["-9007199254740993"]],
  ["a safe one of 16 digits", `[9007199254740991]`, [9007199254740991]],
  ["a long fraction", `[0.2837184589999998, 1234567890123456.75, 1e-300]`, [0.2837184589999998, 1234567890123456.75, 1e-300]],
  ["digits in a text", `["10000000000000000000000001"]`, ["10000000000000000000000001"]],
  ["a lone surrogate", `["\\ud800"]`, ["\ud800"]],
])("parses %s", (_case, text, value) => {
  expect(parseJson(text)).toEqual(value);
});

test("parses NaN at the bottom of a tree deeper than any call stack", () => {
  const depth = 20_000;
  let node = parseJson(`${"[".repeat(depth)}NaN${"]".repeat(depth)}`);
  while (Array.isArray(node)) [node] = node as unknown[];
  expect(node).toBeNaN();
});

test.each(["", "{", `{"a": NaN`, `{"a": nan}`, `"never closed`, "[NaN NaN]", `{"a": -}`])("%j is no JSON", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
