import { existsSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import { type NotedEntry, type NotesShape, parseSubmitterState } from "../../src/experiment/parse-submitter-state.ts";
import { recorded } from "./temp-tree.ts";

const file = "logs/run-torchtune.state.json";

/** What is understood of a file with one entry. */
function entryOf(value: unknown): NotedEntry | undefined {
  return parseSubmitterState(JSON.stringify({ "rank8/finetune.slurm": value }), file, "scripts").entries[0];
}

function complaintsOf(text: string, shape: NotesShape = "scripts"): readonly string[] {
  return parseSubmitterState(text, file, shape).problems.map((problem) => `${problem.severity} ${renderProblem(problem)}`);
}

describe("an entry of a submitter's file", () => {
  test("has job, word and time, which is local and has no zone", () => {
    expect(entryOf({ job_id: "4500003", state: "COMPLETED", submitted_at: "2026-05-08 14:32:06", retry_history: [{ batch_size: 16 }] }))
      .toEqual({ subject: "rank8/finetune.slurm", note: { jobId: "4500003", state: "COMPLETED", submitted: "2026-05-08 14:32:06" }, isOver: true });
  });

  test("says why sbatch failed", () => {
    expect(entryOf({ job_id: null, state: "SUBMIT_FAILED", error: "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed", submitted_at: "..." }))
      .toMatchObject({ note: { state: "SUBMIT_FAILED", error: String.raw`sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed` }, isOver: true });
  });

  test.each<[unknown, string | undefined]>([
    ["77", "77"], [77, "77"], [" 77 ", "77"], ["0077", "77"], ["77_3", "77"], ["77_[0-4]", "77"], ["77.batch", "77"], ["77;della", "77"],
    [null, undefined], ["", undefined], ["-", undefined], [0, undefined], [-77, undefined], [7.5, undefined], [1e300, undefined], ["77 and more", undefined],
    ["Submitted batch job 77", undefined], ["'; rm -rf /", undefined], [["77"], undefined], [{ id: 77 }, undefined], [true, undefined],
  ])("of the job %j", (id, jobId) => {
    expect(entryOf({ job_id: id, state: "RUNNING" })?.note).toEqual({ ...(jobId === undefined ? {} : { jobId }), state: "RUNNING" });
  });

  test.each<[unknown, string | undefined, boolean]>([
    ["PENDING", "PENDING", false], ["TIMEOUT", "TIMEOUT", true], ["completed", "COMPLETED", true], ["running", "RUNNING", false],
    // What the tool never recognises as an end, so that it watches for ever.
    ["CANCELLED by 1000", "CANCELLED", false], ["COMPLETED+", "COMPLETED", false],
    ["REVOKED", "REVOKED", false], ["\u001B[31mFAILED\u001B[0m", "FAILED", true], ["läuft", "läuft", false],
    ["", undefined, false], ["-", undefined, false], [null, undefined, false], [3, undefined, false], [["FAILED"], undefined, false],
  ])("of the word %j", (state, word, isOver) => {
    expect(entryOf({ job_id: "77", state })).toEqual({ subject: "rank8/finetune.slurm", note: { jobId: "77", ...(word === undefined ? {} : { state: word }) }, isOver });
  });

  test.each<[unknown, readonly string[]]>([
    ["COMPLETED", ['warning logs/run-torchtune.state.json:1:25: this entry cannot be read (expected a map with job_id and state, found "COMPLETED")']],
    [null, ["warning logs/run-torchtune.state.json:1:25: this entry cannot be read (expected a map with job_id and state, found nothing)"]],
    [["77", "COMPLETED"], ["warning logs/run-torchtune.state.json:1:25: this entry cannot be read (expected a map with job_id and state, found a list)"]],
    [77, ['warning logs/run-torchtune.state.json:1:25: this entry cannot be read (expected a map with job_id and state, found "77")']],
    [{ job_id: "job 77" }, ['warning logs/run-torchtune.state.json:1:25: this job id cannot be read (expected a number such as 4500003, found "job 77")']],
    [{ job_id: 7.5 }, ['warning logs/run-torchtune.state.json:1:25: this job id cannot be read (expected a number such as 4500003, found "7.5")']],
    [{ job_id: null }, []], [{}, []],
  ])("that is %j still says that somebody submitted it", (value, complaints) => {
    expect(complaintsOf(JSON.stringify({ "rank8/finetune.slurm": value }))).toEqual(complaints);
    expect(entryOf(value)).toMatchObject({ subject: "rank8/finetune.slurm", isOver: false });
  });
});

describe("a file that cannot be read is never an empty one", () => {
  const moveAway = "Mend it, or move it away (mv logs/run-torchtune.state.json logs/run-torchtune.state.json.broken): then what was done is read from the queue, outputs and logs alone";

  test.each([
    ["", `1:1: this file is empty (expected what a submitter noted of its jobs). ${moveAway}`],
    [" \n\n", `1:1: this file is empty (expected what a submitter noted of its jobs). ${moveAway}`],
    ['{\n  "rank8/finetune.slurm": {\n    "job_id": "45', `3:18: this is not JSON, or not all of it (expected what a submitter noted of its jobs). ${moveAway}`],
    ['{"rank8/finetune.slurm": {"job_id": "77"}}}', `1:43: this is not JSON, or not all of it (expected what a submitter noted of its jobs). ${moveAway}`],
    ["<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n", `1:1: this is not JSON, or not all of it (expected what a submitter noted of its jobs). ${moveAway}`],
    ["\u0000\u0000\u0000\u0000", `1:1: this is not JSON, or not all of it (expected what a submitter noted of its jobs). ${moveAway}`],
    ["[]", `1:1: this is not what a submitter notes (expected a map of scripts, found an empty list). ${moveAway}`],
    ["null", `1:1: this is not what a submitter notes (expected a map of scripts, found nothing). ${moveAway}`],
    ["7", `1:1: this is not what a submitter notes (expected a map of scripts, found "7"). ${moveAway}`],
    ['"COMPLETED"', `1:1: this is not what a submitter notes (expected a map of scripts, found "COMPLETED"). ${moveAway}`],
  ])("%j", (text, complaint) => {
    const { entries, problems } = parseSubmitterState(text, file, "scripts");
    expect(entries).toEqual([]);
    expect(problems.map((problem) => `${problem.severity} ${renderProblem(problem)}`)).toEqual([expect.stringMatching(/^error logs\/run-torchtune\.state\.json:/u)]);
    expect(renderProblem(problems[0] ?? { severity: "error", message: "" })).toBe(`${file}:${complaint}`);
  });

  test("but one without entries is, and one with a mark of its encoding is read", () => {
    expect(parseSubmitterState("{}", file, "scripts")).toEqual({ entries: [], problems: [] });
    expect(parseSubmitterState("\uFEFF{\"a/finetune.slurm\": {}}", file, "scripts").entries).toHaveLength(1);
  });

  test("nothing in it reaches the objects of the program", () => {
    const { entries } = parseSubmitterState('{"__proto__": {"job_id": "77", "state": "RUNNING"}, "constructor": {"job_id": "78"}}', file, "scripts");
    expect(entries.map(({ subject, note }) => [subject, note.jobId])).toEqual([["__proto__", "77"], ["constructor", "78"]]);
    expect(({} as Record<string, unknown>)["job_id"]).toBeUndefined();
  });
});

describe("what agents wrote before there were submitters", () => {
  test("jobs.json has runs by name, in lower or upper case", () => {
    const text = JSON.stringify({ experiment: "cap", monitoring_started: "2025-10-24 00:05:10", jobs: { rank8: { job_id: "12345678", status: "running", submitted: "2025-10-24 00:05:10", elapsed: null } } });
    expect(parseSubmitterState(text, "jobs.json", "runs")).toEqual({
      entries: [{ subject: "rank8", note: { jobId: "12345678", state: "RUNNING", submitted: "2025-10-24 00:05:10" }, isOver: false }], problems: [],
    });
  });

  test.each([
    [{ run: "rank8", task: "cap", epoch: 0, job_id: "12345690", status: "COMPLETED" }, "rank8_cap_epoch0"],
    [{ run: "base", task: "cap", epoch: null }, "base_cap"],
    [{ run: "base", task: "cap" }, "base_cap"],
    [{ run: "rank8", task: "cap", epoch: "0" }, "any key"],
    [{ job_id: "12345690" }, "any key"],
    ["COMPLETED", "any key"],
  ])("eval_jobs.json has evaluations: %j", (entry, key) => {
    expect(parseSubmitterState(JSON.stringify({ evaluations: { "any key": entry } }), "eval_jobs.json", "evaluations").entries).toMatchObject([{ subject: key }]);
  });

  test("nightshift's own eval_jobs.json is nobody else's", () => {
    expect(parseSubmitterState('{"schema": 1, "evaluations": {"rank8_cap_epoch0": {"job_id": "77"}}}', "eval_jobs.json", "evaluations")).toEqual({ entries: [], problems: [] });
  });

  test("neither is there without its map", () => {
    expect(complaintsOf('{"experiment": "cap"}', "runs")).toEqual([expect.stringContaining('expected a map of runs under "jobs", found nothing')]);
    expect(complaintsOf('{"evaluations": []}', "evaluations")).toEqual([expect.stringContaining('expected a map of evaluations under "evaluations", found an empty list')]);
  });
});

describe.skipIf(!existsSync(recorded("cruijff-kit/generated")))("files that the real submitters wrote", () => {
  const read = (path: string): readonly NotedEntry[] => parseSubmitterState(readFileSync(recorded(`cruijff-kit/generated/${path}`), "utf8"), path, "scripts").entries;

  test.each([
    ["A_normal_with_oom_retry/logs/run-torchtune.state.json", ["rank4/finetune.slurm 4500001 COMPLETED over", "rank8/finetune.slurm 4500003 COMPLETED over"]],
    ["B_submit_failure/logs/run-torchtune.state.json", ["rank4/finetune.slurm - SUBMIT_FAILED over", "rank8/finetune.slurm 4500001 COMPLETED over"]],
    ["C_cancelled/logs/run-torchtune.state.json", ["rank4/finetune.slurm 4500001 CANCELLED open"]],
    ["E_empty/logs/run-inspect.state.json", []],
    ["G_detach/logs/run-torchtune.state.json", ["rank4/finetune.slurm 4500001 RUNNING open"]],
  ])("%s", (path, entries) => {
    expect(read(path).map(({ subject, note: { jobId = "-", state }, isOver }) => `${subject} ${jobId} ${state} ${isOver ? "over" : "open"}`)).toEqual(entries);
  });
});
