import { describe, expect, test } from "vitest";

import { findJsonFault, findJsonPlace } from "../../src/state/find-json-fault.ts";

describe("what is wrong with a text that should be JSON is told with its place", () => {
  test.each<[string, string, number, number, RegExp]>([
    ["nothing at all", "", 1, 1, /^is empty/u],
    ["only blank lines", "\n\n", 1, 1, /^is empty/u],
    ["cut off within an object", '{\n  "a": 1,', 2, 10, /ends where a name in double quotes is expected, as if it was cut off/u],
    ["cut off within a list", '{"a": [1', 1, 9, /ends where a comma or \] is expected/u],
    ["cut off within a text", '{"a": "hal', 1, 7, /a text in double quotes is not ended/u],
    ["cut off after a colon", '{"a":', 1, 6, /ends where a value is expected/u],
    ["zeros, as after a power failure", "\0\0\0\0", 1, 1, /expected a value, found "\\u0000/u],
    ["bytes that are no text", "\uFFFDPK\u0003", 1, 1, /expected a value/u],
    ["the marks of a merge conflict", '{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> other\n}', 2, 1, /^holds the marks of a git merge conflict/u],
    ["what is left of one", '{\n  "a": 1,\n=======\n  "b": 2\n}', 3, 1, /merge conflict/u],
    ["a name given twice", '{"x": {\n  "a": 1,\n  "b": 2,\n  "a": 3\n}}', 4, 3, /^has "a" twice in one object \(x\), as after a merge that went wrong/u],
    ["a name given twice in two spellings", String.raw`{"a": 1, "\u0061": 2}`, 1, 10, /^has "a" twice in one object, /u],
    ["a word without quotes", '{\n  "a": oops\n}', 2, 8, /expected a value, found "oops"/u],
    ["a comma too many", '{"a": 1,}', 1, 9, /expected a name in double quotes, found "\}"/u],
    ["a comma too few", '{"a": 1 "b": 2}', 1, 9, /expected a comma or \}/u],
    ["a comment", '{"a": 1} // why', 1, 10, /something follows its end/u],
    ["two of them", "{}{}", 1, 3, /something follows its end/u],
    ["single quotes", "{'a': 1}", 1, 2, /expected a name in double quotes/u],
    ["NaN", '{"a": NaN}', 1, 7, /expected a value, found "NaN/u],
    ["a number with a leading zero", '{"a": 01}', 1, 7, /expected a value/u],
    ["a tab in a text", '{"a": "x\ty"}', 1, 7, /may not stand in one/u],
    ["a byte order mark", "\uFEFF{}", 1, 1, /expected a value/u],
    ["brackets a thousand deep", "[".repeat(1000), 1, 202, /nested too deeply/u],
  ])("%s", (_what, text, line, column, message) => {
    const fault = findJsonFault(text);
    expect([fault?.line, fault?.column, fault?.message]).toEqual([line, column, expect.stringMatching(message)]);
  });

  test.each([
    "{}", "[]", "null", " \n{ } ", '{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": [true, false, null, -1.5e+3, 0]}', String.raw`["\"\\\/\b\f\n\r\t\u00e9 <<<<<<< ======="]`, '"<<<<<<<"',
  ])("nothing is wrong with %s", (text) => {
    expect(findJsonFault(text)).toBeUndefined();
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});

test("the place of a value is that of the nearest one around it that is there", () => {
  const text = '{\n  "runs": {\n    "rank4": {"state": "glorious"}\n  }\n}';
  expect(findJsonPlace(text, ["runs", "rank4", "state"])).toEqual({ line: 3, column: 24 });
  expect(findJsonPlace(text, ["runs", "rank4", "attempts", 0])).toEqual({ line: 3, column: 14 });
  expect(findJsonPlace(text, ["id"])).toEqual({ line: 1, column: 1 });
});
