import { describe, expect, test } from "vitest";

import { matchesPattern } from "../../../../src/evaluators/inspect/log/match-pattern.ts";

// The answers are those of Python 3.11's fnmatch.
describe("a name and a pattern of Python's fnmatch:", () => {
  test.each([
    ["*", "", true], ["*", "a\nb", true], ["a*c", "abbc", true], ["a*c", "abcb", false], ["*a*b*", "xaxbx", true], ["?", "\u{1F319}", true], ["?", "ab", false], ["", "", true], ["", "a", false],
    ["has[0]", "has0", true], ["has[0]", "has[0]", false], ["[ab]x", "bx", true], ["[!ab]x", "bx", false], ["[!ab]x", "cx", true], ["[a-c]", "b", true], ["[a-c]", "-", false], ["[a-]", "-", true],
    ["[]]", "]", true], ["[]]", "a", false], ["[!]", "[!]", true], ["[", "[", true], ["[]", "[]", true], ["[z-a]", "b", false], ["[^a]", "^", true], ["a.c", "abc", false], ["a+", "a+", true], ["Ab", "ab", false],
  ])("%j and %j: %j", (pattern, name, isMatch) => {
    expect(matchesPattern(pattern, name)).toBe(isMatch);
  });

  test("many stars take no time", () => {
    expect(matchesPattern(`${"*a".repeat(50)}b`, "a".repeat(1000))).toBe(false);
  });
});
