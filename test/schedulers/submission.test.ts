import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { CancelIntent, JobIntent, SubmitAnswer } from "../../src/domain/job.ts";
import { readRecords } from "../../src/schedulers/job-records.ts";
import { type Finding, type Postponed, type PreparedJob, submitOnce, type Submitter, withdrawOnce } from "../../src/schedulers/submission.ts";

let experiment: string;
let folder: string;
let intent: JobIntent;

beforeEach(() => {
  experiment = mkdtempSync(join(tmpdir(), "nightshift-submission-"));
  folder = join(experiment, ".nightshift", "jobs", "k1");
  intent = { key: "k1", kind: "training", experimentFolder: experiment, script: join(experiment, "finetune.slurm"), submitFolder: experiment };
  writeFileSync(intent.script, "#!/bin/bash\n#SBATCH --output=artifacts/slurm-%j.out\necho\n");
  chmodSync(intent.script, 0o640);
});
afterEach(() => {
  rmSync(experiment, { recursive: true });
});

describe("a first submission", () => {
  test("finds everything on disk when the scheduler is called, and leaves its answer there", async () => {
    const scheduler = fake({ kind: "accepted", id: "42" }, (job) => {
      expect(job).toMatchObject({ key: "k1", folder, script: join(folder, "finetune.slurm"), submitFolder: experiment, isClaiming: true });
      expect(readFileSync(job.script, "utf8")).toMatch(/^#!\/bin\/bash\n#SBATCH --output=artifacts\/slurm-%j.out\n# --- nightshift:/u);
      expect(statSync(job.script).mode & 0o777).toBe(0o640);
      expect(readFileSync(join(experiment, ".nightshift", ".gitignore"), "utf8")).toBe("*\n");
      expect(JSON.parse(readFileSync(join(folder, "intent.json"), "utf8"))).toMatchObject({ ...intent });
      expect(existsSync(join(experiment, "artifacts"))).toBe(true);
      expect(readRecords(experiment).get("k1")).toEqual({ key: "k1", ids: [], spawned: false });
    });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "42" });
    expect(scheduler.submissions).toBe(1);
    expect(readRecords(experiment).get("k1")).toEqual({ key: "k1", ids: ["42"], spawned: true, isClaiming: true, answer: { kind: "accepted", id: "42" } });
    expect(readFileSync(intent.script, "utf8")).not.toContain("nightshift");
  });

  test("that throws is unclear", async () => {
    const scheduler = fake(new Error("Socket timed out on send/recv operation"));
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason: "Socket timed out on send/recv operation" });
    expect(readRecords(experiment).get("k1")).toMatchObject({ spawned: true, answer: { kind: "unclear" } });
  });

  test("that is to be plain submits the script as it is", async () => {
    const scheduler = fake({ kind: "accepted", id: "42" }, (job) => {
      expect(job.isClaiming).toBe(false);
      expect(readFileSync(job.script, "utf8")).toBe(readFileSync(intent.script, "utf8"));
    });
    expect(await submitOnce({ ...intent, isPlain: true }, scheduler)).toEqual({ kind: "accepted", id: "42" });
  });

  test("of a further attempt takes the claim of the one before it, unless a job has it already", async () => {
    for (const [key, claim] of [["k0", undefined], ["k00", "41\n"]] as const) {
      mkdirSync(join(experiment, ".nightshift", "jobs", key), { recursive: true });
      if (claim !== undefined) writeFileSync(join(experiment, ".nightshift", "jobs", key, "claim"), claim);
    }
    expect(await submitOnce({ ...intent, earlierKeys: ["k0", "k00", "never prepared"] }, fake({ kind: "accepted", id: "42" }))).toEqual({ kind: "accepted", id: "42" });
    expect(["k0", "k00"].map((key) => readFileSync(join(experiment, ".nightshift", "jobs", key, "claim"), "utf8"))).toEqual(["0\n", "41\n"]);
    expect(existsSync(join(experiment, ".nightshift", "jobs", "never prepared"))).toBe(false);
  });

  test("that there is no room for leaves nothing but its reason, and the reason is written once", async () => {
    const postponed: Postponed = { kind: "postponed", isForAll: true, reason: "25 jobs of yours are in the queue" };
    const scheduler = { ...fake({ kind: "accepted", id: "42" }), whyNotNow: async () => postponed };
    expect(await submitOnce(intent, scheduler)).toEqual(postponed);
    expect(readdirSync(folder)).toEqual(["answer.json"]);
    const written = statSync(join(folder, "answer.json")).ino;
    expect(await submitOnce(intent, scheduler)).toEqual(postponed);
    expect(statSync(join(folder, "answer.json")).ino).toBe(written);
    expect(readRecords(experiment).get("k1")).toEqual({ key: "k1", ids: [], spawned: false, answer: postponed });
    expect(scheduler.submissions).toBe(0);
    expect(await submitOnce(intent, fake({ kind: "accepted", id: "42" }))).toEqual({ kind: "accepted", id: "42" });
  });

  test.each([
    ["a script that is gone", { script: "/no/such.slurm" }, { kind: "refused", reason: "the script is not there: /no/such.slurm" }],
    ["a submission folder that is gone", { submitFolder: "/no/such" }, { kind: "refused", reason: "the folder to submit from is not there: /no/such" }],
  ])("of %s never reaches the scheduler", async (_name, difference, expected) => {
    const scheduler = fake({ kind: "accepted", id: "42" });
    expect(await submitOnce({ ...intent, ...difference }, scheduler)).toEqual(expected);
    expect(scheduler.submissions).toBe(0);
  });

  test("that cannot be prepared is postponed, without a mark that it was submitted", async () => {
    mkdirSync(join(experiment, ".nightshift"));
    writeFileSync(join(experiment, ".nightshift", "jobs"), "a file in the way");
    const scheduler = fake({ kind: "accepted", id: "42" });
    expect(await submitOnce(intent, scheduler)).toMatchObject({ kind: "postponed", reason: expect.stringContaining("could not prepare the submission") as string });
    expect(scheduler.submissions).toBe(0);
  });

  test.each(["../k1", "a/b", ".", "", ".hidden"])("with the key %j is a bug", async (key) => {
    await expect(submitOnce({ ...intent, key }, fake({ kind: "accepted", id: "42" }))).rejects.toThrow("not a folder's name");
  });
});

