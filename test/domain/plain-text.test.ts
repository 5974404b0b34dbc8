import { expect, test } from "vitest";

import { plainLine, plainText } from "../../src/domain/plain-text.ts";

test.each([
  ["colours", "\u001b[31mred\u001b[0m", "red"],
  ["cursor moves", "a\u001b[2K\u001b[1Gb", "ab"],
  ["a window title", "\u001b]0;title\u0007text", "text"],
  ["a link", "\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\", "here"],
  ["a title that never ends, up to its line", "\u001b]0;title\nnext", "\nnext"],
  ["a lone escape", "a\u001b", "a"],
  ["8-bit codes", "a\u009b31mb", "ab"],
  ["bells, nulls and backspaces", "a\u0007\u0000\bb", "ab"],
  ["marks that turn text around", "a\u202Eb\u2066c", "abc"],
  ["nothing of ordinary text", "héllo, 世界 |█▌| 🌙\ttab", "héllo, 世界 |█▌| 🌙\ttab"],
])("takes out %s", (_what, text, plain) => expect(plainText(text)).toBe(plain));

test.each([["a\r\nb"], ["a\rb"], ["a\u2028b"], ["a\u0085b"], ["a\nb"]])("%j has one line break", (text) => expect(plainText(text)).toBe("a\nb"));

test("one line writes line breaks out", () => expect(plainLine(" a\nb\tc \n")).toBe("a\\nb c"));
test("one line masks secrets, even those cut up by escape codes", () => expect(plainLine("hf_abcdefghij\u001b[0mklmnopqrstuvwx")).toBe("***"));
test("one line is cut after the mask, not before", () => {
  expect(plainLine("x".repeat(20), 10)).toBe(`${"x".repeat(9)}…`);
  expect(plainLine(`${"x".repeat(5)} hf_abcdefghijklmnopqrstuvwx`, 12)).toBe("xxxxx ***");
});
