import { describe, expect, test } from "vitest";

import {
  adaptersAreStrangers, everyFileHasItsFloor, exportsHaveNames, filesAreSmall, importsGoDown, nothingIsLoadedLate, onlyTheCommandLineSpeaks,
  pureRoomsAskNothing, pureRoomsImportNothingWorldly, type Rule,
} from "./support/floor-rules.ts";
import { codeOf, readSources } from "./support/sources.ts";

const sources = readSources();

describe("the building", () => {
  test("has a floor for every file", () => {
    expect(everyFileHasItsFloor(sources)).toEqual([]);
  });

  test("has imports that go down, or stay in their room", () => {
    expect(importsGoDown(sources)).toEqual([]);
  });

  test("has adapters that do not know each other", () => {
    expect(adaptersAreStrangers(sources)).toEqual([]);
  });

  test("has pure rooms without a door to the world", () => {
    expect(pureRoomsImportNothingWorldly(sources)).toEqual([]);
  });

  test("has pure rooms without clock, chance or process", () => {
    expect(pureRoomsAskNothing(sources)).toEqual([]);
  });

  test("has names on all its exports, and no files that only pass on others'", () => {
    expect(exportsHaveNames(sources)).toEqual([]);
  });

  test("speaks to the console from the command line only", () => {
    expect(onlyTheCommandLineSpeaks(sources)).toEqual([]);
  });

  test("is whole from the start, but for the commands", () => {
    expect(nothingIsLoadedLate(sources)).toEqual([]);
  });

  test("has small files", () => {
    expect(filesAreSmall(sources)).toEqual([]);
  });
});

// Half a lexer stands behind the rules: where it loses its way, braces of texts would count as code.
describe("taking a file apart", () => {
  test("keeps every line and column, and leaves code whose brackets match", () => {
    const astray = sources.filter(({ text }) => {
      const code = codeOf(text);
      const count = (bracket: string): number => code.split(bracket).length;
      return code.length !== text.length || [["(", ")"], ["[", "]"], ["{", "}"]].some(([open = "", close = ""]) => count(open) !== count(close));
    });
    expect(astray.map(({ path }) => path)).toEqual([]);
  });
});

