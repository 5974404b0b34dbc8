import { describe, expect, test } from "vitest";

import { evaluationMachine } from "../../machines/evaluation.ts";
import { runMachine } from "../../machines/run.ts";
import { beginExperiment } from "../../machines/lives.ts";
import type { Attempt, ExperimentState, RunLife } from "../../src/domain/state.ts";
import { canReach, findIllegalSteps } from "./legal-steps.ts";
import { findIllegalChanges } from "./logs.ts";

describe("a machine", () => {
  const machines = { run: runMachine, evaluation: evaluationMachine };

  test.each([
    ["run", "waiting", "trained", true, true],
    ["run", "running", "pending", true, true],
    ["run", "trained", "running", false, true],
    ["run", "trained", "waiting", false, true],
    ["run", "cancelled", "trained", false, true],
    ["evaluation", "submitting", "scored", true, true],
    ["evaluation", "scored", "blocked", false, true],
    ["evaluation", "scored", "scored", true, true],
  ] as const)("of a %s, from %s to %s: has a way of itself: %s, by a person: %s", (name, from, to, byItself, byPerson) => {
    expect({ byItself: canReach(machines[name], from, to, false), byPerson: canReach(machines[name], from, to, true) }).toEqual({ byItself, byPerson });
  });
});

describe("two states of an experiment, one after the other", () => {
  const attempt = (key: string, jobId?: string): Attempt => ({ number: 1, key, intendedAt: "2026-11-21T13:15:00+01:00", ...(jobId === undefined ? {} : { jobId }) });
  const state = (rank4: RunLife, revision = 3): ExperimentState => ({
    experiment: "exp", id: "exp-1", revision, monitoringStarted: "2026-11-21T13:15:00+01:00", life: { ...beginExperiment(), state: "working" }, runs: { rank4 }, evaluations: {}, units: {},
  });
  const pending: RunLife = { state: "pending", context: { attempts: [attempt("rank4-1-a", "7")] } };
  const byPerson = false;

  test.each<[string, RunLife, string[]]>([
    ["goes on", { ...pending, state: "trained" }, []],
    ["begins anew", { ...pending, state: "submitting" }, []],
    ["has another key", { ...pending, context: { attempts: [attempt("rank4-1-b", "7")] } }, ["rank4: attempt 1 was rank4-1-a and is rank4-1-b"]],
    ["has forgotten its attempt", { ...pending, context: { attempts: [] } }, ["rank4: attempt 1 was rank4-1-a and is gone"]],
    ["has forgotten its job", { ...pending, context: { attempts: [attempt("rank4-1-a")] } }, ["rank4: attempt 1 has lost its job 7"]],
  ])("of which the run %s", (_what, after, steps) => {
    expect(findIllegalSteps(state(pending), state(after), { byPerson })).toEqual(steps);
  });

  test("of which the run is over, and then is not", () => {
    expect(findIllegalSteps(state({ ...pending, state: "trained" }), state({ ...pending, state: "running" }), { byPerson })).toEqual(["rank4: from trained to running"]);
  });

  test("of which the second is older, or another experiment's", () => {
    expect(findIllegalSteps(state(pending, 3), state(pending, 2), { byPerson })).toEqual(["the revision went back from 3 to 2"]);
    expect(findIllegalSteps(state(pending), { ...state(pending), id: "exp-2", runs: {} }, { byPerson })).toEqual([
      "the state is another one: exp-1, then exp-2", "rank4 is not there any more", "rank4: attempt 1 was rank4-1-a and is gone",
    ]);
  });
});

test("a log that tells of a change which cannot be", () => {
  const log = (from: string, to: string): string => `[2026-11-21 17:01:01] STATE_CHANGE: rank4\nPrevious: ${from}\nCurrent: ${to}\nJob ID: 2\n\n`;
  expect(findIllegalChanges(log("PENDING", "COMPLETED") + log("RUNNING", "TIMEOUT"), "run", false)).toEqual([]);
  expect(findIllegalChanges(log("COMPLETED", "RUNNING"), "run", false)).toEqual(["rank4 from COMPLETED to RUNNING"]);
});
