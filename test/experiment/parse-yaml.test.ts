import { describe, expect, test } from "vitest";

import { parseYaml, type YamlPath } from "../../src/experiment/parse-yaml.ts";

const text = `# a comment
top: 1
block:
  inner: [a, {deep: x}]
  empty:
list:
  - one
  - name: two
shared: &s {key: v}
again: *s
`;

describe("the place of a value", () => {
  test.each<[string, YamlPath, string]>([
    ["a word", ["top"], "2:6"],
    ["a block, by its key", ["block"], "3:1"],
    ["a list in brackets", ["block", "inner"], "4:10"],
    ["an item", ["block", "inner", 0], "4:11"],
    ["a value in an item", ["block", "inner", 1, "deep"], "4:21"],
    ["nothing, by its key", ["block", "empty"], "5:3"],
    ["an item with a dash", ["list", 0], "7:5"],
    ["a map with a dash", ["list", 1, "name"], "8:11"],
    ["what an alias stands for", ["again", "key"], "9:18"],
    ["something missing, by what it is missing in", ["block", "inner", 1, "other"], "4:14"],
    ["something missing in something missing", ["gone", "far"], "2:1"],
    ["everything", [], "2:1"],
  ])("of %s", (_what, path, place) => {
    const { line, column } = parseYaml(text, "x.yaml").placeOf(path);
    expect(`${line}:${column}`).toBe(place);
  });
});

test("words stay as they were written, and only nothing is null", () => {
  expect(parseYaml("[1e-5, 010, yes, No, 1:30, 2026-03-16, 0o10, .inf, '1', ~, null, Null, 'null', ]", "x.yaml").value)
    .toEqual(["1e-5", "010", "yes", "No", "1:30", "2026-03-16", "0o10", ".inf", "1", null, null, null, "null"]);
});

test("among ten thousand keys, one that comes twice is found", () => {
  const keys = Array.from({ length: 10_000 }, (_none, index) => `k${index}: ${index}\n`).join("");
  const { problems } = parseYaml(`${keys}k77: again\n`, "x.yaml");
  expect(problems).toMatchObject([{ severity: "error", line: 10_001, column: 1, expected: 'one "k77", as in line 78' }]);
});
