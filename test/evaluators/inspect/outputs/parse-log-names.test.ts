import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { describe, expect, test } from "vitest";

import { parseLogNames, withoutSpace } from "../../../../src/evaluators/inspect/outputs/parse-log-names.ts";

const recorded = join(import.meta.dirname, "../../../../../shared/data/torchtune-real");
const name = "2026-11-21T04-47-45-00-00_demo_3enz54Dy2969YgtGrDGr7L.eval";

test.each<[string, string, readonly string[]]>([
  ["nothing", "", []],
  ["a log beside it", `Log: ${name}\n`, [name]],
  ["a log in a folder", `match  1.000\nLog: logs1/${name}\nreal 12.50\nuser 3.10\n`, [name]],
  ["a log whose path is broken into lines", "Log: /scratch/gpfs/ada/experiments/cap_sweep/rank8/eval/logs/2026-11-21T04-47-45-00-\n00_demo_3enz54Dy2969YgtGrDGr7L.eval\n", [name]],
  ["a log in a frame, in colour", `│ Log: logs/2026-11-21T04-47-45-00-00_demo_3enz │\n│ 54Dy2969YgtGrDGr7L.eval                       │\n\u001B[2mdone\u001B[0m\r\n`, [name]],
  ["a log in a coloured link", `Log: \u001B]8;;file:///x\u001B\\logs/${name}\u001B]8;;\u001B\\\n`, [name]],
  ["a log of the other kind", "Log: logs/2026-11-21T04:47:45+00:00_demo_x.json", ["2026-11-21T04:47:45+00:00_demo_x.json"]],
  ["a log whose task's label has spaces", "Log: logs/2026-11-21T04-47-45-00-00_cap-r8 (cap)_x.eval", ["2026-11-21T04-47-45-00-00_cap-r8(cap)_x.eval"]],
  ["a log whose name is broken at its space, in lines filled up", `Log: logs/2026-11-21T04-47-45-00-00_cap-r8${" ".repeat(20)}\n(cap)_x.eval${" ".repeat(60)}\n${" ".repeat(80)}real 23.61\n`, ["2026-11-21T04-47-45-00-00_cap-r8(cap)_x.eval"]],
  ["a log whose folder is dated itself", `Log: /x/2026-11-20T00-00-00/logs/${name}`, [name]],
  ["several logs, each once", `Log: a/${name}\nLog: a/${name}\nLog: a/2026-11-22T00-00-00_x.eval`, [name, "2026-11-22T00-00-00_x.eval"]],
  ["the log of what was interrupted", `Task interrupted (3 of 9 total samples logged before interruption). Resume task with: inspect eval-retry logs/${name}`, [name]],
  ["no log whose path is cut short", "Log: /scratch/gpfs/ada/experiments/2026-11-21T04-47-45…\n2026-11-21T05-00-00 saved x.eval", []],
  ["no log that a script was told to go on with", `+ inspect eval-retry logs/${name}\n`, []],
  ["no log that is only listed", `total 8\n-rw-r--r-- 1 ada ada 36000 ${name}\n`, []],
])("an output names %s", (_what, output, names) => {
  expect(parseLogNames(output)).toEqual(names);
});

test("an output that goes on and on is read in no time", () => {
  const hostile = `${"Log:".repeat(5000)}${"2026-11-21T04-47-45".repeat(1000)}`;
  expect(parseLogNames(hostile)).toEqual([]);
});

describe.skipIf(!existsSync(recorded))("jobs that really ran", () => {
  const files = existsSync(recorded) ? readdirSync(recorded, { recursive: true, encoding: "utf8" }) : [];
  const logs = new Set(files.filter((file) => file.endsWith(".eval")).map((file) => withoutSpace(basename(file))));
  const outputs = files.filter((file) => /slurm-\d+\.out$/u.test(file)).map((file) => [file, readFileSync(join(recorded, file), "utf8")] as const).filter(([, text]) => /^Log:/mu.test(text));

  test("name one log each, which is there", () => {
    const named = outputs.flatMap(([, text]) => parseLogNames(text));
    expect(named.filter((log) => !logs.has(log))).toEqual([]);
    expect([named.length, new Set(named).size]).toEqual([outputs.length, outputs.length]);
    expect(outputs.length).toBeGreaterThan(15);
  });
});

test("a log's own name is compared without its spaces", () => {
  expect(withoutSpace("a (b)_c.eval")).toBe("a(b)_c.eval");
});
