import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import { defaultSettings } from "../../src/domain/settings.ts";
import { parseSettings } from "../../src/experiment/parse-settings.ts";
import { readSettings } from "../../src/experiment/read-settings.ts";
import { tempTree } from "./temp-tree.ts";

describe("a nightshift.yaml", () => {
  test.each([
    ["", {}], ["# nothing set\n", {}], ["settle:\n", {}],
    ["settle: 30s\npoll: 500ms\nstagger: 0s\n", { settleMs: 30_000, pollMs: 500, staggerMs: 0 }],
    ["evaluate_after: all\nscheduler: slurm\nmax_jobs: 4\n", { evaluateAfter: "all", scheduler: "slurm", maxJobs: 4 }],
    ["evaluate-after: checkpoint\nmax-jobs: '2'\n", { evaluateAfter: "checkpoint", maxJobs: 2 }],
    ["{poll: \"5m\"}", { pollMs: 300_000 }],
  ])("that reads %j", (text, settings) => {
    expect(parseSettings(text, "nightshift.yaml")).toEqual({ settings, problems: [] });
  });

  test.each([
    ["setle: 30s\n", '1:8: this setting is not known (expected settle, poll, stagger, evaluate_after, scheduler, max_jobs, max_submit, min_free, insert_lines, found "setle")'],
    ["settle: 30\n", '1:9: settle cannot be read (expected a duration such as 30s, at most 24h, found "30")'],
    ["settle: soon\n", '1:9: settle cannot be read (expected a duration such as 30s, at most 24h, found "soon")'],
    ["poll: 1ms\n", '1:7: poll cannot be read (expected a duration such as 60s, from 100ms to 24h, found "1ms")'],
    ["settle: [30s]\n", "1:9: settle cannot be read (expected a duration such as 30s, at most 24h, found a list)"],
    ["evaluate_after: al\n", '1:17: evaluate_after cannot be read (expected run, all or checkpoint, found "al")'],
    ["max_jobs: 0\n", '1:11: max_jobs cannot be read (expected a number of jobs from 1 to 9999, found "0")'],
    ["settle: 1s\nsettle: 2s\n", '2:1: the key "settle" stands here a second time (expected one "settle", as in line 1)'],
    ["- settle\n", "1:1: these are no settings (expected lines such as settle: 30s, found a list)"],
    ["\tsettle: 1s\n", "1:1: a tab cannot indent YAML (expected spaces)"],
  ])("that reads %j is wrong", (text, problem) => {
    expect(parseSettings(text, "nightshift.yaml").problems.map(renderProblem)).toEqual([`nightshift.yaml:${problem}`]);
    expect(parseSettings(text, "nightshift.yaml").problems[0]?.severity).toBe("error");
  });

  test("with one mistake keeps the rest", () => {
    expect(parseSettings("settle: x\npoll: 5m\n", "nightshift.yaml").settings).toEqual({ pollMs: 300_000 });
  });
});

describe("the settings of an experiment", () => {
  test("are the defaults without any file", async () => {
    expect(await readSettings(tempTree())).toEqual({ settings: defaultSettings, problems: [] });
  });

  test("come from the command line, else the experiment, else the nearest watched folder", async () => {
    const root = tempTree({
      "nightshift.yaml": "settle: 1s\npoll: 1s\nstagger: 1s\nmax_jobs: 1\n", "inner/nightshift.yaml": "poll: 2s\nstagger: 2s\nmax_jobs: 2\n",
      "inner/cap/nightshift.yaml": "stagger: 3s\nmax_jobs: 3\n",
    });
    const { settings, problems } = await readSettings(join(root, "inner/cap"), { roots: [join(root, "inner"), root], flags: { maxJobs: 4 } });
    expect(problems).toEqual([]);
    expect(settings).toEqual({ ...defaultSettings, settleMs: 1000, pollMs: 2000, staggerMs: 3000, maxJobs: 4 });
  });

  test("do not come from a watched folder that the experiment is not in", async () => {
    const other = tempTree({ "nightshift.yaml": "poll: 1s\n" });
    expect((await readSettings(tempTree(), { roots: [other] })).settings).toEqual(defaultSettings);
  });

  test("tell mistakes by file, those of the watched folder by its whole path, and once where it is the experiment", async () => {
    const root = tempTree({ "nightshift.yaml": "poll: x\n", "cap/nightshift.yaml": "settle: x\n" });
    expect((await readSettings(join(root, "cap"), { roots: [root] })).problems.map(({ file }) => file)).toEqual([join(root, "nightshift.yaml"), "nightshift.yaml"]);
    expect((await readSettings(root, { roots: [root] })).problems).toHaveLength(1);
  });

  test.each([["a folder", { "nightshift.yaml/x": "" }], ["another encoding", { "nightshift.yaml": Buffer.from([0xff, 0xfe, 0x70, 0]) }]])("are a problem as %s", async (_what, files) => {
    expect((await readSettings(tempTree(files as unknown as Record<string, string>))).problems).toMatchObject([{ severity: "error", file: "nightshift.yaml" }]);
  });
});
