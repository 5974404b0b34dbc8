import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { planUndisturbedRound } from "./plan.ts";
import { setStage, type StagedExperiment } from "./stage.ts";
import { judge, type Verdict } from "./verdict.ts";

let folder: string;
let experiment: StagedExperiment;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-verdict-"));
  [experiment] = setStage(folder, planUndisturbedRound("run")).experiments as [StagedExperiment];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

// Nobody has worked on this experiment: only what its jobs would have noted of themselves differs from case to case.
describe("a ledger", () => {
  const verdictOn = (lines: readonly string[], isRestarting = false): Verdict => {
    writeFileSync(experiment.ledger, lines.map((line) => `${line}\n`).join(""));
    return judge(experiment, { givenUp: new Set(), mayRestart: () => isRestarting });
  };
  const whole = ["rank4 1 rank4-1-a", "base/cap 2 base-cap-1-a", "rank4/cap/0 3 rank4-cap-1-b"];

  test("with a line for each unit", () => {
    expect(verdictOn(whole)).toMatchObject({ units: 3, executions: 3, duplicates: 0, restartedJobs: 0, lost: 0 });
  });

  test("in which two jobs have worked on the same attempt", () => {
    const verdict = verdictOn([...whole, "rank4 4 rank4-1-a"]);
    expect(verdict).toMatchObject({ executions: 4, duplicates: 1, restartedJobs: 0 });
    expect(verdict.complaints).toContain("rank4-1-a: worked on by jobs 1, 4");
  });

  test("in which one job has worked twice", () => {
    const twice = [...whole, "rank4 1 rank4-1-a"];
    const complaint = "rank4-1-a 1: worked twice, and not because its scheduler started it again";
    expect(verdictOn(twice)).toMatchObject({ duplicates: 0, restartedJobs: 1 });
    expect(verdictOn(twice).complaints).toContain(complaint);
    expect(verdictOn(twice, true).complaints).not.toContain(complaint);
  });

  test("in which a unit is missing", () => {
    const verdict = verdictOn(whole.slice(1));
    expect(verdict).toMatchObject({ executions: 2, lost: 1 });
    expect(verdict.complaints).toContain("rank4: no job has worked on it");
  });
});
