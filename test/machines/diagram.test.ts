import { describe, expect, test } from "vitest";
import { createMachine } from "xstate";

import { listWays, renderDiagram, renderTable } from "../../machines/diagram.ts";

const verdict = [{ guard: "isGood", target: "done" }, { target: "idle" }];

const machine = createMachine({
  initial: "idle",
  states: {
    idle: { on: { "job.started": { target: "busy" }, "job.ended": verdict } },
    busy: { on: { "job.seen": {}, "job.ended": verdict } },
    done: { on: { "job.seen": { guard: "isNew" } } },
  },
});

describe("a machine that is drawn", () => {
  test("shows each way in the machine's own order, with its condition", () => {
    expect(listWays(machine)).toEqual([
      { from: "idle", observation: "job.started", to: "busy" },
      { from: "idle", observation: "job.ended", to: "done", condition: "isGood" },
      { from: "idle", observation: "job.ended", to: "idle", condition: "else" },
      { from: "busy", observation: "job.seen", to: "busy" },
      { from: "busy", observation: "job.ended", to: "done", condition: "isGood" },
      { from: "busy", observation: "job.ended", to: "idle", condition: "else" },
      { from: "done", observation: "job.seen", to: "done", condition: "isNew" },
    ]);
  });

  test("is a diagram, in which a decision that states share is drawn once", () => {
    expect(renderDiagram(machine).split("\n")).toEqual([
      "stateDiagram-v2",
      "  state job_ended <<choice>>",
      "  [*] --> idle",
      "  idle --> busy: job.started",
      "  idle --> job_ended: job.ended",
      "  busy --> job_ended: job.ended",
      "  job_ended --> done: isGood",
      "  job_ended --> idle: else",
      "  note right of busy", "    also hears job.seen", "  end note",
      "  note right of done", "    also hears job.seen [isNew]", "  end note",
    ]);
  });

  test("is a table, in which a pair that nobody explained stands out", () => {
    const observations = { "job.started": "It runs.", "job.seen": "It is there.", "job.ended": "It is over." };
    const ignored = [{ states: ["busy", "done"], observations: ["job.started"], because: "It has been started." }, { states: ["done"], observations: ["job.ended"], because: "It is over." }];
    expect(renderTable(machine, observations, ignored).split("\n")).toEqual([
      "| | idle | busy | done |",
      "| - | - | - | - |",
      "| `job.started` | **busy** | 1 | 1 |",
      "| `job.seen` | ? | stays | stays [isNew] |",
      "| `job.ended` | **done** [isGood], stays [else] | **done** [isGood], **idle** [else] | 2 |",
      "",
      "1. It has been started.",
      "2. It is over.",
    ]);
  });
});
