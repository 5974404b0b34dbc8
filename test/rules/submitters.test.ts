import { describe, expect, test } from "vitest";

import type { Facts } from "../../src/domain/facts.ts";
import type { JobSeen } from "../../src/domain/job.ts";
import type { SubmissionNote, Submitters } from "../../src/domain/submitters.ts";
import { findOthersJob } from "../../src/rules/other-jobs.ts";
import { describeSubmitter, judgeNotes } from "../../src/rules/submitters.ts";
import { anExperiment, at } from "../support/builders.ts";

const file = "logs/run-torchtune.state.json";
const experiment = anExperiment({ folder: "/home/ada/cap" });
const where = { script: "/home/ada/cap/rank4/finetune.slurm", scriptCandidates: ["/home/ada/cap/rank4/finetune.slurm"], submitFolder: "/home/ada/cap/rank4" };

function aNote(changes: Partial<SubmissionNote> = {}): SubmissionNote {
  return { file, changedMs: 0, jobId: "77", state: "RUNNING", ...changes };
}

function facts(...jobs: readonly Partial<JobSeen>[]): Facts {
  const queue = { kind: "available" as const, at: at(0), jobs: jobs.map((job) => ({ id: "77", name: "rank4", state: "RUNNING", ...job })), missing: [] };
  return { now: at(0), experiment, scheduler: "slurm", queue } as unknown as Facts;
}

describe("the job that a submitter noted", () => {
  test.each<[string, Partial<JobSeen>]>([
    ["has the script's path", { script: "/home/ada/cap/rank4/finetune.slurm" }],
    ["has it by another way through links", { script: "/scratch/gpfs/ada/cap/rank4/finetune.slurm", workFolder: "/scratch/gpfs/ada/cap/rank4" }],
    ["has a script of the same name, submitted from the same folder", { script: "/var/spool/finetune.slurm", workFolder: "/home/ada/cap/rank4" }],
    ["has no script that anybody tells, and the folder", { workFolder: "/home/ada/cap/rank4" }],
    ["has no script that anybody tells, and a folder of the experiment", { workFolder: "/home/ada/cap" }],
    ["has nothing that anybody tells", {}],
  ])("%s", (_what, job) => {
    expect(findOthersJob(facts(job), where, [aNote()])).toMatchObject({ job: { id: "77" }, how: `${file} names job 77, which another tool submitted` });
  });

  test.each<[string, Partial<JobSeen>]>([
    ["another run's script", { script: "/home/ada/cap/rank8/finetune.slurm", workFolder: "/home/ada/cap/rank8" }],
    ["another experiment's folder", { workFolder: "/home/ada/other/rank8" }],
    ["another script from there", { script: "/home/ada/cap/rank4/other.slurm", workFolder: "/home/ada/cap/rank4" }],
    ["a key of nightshift's", { key: "rank4-1-00c0ffee", script: "/home/ada/cap/rank4/finetune.slurm" }],
    ["another number", { id: "78" }],
    ["ended", { state: "COMPLETED" }],
  ])("is another one with %s", (_what, job) => {
    expect(findOthersJob(facts(job), where, [aNote()])).toBeUndefined();
  });

  test("is looked for before the one that has the script", () => {
    expect(findOthersJob(facts({ id: "76", script: where.script }, {}), where, [aNote()])?.job.id).toBe("77");
    expect(findOthersJob(facts({ id: "76", script: where.script }), where, [aNote()])).toMatchObject({ job: { id: "76" }, how: "job 76 was submitted by somebody else from an unknown folder with finetune.slurm" });
  });
});

describe("what a submitter noted of something that left nothing", () => {
  const left = "nothing of it is here";

  test.each<[Partial<SubmissionNote>, Partial<JobSeen> | undefined, string, string]>([
    [{ state: "TIMEOUT", submitted: "2026-05-08 14:32:06" }, undefined, "time limit", "its job 77 (submitted 2026-05-08 14:32:06) is TIMEOUT"],
    [{ state: "OUT_OF_MEMORY" }, undefined, "out of memory", "its job 77 is OUT_OF_MEMORY"],
    [{ state: "RUNNING" }, undefined, "lost", "its job 77 is RUNNING, but no queue here holds it"],
    [{ state: "RUNNING" }, { state: "CANCELLED" }, "cancelled", "its job 77 is RUNNING, the queue that it is CANCELLED"],
    [{ state: "REVOKED" }, undefined, "lost", "its job 77 is REVOKED, but no queue here holds it"],
    [{ state: "SUBMIT_FAILED", error: "sbatch: error: QOS" }, undefined, "error", "sbatch failed: sbatch: error: QOS"],
  ])("%j is a failure with its source", (changes, seen, cause, words) => {
    const failure = { cause, message: `${file} says that ${words}; ${left}`, file };
    expect(judgeNotes([aNote(changes)], left, facts(...(seen === undefined ? [] : [seen])), false)).toEqual({ isGood: false, failure });
  });

  test("may have been moved away where it is said to have ended well", () => {
    expect(judgeNotes([aNote({ state: "COMPLETED" })], left, facts(), true)).toMatchObject({ isGood: true, failure: { message: `${file} says that its job 77 is COMPLETED; ${left}` } });
  });

  test("says something even where neither job nor word can be read", () => {
    expect(judgeNotes([{ file, changedMs: 0 }], left, facts(), true)).toMatchObject({ failure: { cause: "lost", message: `${file} says that it was submitted, but no queue here holds it; ${left}` } });
  });

  test("is nothing where sbatch failed and a person names the experiment", () => {
    expect(judgeNotes([aNote({ state: "SUBMIT_FAILED" })], left, facts(), true)).toBeUndefined();
    expect(judgeNotes(undefined, left, facts(), true)).toBeUndefined();
  });
});

describe("a submitter that is at work", () => {
  const none: Submitters = { runs: new Map(), evaluations: new Map(), running: [], unfinished: [] };
  const reading = (changes: Partial<Submitters>): Facts["reading"] => ({ submitters: { ...none, ...changes } }) as Facts["reading"];
  const changed = (secondsAgo: number): Partial<Submitters> => ({ unfinished: [{ file, program: "submit_torchtune", restMs: 180_000, changedMs: Date.parse(at(0)) - 1000 * secondsAgo }] });

  test("is named by its process", () => {
    expect(describeSubmitter(reading({ running: [{ program: "submit_inspect", host: "login1", pid: 4242 }] }), at(0), 0))
      .toBe("submit_inspect is running on it (pid 4242 on login1), and nothing is submitted beside it before it has ended; when it is stopped (kill 4242), its jobs go on");
  });

  test.each([
    [10, 60_000, true], [179, 60_000, true], [180, 60_000, false],
    [-30, 60_000, true], // the file server's clock is ahead
    [-86_400, 60_000, false], // no clock is ahead like that: somebody set the time
    [10, 0, false], // a disk of this machine's own
  ])("shows in a file that changed %i s ago on a disk that may be %i ms late: %s", (secondsAgo, lateMs, isShown) => {
    expect(describeSubmitter(reading(changed(secondsAgo)), at(0), lateMs) !== undefined).toBe(isShown);
  });

  test("is none where nothing was noted", () => {
    expect(describeSubmitter({} as Facts["reading"], at(0), 60_000)).toBeUndefined();
    expect(describeSubmitter(reading({}), at(0), 60_000)).toBeUndefined();
  });
});
