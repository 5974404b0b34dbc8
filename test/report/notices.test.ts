import { describe, expect, test } from "vitest";

import type { EvaluationHappening, ExperimentHappening, Happening, RunHappening } from "../../src/domain/happening.ts";
import { buildNotices } from "../../src/report/notices.ts";
import { at } from "../support/builders.ts";

const told = { at: at(1), experiment: "cap" } as const;
const run = (subject: string, changes: Partial<RunHappening>): RunHappening => ({ ...told, kind: "run", subject, unit: subject, what: "status changed", from: "RUNNING", to: "FAILED", ...changes });
const experiment = (what: ExperimentHappening["what"], reason: string): ExperimentHappening => ({ ...told, kind: "experiment", subject: "cap", what, reason });
const evaluation: EvaluationHappening = { ...told, kind: "evaluation", subject: "rank4/cap/epoch0", unit: "rank4_cap_epoch0", what: "status changed", from: "RUNNING", to: "TIMEOUT" };

describe("what is worth waking somebody for", () => {
  test.each<[string, Happening, string | undefined]>([
    ["a training that failed", run("rank4", { reason: "TypeError" }), "failed: cap: rank4: RUNNING -> FAILED, TypeError"],
    ["an evaluation that was too slow", evaluation, "failed: cap: rank4/cap/epoch0: RUNNING -> TIMEOUT"],
    ["a submission that was refused", run("rank4", { what: "submission failed", to: "FAILED", reason: "invalid partition" }), "failed: cap: rank4: invalid partition"],
    ["a submission of which nobody knows", run("rank4", { from: "SUBMITTING", to: "AMBIGUOUS" }), "needs a person: cap: rank4: SUBMITTING -> AMBIGUOUS"],
    ["a run that would write over earlier work", run("rank4", { from: "WAITING", to: "HELD", reason: "earlier work" }), "needs a person: cap: rank4: WAITING -> HELD, earlier work"],
    ["an experiment that is held", experiment("held", "its state went back"), "needs a person: cap: held: its state went back"],
    ["the end of it all", experiment("finished", "2/2 trainings completed"), "finished: cap: finished: 2/2 trainings completed"],
    ["a training that begins", run("rank4", { from: "PENDING", to: "RUNNING" }), undefined],
    ["what a person cancelled", run("rank4", { to: "CANCELLED" }), undefined],
    ["what was skipped", { ...evaluation, from: "WAITING", to: "SKIPPED" }, undefined],
    ["an experiment that begins", experiment("started", ""), undefined],
  ])("%s", (_what, happening, notice) => {
    expect(buildNotices("/e/cap", [happening]).map(({ event, text }) => `${event}: ${text}`)).toEqual(notice === undefined ? [] : [notice]);
  });

  test("a hundred failures at once are one message, and the end of the experiment is another", () => {
    const failures = [...Array(100).keys()].map((index) => run(`rank${index}`, {}));
    expect(buildNotices("/e/cap", [...failures, experiment("finished", "0/100")])).toEqual([
      { event: "failed", experiment: "cap", folder: "/e/cap", text: "cap: rank0: RUNNING -> FAILED (and 99 more)", happenings: failures },
      { event: "finished", experiment: "cap", folder: "/e/cap", text: "cap: finished: 0/100", happenings: [expect.objectContaining({ what: "finished" })] },
    ]);
  });
});
