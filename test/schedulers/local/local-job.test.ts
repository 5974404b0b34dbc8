import { describe, expect, test } from "vitest";

import { endOfLost, endOfScript, isOverdue, renderSeen } from "../../../src/schedulers/local/local-job.ts";
import { job } from "./jobs.ts";

const at = "2026-11-21T14:00:00.000+01:00";
const running = job(7, { timeLimitMs: 60_000 }, { gpus: [] });

describe("a job as it is shown", () => {
  test("waits with a reason and without times", () => {
    const seen = renderSeen(job(7), "Resources", "n1");
    expect(seen).toMatchObject({ id: "7", key: "k7", state: "PENDING", reason: "Resources" });
    expect(seen).not.toHaveProperty("startedAt");
    expect(seen).not.toHaveProperty("node");
  });

  test("runs on this machine since it was taken", () => {
    expect(renderSeen(running, "", "n1")).toMatchObject({ state: "RUNNING", startedAt: running.taken?.at, node: "n1" });
    expect(renderSeen(running, "", "n1")).not.toHaveProperty("reason");
  });

  test("has ended as its record says, whatever its processes do", () => {
    const seen = renderSeen({ ...running, ended: { state: "FAILED", at, exitCode: 3 } }, "", "n1");
    expect(seen).toMatchObject({ state: "FAILED", endedAt: at, exitCode: 3 });
    expect(seen).not.toHaveProperty("signal");
  });
});

describe("the end of a script", () => {
  test.each([
    [{ code: 0 }, undefined, { state: "COMPLETED", exitCode: 0 }],
    [{ code: 1 }, undefined, { state: "FAILED", exitCode: 1 }],
    [{ signal: 11 }, undefined, { state: "FAILED", signal: 11, reason: "killed (signal 11)" }],
    [{ signal: 9 }, undefined, { state: "FAILED", signal: 9, reason: "killed (signal 9), perhaps for memory" }],
    [{ signal: 15 }, "CANCELLED" as const, { state: "CANCELLED", signal: 15, reason: "cancelled" }],
    [{ code: 0 }, "TIMEOUT" as const, { state: "TIMEOUT", exitCode: 0, reason: "ran into its time limit of 1 min" }],
  ])("%j, when stopped as %s", (exit, as, expected) => {
    expect(endOfScript(exit, as === undefined ? undefined : { as, at }, running.job)).toEqual(expected);
  });
});

describe("the end of a job that nobody watched", () => {
  test.each([
    ["a good exit record", {}, { exitCode: 0, endedAt: "2026-11-21T13:16:00+01:00" }, false, { state: "COMPLETED", exitCode: 0, at: "2026-11-21T13:16:00+01:00" }],
    ["a bad one", {}, { exitCode: 2 }, true, { state: "FAILED", exitCode: 2, at }],
    ["none", {}, {}, false, { state: "NODE_FAIL", reason: "its runner was killed", at }],
    ["none, after a reboot", {}, {}, true, { state: "NODE_FAIL", reason: "the machine was restarted", at }],
    ["a request to stop", { stop: { as: "CANCELLED" as const, at } }, { exitCode: 0 }, false, { state: "CANCELLED", reason: "cancelled", exitCode: 0, at }],
    ["its time limit", { stop: { as: "TIMEOUT" as const, at } }, {}, false, { state: "TIMEOUT", reason: "ran into its time limit of 1 min", at }],
  ])("is decided by %s", (_name, difference, notes, isRebooted, expected) => {
    expect(endOfLost({ ...running, ...difference }, notes, at, isRebooted)).toEqual(expected);
  });
});

test.each([
  ["2026-11-21T13:15:59.999+01:00", false],
  ["2026-11-21T12:16:00.000+00:00", true],
])("a job of one minute is overdue at %s: %s", (moment, expected) => {
  expect(isOverdue(running, moment)).toBe(expected);
  expect(isOverdue(job(7, {}, { gpus: [] }), moment)).toBe(false);
});