describe("a second submission of the same key", () => {
  test.each([
    ["was crashed through after the mark", undefined],
    ["was unclear", { kind: "unclear", reason: "?" }],
  ])("whose first one %s looks for the job, and adopts it", async (_name, answer) => {
    leave(answer);
    const scheduler = fake({ kind: "accepted", id: "99" }, undefined, { kind: "found", id: "42" });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "42" });
    expect(scheduler.submissions).toBe(0);
    expect(readRecords(experiment).get("k1")).toMatchObject({ answer: { kind: "accepted", id: "42" } });
  });

  test("submits when there certainly is no job", async () => {
    leave({ kind: "unclear", reason: "?" });
    const scheduler = fake({ kind: "accepted", id: "99" }, undefined, { kind: "absent" });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "99" });
  });

  test.each([
    [undefined, "nobody noted what the scheduler answered; the queue does not answer"],
    [{ kind: "unclear", reason: "Socket timed out" }, "Socket timed out; the queue does not answer"],
  ])("stays at what it knows (%j) when nobody can tell", async (answer, reason) => {
    leave(answer);
    const scheduler = fake({ kind: "accepted", id: "99" }, undefined, { kind: "unknown", reason: "the queue does not answer" });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason });
    expect(scheduler.submissions).toBe(0);
  });

  test("is refused when several of them have made no job, and nobody knew why", async () => {
    const scheduler = fake({ kind: "unclear", reason: "Babel fish error" }, undefined, { kind: "absent" });
    for (let time = 0; time < 3; time += 1) expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason: "Babel fish error" });
    const reason = "Babel fish error (submitted 3 times, and none of them made a job)";
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "refused", reason });
    expect(scheduler.submissions).toBe(3);
    expect(readRecords(experiment).get("k1")).toMatchObject({ answer: { kind: "refused", reason } });
  });

  test.each([
    ["noted its start", false, true],
    ["was plain", true, false],
  ])("looks for the copy that was submitted, which %s, whatever became of the script since", async (_name, isPlain, isClaiming) => {
    await submitOnce({ ...intent, isPlain }, fake({ kind: "unclear", reason: "?" }));
    rmSync(intent.script);
    const found: PreparedJob[] = [];
    const scheduler: Submitter = {
      ...fake({ kind: "accepted", id: "99" }),
      find: async (job) => {
        found.push(job);
        return { kind: "found", id: "42" };
      },
    };
    expect(await submitOnce({ ...intent, isPlain: !isPlain }, scheduler)).toEqual({ kind: "accepted", id: "42" });
    expect(found).toMatchObject([{ key: "k1", folder, isClaiming }]);
  });

  test("takes a look-up that throws for no answer", async () => {
    leave(undefined);
    const scheduler = fake({ kind: "accepted", id: "99" }, undefined, new Error("down"));
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason: "nobody noted what the scheduler answered; down" });
  });

  test.each(["postponed", "refused"])("submits at once after one that was %s, since it certainly made no job", async (kind) => {
    leave({ kind, reason: "QOSMaxSubmitJobPerUserLimit" });
    const scheduler = fake({ kind: "accepted", id: "42" }, () => {
      expect(readRecords(experiment).get("k1")).toEqual({ key: "k1", ids: [], spawned: false });
    });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "42" });
  });

  test.each([[false, undefined], [true, "the first one's"]])("stands back where another submission began meanwhile (with an earlier mark: %s)", async (_is, earlier) => {
    if (earlier !== undefined) leave({ kind: "unclear", reason: "?" });
    const scheduler: Submitter = {
      ...fake({ kind: "accepted", id: "99" }, undefined, { kind: "absent" }),
      whyNotNow: async () => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "spawned"), "the other one's");
        return undefined;
      },
    };
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "unclear", reason: "somebody else is submitting it" });
    expect(readFileSync(join(folder, "spawned"), "utf8")).toBe("the other one's");
  });

  test("answers what was accepted, without asking what has become of it", async () => {
    leave({ kind: "accepted", id: "41" });
    const scheduler = fake({ kind: "accepted", id: "99" });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "41" });
    expect(scheduler.submissions).toBe(0);
  });

  test("never submits a key whose claim is held: it has run", async () => {
    leave(undefined);
    writeFileSync(join(folder, "claim"), "41\n");
    const scheduler = fake({ kind: "accepted", id: "99" }, undefined, { kind: "absent" });
    expect(await submitOnce(intent, scheduler)).toEqual({ kind: "accepted", id: "41" });
    expect(scheduler.submissions).toBe(0);
  });
});