describe("a rule that is broken says where", () => {
  test.each<[string, Rule, string, string, string[]]>([
    ["a file on no floor", everyFileHasItsFloor, "src/utils/misc.ts", "", ["src/utils/misc.ts:1: stands on no floor"]],
    ["a higher floor", importsGoDown, "src/rules/a.ts", 'import { a } from "../domain/a.ts";\nimport { b } from "../daemon/b.ts";',
      ["src/rules/a.ts:2: imports src/daemon/b.ts of src/daemon (floor 4), but src/rules is on floor 2"]],
    ["a neighbour", importsGoDown, "src/state/a.ts", 'import type { B } from "../watch/b.ts";', ["src/state/a.ts:1: imports src/watch/b.ts of src/watch (floor 3), but src/state is on floor 3"]],
    ["a floor above, by several lines", importsGoDown, "src/demo/a.ts", 'import {\n  a,\n  b,\n} from "../cli/b.ts";', ["src/demo/a.ts:4: imports src/cli/b.ts of src/cli (floor 6), but src/demo is on floor 5"]],
    ["a neighbour, passed on", importsGoDown, "src/state/a.ts", 'export { b } from "../watch/b.ts";', ["src/state/a.ts:1: imports src/watch/b.ts of src/watch (floor 3), but src/state is on floor 3"]],
    ["a neighbour, only when needed", importsGoDown, "src/state/a.ts", 'const b = await import("../watch/b.ts");', ["src/state/a.ts:1: imports src/watch/b.ts of src/watch (floor 3), but src/state is on floor 3"]],
    ["the composition root", importsGoDown, "src/daemon/a.ts", 'import { assemble } from "../main.ts";', ["src/daemon/a.ts:1: imports src/main.ts of src/main.ts (floor 5), but src/daemon is on floor 4"]],
    ["a way out of the building", importsGoDown, "src/domain/a.ts", 'import "../../test/support/a.ts";', ["src/domain/a.ts:1: imports test/support/a.ts, which stands on no floor"]],
    ["another adapter", adaptersAreStrangers, "src/schedulers/slurm/a.ts", 'import { b } from "../local/b.ts";', ["src/schedulers/slurm/a.ts:1: imports src/schedulers/local/b.ts, another adapter"]],
    ["an adapter in what they share", adaptersAreStrangers, "src/schedulers/a.ts", 'import { b } from "./local/b.ts";', ["src/schedulers/a.ts:1: imports src/schedulers/local/b.ts, another adapter"]],
    ["the disk", pureRoomsImportNothingWorldly, "src/report/a.ts", 'import { readFileSync } from "node:fs";', ["src/report/a.ts:1: imports node:fs in a pure room"]],
    ["the disk, by its old name", pureRoomsImportNothingWorldly, "machines/a.ts", 'import { join } from "path";', ["machines/a.ts:1: imports path in a pure room"]],
    ["a library for the disk", pureRoomsImportNothingWorldly, "src/rules/a.ts", 'import { watch } from "chokidar";', ["src/rules/a.ts:1: imports chokidar in a pure room"]],
    ["the clock", pureRoomsAskNothing, "src/domain/a.ts", "export const now = Date.now();\nconst date = new Date();\nconst bare = new Date;\nconst text = Date();",
      ["src/domain/a.ts:1: says `Date.now` in a pure room", "src/domain/a.ts:2: says `new Date` in a pure room", "src/domain/a.ts:3: says `new Date` in a pure room", "src/domain/a.ts:4: says `Date(` in a pure room"]],
    ["chance", pureRoomsAskNothing, "src/statistics/a.ts", "const dice = `${Math.random()}`;", ["src/statistics/a.ts:1: says `Math.random` in a pure room"]],
    ["the process", pureRoomsAskNothing, "machines/a.ts", "const quoted = /[\"'`]/u;\nconst home = process.env.HOME;\nconst start = performance.now();",
      ["machines/a.ts:2: says `process.` in a pure room", "machines/a.ts:3: says `performance.` in a pure room"]],
    ["a default", exportsHaveNames, "src/domain/a.ts", "const a = 1;\nexport default a;", ["src/domain/a.ts:2: exports a default"]],
    ["an index", exportsHaveNames, "src/domain/index.ts", 'export * from "./a.ts";', ["src/domain/index.ts:1: exports another file's names", "src/domain/index.ts:1: is an index file"]],
    ["the console", onlyTheCommandLineSpeaks, "src/demo/a.ts", 'console.log("hello");', ["src/demo/a.ts:1: speaks to the console"]],
    ["something late", nothingIsLoadedLate, "src/state/a.ts", 'const { a } = await import("./b.ts");', ["src/state/a.ts:1: loads something late"]],
    ["a long file", filesAreSmall, "src/domain/a.ts", "\n".repeat(301),
      ["src/domain/a.ts:301: is 301 lines long, more than 300", "the median of 1 files is 301 lines, not under 100 (longest: src/domain/a.ts 301)"]],
  ])("%s", (_what, rule, path, text, complaints) => {
    expect(rule([{ path, text }])).toEqual(complaints);
  });

  test.each<[string, Rule, string]>([
    ["in a comment", pureRoomsAskNothing, "// Date.now() would be wrong here\n/* process.env as well */"],
    ["in a text", pureRoomsAskNothing, "const advice = \"do not call Date.now()\" + 'process.exit' + `new Date() and ${advice} performance.now()`;"],
    ["in a name", pureRoomsAskNothing, "const { process } = holder; const at = new Date(0); holder.process.pid; lateness.performance.now;"],
    ["in a program that is written", importsGoDown, 'const script = `\nimport { a } from "../daemon/a.ts";\n`;'],
    ["in a comment", importsGoDown, '/*\nimport { a } from "../daemon/a.ts";\n*/'],
    ["in its own room", importsGoDown, 'import { b } from "./b.ts";'],
  ])("and says nothing of what stands %s", (_where, rule, text) => {
    expect(rule([{ path: "src/domain/a.ts", text }])).toEqual([]);
  });
});
