import { describe, expect, test } from "vitest";

import { judgeRows } from "../../../src/schedulers/slurm/judge-rows.ts";
import { mergeTasks } from "../../../src/schedulers/slurm/merge-tasks.ts";
import { parseSacct } from "../../../src/schedulers/slurm/parse-sacct.ts";
import { parseSqueue } from "../../../src/schedulers/slurm/parse-squeue.ts";
import { instantOf } from "../../../src/system/clock.ts";
import { copyPath, sacctRow, squeueRow } from "./rows.ts";

const at = (epoch: number): string => instantOf(new Date(epoch * 1000));
const ours = `sbatch --parsable ${copyPath("k1")}`;
const expected = { key: "k1", id: "12", intendedAt: at(1_795_278_940) };

function judge(text: string, job: typeof expected & { readonly workFolder?: string } = expected, hasSubmitLine = true): unknown {
  return judgeRows(job, parseSacct(text, hasSubmitLine) ?? []);
}

describe("what accounting knows of a job that left the queue", () => {
  test("is its end, where the newest row of its key is final and dated", () => {
    expect(judge(sacctRow({ line: ours }))).toEqual({
      kind: "ended",
      job: { id: "12", key: "k1", state: "COMPLETED", exitCode: 0, name: "job", submittedAt: at(1_795_278_950), startedAt: at(1_795_278_951), endedAt: at(1_795_278_956), node: "n1", workFolder: "/exp/run" },
    });
  });

  test.each<[string, string, string, boolean?]>([
    ["nothing", "", "accounting does not know job 12", true],
    ["a row made up from the batch step", sacctRow({ name: "allocation", folder: "", state: "FAILED", line: "" }), "accounting does not know job 12", false],
    ["a stranger's job of the same id, years ago", sacctRow({ submit: "1495278950", end: "1495278956" }), "accounting knows only another job 12", true],
    ["a job of ours with another key, given the same id after a crash of the controller", sacctRow({ line: `sbatch ${copyPath("k2")}` }), "accounting knows only another job 12", true],
    ["a job that it believes to be running for ever", sacctRow({ state: "RUNNING", end: "Unknown", line: ours }), "it is not in the queue any more, but accounting still shows job 12 as RUNNING"],
    ["a job that is being requeued", sacctRow({ state: "REQUEUED", line: ours }), "it is not in the queue any more, but accounting still shows job 12 as REQUEUED"],
    ["an end without a time", sacctRow({ state: "FAILED", exit: "0:0", end: "Unknown", line: ours }), "accounting shows job 12 as FAILED, but not yet when it ended"],
    ["a word that nobody knows", sacctRow({ state: "BABELFISH", line: ours }), "it is not in the queue any more, but accounting still shows job 12 as BABELFISH"],
  ])("is nothing, where it has %s", (_name, text, reason, isUnheard) => {
    expect(judge(text)).toEqual({ kind: "unknown", reason, ...(isUnheard === undefined ? {} : { isUnheard }) });
  });

  test.each(["PREEMPTED", "NODE_FAIL", "BOOT_FAIL"])("is perhaps its end, where it is %s", (state) => {
    expect(judge(sacctRow({ state, line: ours }))).toMatchObject({ kind: "maybe", reason: `accounting shows job 12 as ${state}; it may be started again`, job: { state } });
  });

  test("is the newest of several rows, in whatever order they come", () => {
    const before = sacctRow({ state: "PREEMPTED", line: ours });
    const after = sacctRow({ state: "COMPLETED", submit: "1795279000", end: "1795279900", line: ours });
    const stranger = sacctRow({ state: "FAILED", submit: "1795289000" });
    expect(judge(before + after + stranger)).toMatchObject({ kind: "ended", job: { state: "COMPLETED", endedAt: at(1_795_279_900) } });
    expect(judge(after + before)).toMatchObject({ kind: "ended", job: { state: "COMPLETED" } });
  });

  test("of an array is over when all its tasks are, and as bad as the worst of them", () => {
    const tasks = sacctRow({ id: "12_0", line: ours }) + sacctRow({ id: "12_1", state: "TIMEOUT", end: "1795279956", line: ours });
    expect(judge(tasks)).toMatchObject({ kind: "ended", job: { id: "12", key: "k1", state: "TIMEOUT", endedAt: at(1_795_279_956) } });
    expect(judge(tasks + sacctRow({ id: "12_[2-9]", state: "PENDING", end: "Unknown", line: ours }))).toMatchObject({ kind: "unknown" });
  });

  test.each([
    ["its folder and time", "/exp/run", "1795278950", "ended"],
    ["its time, when its folder was never seen", undefined, "1795278950", "ended"],
    ["a clock that is a little behind", "/exp/run", "1795278700", "ended"],
    ["an older submission: not", "/exp/run", "1795270000", "unknown"],
    ["another folder: not", "/exp/other", "1795278950", "unknown"],
  ])("is told by %s, where rows do not say what submitted them", (_name, workFolder, submit, kind) => {
    const row = sacctRow({ submit, line: "" });
    expect(judge(row, { ...expected, ...(workFolder === undefined ? {} : { workFolder }) })).toMatchObject({ kind });
  });

  test("that somebody else submitted is told by its id and that it was there when it was found", () => {
    const adopted = { key: "job-12", id: "12", intendedAt: at(1_795_279_000) };
    const verdict = judge(sacctRow(), adopted);
    expect(verdict).toMatchObject({ kind: "ended", job: { id: "12", state: "COMPLETED" } });
    expect((verdict as { job: object }).job).not.toHaveProperty("key");
    expect(judge(sacctRow({ submit: "1795289000" }), adopted)).toMatchObject({ kind: "unknown" });
    expect(judge(sacctRow({ line: ours }), adopted)).toMatchObject({ kind: "unknown" });
  });
});

describe("the tasks of an array in the queue", () => {
  const array = (...states: readonly string[]): string => states.map((state, task) => squeueRow({ id: "30", task: String(task), state, node: state === "PENDING" ? "" : `n${task}`, end: String(1_795_280_000 + task) })).join("");
  const merged = (text: string): unknown => {
    const parsed = parseSqueue(text);
    return parsed.kind === "rows" ? mergeTasks(parsed.rows) : parsed;
  };

  test.each([
    [["COMPLETED", "RUNNING", "PENDING"], "RUNNING"],
    [["COMPLETED", "COMPLETING", "PENDING"], "COMPLETING"],
    [["FAILED", "PENDING"], "PENDING"],
    [["COMPLETED", "CANCELLED"], "CANCELLED"],
    [["CANCELLED", "TIMEOUT", "FAILED", "COMPLETED"], "FAILED"],
    [["COMPLETED", "COMPLETED"], "COMPLETED"],
  ])("%j are one job that is %s", (states, state) => {
    expect(merged(array(...states))).toMatchObject([{ id: "30", state }]);
  });

  test("end together when the last of them ends, and share no node", () => {
    const [job] = merged(array("COMPLETED", "COMPLETED")) as readonly object[];
    expect(job).toMatchObject({ startedAt: at(1_795_278_951), endedAt: at(1_795_280_001) });
    expect(job).not.toHaveProperty("node");
    expect(job).not.toHaveProperty("task");
    expect((merged(array("RUNNING", "COMPLETED")) as readonly object[])[0]).not.toHaveProperty("endedAt");
  });
});
