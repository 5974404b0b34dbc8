import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { code, firstOf, listOf, renderTable } from "../../src/report/markdown.ts";
import { commonFolder } from "../../src/report/result-paths.ts";
import { shellQuote } from "../../src/report/shell.ts";
import { wrap } from "../../src/report/wrap.ts";

test.each([
  ["a", "`a`"], ["a`b", "``a`b``"], ["`a", "`` `a ``"], ["a``b`", "``` a``b` ```"], [" a", "`a`"], ["", "`  `"], ["a\nb", "`a\\nb`"],
])("%j as code is %j", (text, span) => expect(code(text)).toBe(span));

test("a table is aligned while its lines are short, and compact when one is long", () => {
  expect(renderTable(["A", "B"], [["1", "two"]])).toBe("| A | B   |\n| - | --- |\n| 1 | two |");
  expect(renderTable(["A", "B"], [["1", "x".repeat(200)], ["2", "y"]]).split("\n").at(-1)).toBe("| 2 | y |");
});

test.each([[["a"], "a"], [["a", "b"], "a and b"], [["a", "b", "c"], "a, b and c"], [[], ""]])("%j is listed as %j", (items, text) => expect(listOf(items)).toBe(text));
test("a long list says how long it is", () => expect(firstOf(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more"));

test.each(["plain", "two words", "it's", "$HOME", "a;b", "-rf", "*", "new\nline", "\\", '"', ""])("sh reads %j back from its quoted form", (word) => {
  const printed = execFileSync("sh", ["-c", `printf '%s' ${shellQuote(word)}`], { encoding: "utf8" });
  expect(printed).toBe(word.startsWith("-") ? `./${word}` : word);
});

test.each([
  [["a/b/x", "a/b/y"], "a/b"], [["a/b/x", "a/c/y"], "a"], [["a/x", "b/y"], "."], [["x"], "."], [["ab/x", "a/y"], "."], [[], "."],
  [["/s/a/x", "/s/b/y"], "/s"], [["/s/a/x", "b/y"], "b"], [["/s/x", "/t/y"], "/"], [["a/b/c/x", "a/y"], "a"],
])("the common folder of %j is %s", (files, folder) => expect(commonFolder(files)).toBe(folder));

test.each([
  ["one two three", 9, "  one two\n  three"], ["one", 9, "  one"], ["", 9, "  "], ["123456789012", 9, "  1234567\n  89012"], ["a 12345678 b", 9, "  a\n  1234567\n  8 b"],
])("%j wraps at %i columns to %j", (text, width, lines) => expect(wrap(text, width, "  ")).toBe(lines));
