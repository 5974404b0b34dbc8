import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import { parseDuration, parseFlags, spell } from "../../src/domain/settings.ts";

describe("durations", () => {
  test.each([
    ["500ms", 500], ["30s", 30_000], ["5m", 300_000], ["1h", 3_600_000], ["1.5h", 5_400_000], ["0s", 0], ["0.5s", 500], ["0.0004s", undefined],
    ["30", undefined], ["", undefined], ["s", undefined], ["-5s", undefined], ["+5s", undefined], ["5 s", undefined], [" 5s", undefined], ["5S", undefined], ["1d", undefined],
    ["5sec", undefined], ["1h30m", undefined], ["5m5", undefined], [".5s", undefined], ["1e3s", undefined], ["1,5s", undefined], ["Infinitys", undefined], ["٣s", undefined],
    ["9".repeat(20) + "h", undefined],
  ])("%j", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});

describe("options of a command", () => {
  test.each([
    [{}, {}],
    [{ settle: "1s", poll: "100ms", stagger: "0s" }, { settleMs: 1000, pollMs: 100, staggerMs: 0 }],
    [{ evaluateAfter: "all", scheduler: "local", maxJobs: "12" }, { evaluateAfter: "all", scheduler: "local", maxJobs: 12 }],
    [{ settle: undefined, poll: "24h" }, { pollMs: 86_400_000 }],
  ] as const)("%j", (flags, settings) => {
    expect(parseFlags(flags)).toEqual({ settings, problems: [] });
  });

  test.each([
    [{ settle: "30" }, '--settle cannot be read (expected a duration such as 30s, at most 24h, found "30")'],
    [{ poll: "0s" }, '--poll cannot be read (expected a duration such as 60s, from 100ms to 24h, found "0s")'],
    [{ stagger: "25h" }, '--stagger cannot be read (expected a duration such as 5s, at most 24h, found "25h")'],
    [{ evaluateAfter: "Run" }, '--evaluate-after cannot be read (expected run, all or checkpoint, found "Run")'],
    [{ scheduler: "pbs" }, '--scheduler cannot be read (expected auto, slurm or local, found "pbs")'],
    [{ maxJobs: "1.5" }, '--max-jobs cannot be read (expected a number of jobs from 1 to 9999, found "1.5")'],
    [{ maxJobs: "" }, '--max-jobs cannot be read (expected a number of jobs from 1 to 9999, found "")'],
  ])("%j are wrong use", (flags, problem) => {
    expect(parseFlags(flags).problems.map(renderProblem)).toEqual([problem]);
  });
});

test("a setting's name has its words apart outside the program", () => {
  expect([spell("evaluateAfter", "_"), spell("maxJobs", "-"), spell("poll", "-")]).toEqual(["evaluate_after", "max-jobs", "poll"]);
});