describe("taking a submission back", () => {
  const withdrawn = { kind: "withdrawn", by: "ada on login1" };
  const cancel = (): CancelIntent => ({ ...intent, by: "ada on login1" });

  test("that was never begun takes the mark first, so that nothing can submit it any more", async () => {
    expect(await withdrawOnce(cancel(), fake(new Error("must not be submitted")))).toEqual(withdrawn);
    expect(readRecords(experiment).get("k1")).toEqual({ key: "k1", ids: [], spawned: true, answer: withdrawn });
    expect(await submitOnce(intent, fake({ kind: "accepted", id: "42" }))).toEqual(withdrawn);
  });

  test.each(["postponed", "refused"])("that was %s needs no look-up", async (kind) => {
    leave({ kind, reason: "no" });
    expect(await withdrawOnce(cancel(), fake(new Error("must not be submitted")))).toEqual(withdrawn);
  });

  test.each<[string, Finding, SubmitAnswer, SubmitAnswer]>([
    ["whose job is found, says which", { kind: "found", id: "42" }, { kind: "accepted", id: "42" }, { kind: "accepted", id: "42" }],
    ["of which there is no job, is withdrawn", { kind: "absent" }, withdrawn as SubmitAnswer, withdrawn as SubmitAnswer],
    ["of which nobody knows, stays unclear", { kind: "unknown", reason: "asks again later" }, { kind: "unclear", reason: "asks again later" }, { kind: "unclear", reason: "?" }],
  ])("that may have been made, and %s", async (_name, finding, expected, kept) => {
    leave({ kind: "unclear", reason: "?" });
    expect(await withdrawOnce(cancel(), fake(new Error("must not be submitted"), undefined, finding))).toEqual(expected);
    expect(readRecords(experiment).get("k1")).toMatchObject({ answer: kept });
  });

  test.each([["accepted", { kind: "accepted", id: "41" }, undefined], ["claimed", undefined, "41\n"]])("that was %s answers its job", async (_name, answer, claim) => {
    leave(answer);
    if (claim !== undefined) writeFileSync(join(folder, "claim"), claim);
    expect(await withdrawOnce(cancel(), fake(new Error("must not be submitted")))).toEqual({ kind: "accepted", id: "41" });
  });

  test("works without the script", async () => {
    rmSync(intent.script);
    leave(undefined);
    expect(await withdrawOnce(cancel(), fake(new Error("must not be submitted"), undefined, { kind: "absent" }))).toEqual(withdrawn);
  });
});

describe("reading records back", () => {
  test("is content with what is there", () => {
    expect(readRecords(experiment)).toEqual(new Map());
    mkdirSync(join(folder, "claim"), { recursive: true });
    writeFileSync(join(folder, "answer.json"), "{\"kind\":");
    writeFileSync(join(folder, "start.sh"), "#!/bin/sh\n");
    writeFileSync(join(folder, "spawned"), "");
    writeFileSync(join(experiment, ".nightshift", "jobs", "a file"), "");
    expect(readRecords(experiment)).toEqual(new Map([["k1", { key: "k1", ids: [], spawned: true }], ["a file", { key: "a file", ids: [], spawned: false }]]));
  });
});

interface FakeScheduler extends Submitter {
  submissions: number;
}

function fake(answer: SubmitAnswer | Error, look: (job: PreparedJob) => void = () => undefined, finding: Finding | Error = new Error("nobody asked for a look-up")): FakeScheduler {
  const scheduler: FakeScheduler = {
    submissions: 0,
    find: async () => (finding instanceof Error ? Promise.reject(finding) : finding),
    submit: async (job) => {
      scheduler.submissions += 1;
      look(job);
      writeFileSync(join(job.folder, "spawned"), "");
      return answer instanceof Error ? Promise.reject(answer) : answer;
    },
  };
  return scheduler;
}

/** What an earlier attempt left that had come as far as the scheduler. */
function leave(answer: object | undefined): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "spawned"), "");
  if (answer !== undefined) writeFileSync(join(folder, "answer.json"), JSON.stringify(answer));
}
