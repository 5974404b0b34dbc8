import { beforeEach, describe, expect, test } from "vitest";

import { maxAttempts } from "../../machines/budgets.ts";
import { advanceRun, beginRun } from "../../machines/lives.ts";
import type { RunObservation } from "../../src/domain/observation.ts";
import type { Attempt, RunLife } from "../../src/domain/state.ts";
import { at } from "../support/builders.ts";
import { follow, type Walk } from "./follow.ts";
import { cancelAsked, changed, intended, missed, othersJob, pending, postponed, refused, retryAsked, retryDue, started, submitted, trainingEnded, unclear, withdrawn } from "./observations.ts";

let run: Walk<RunLife, RunObservation>;
beforeEach(() => { run = follow(beginRun(), advanceRun); });

describe("a run that goes well", () => {
  test("waits, is submitted, queues, runs and is trained", () => {
    expect(run.hears(waited("its script is missing: rank4/finetune.slurm"))).toBe("waiting");
    expect(run.context.reason).toBe("its script is missing: rank4/finetune.slurm");
    expect(run.hears(readied)).toBe("ready");
    expect(run.hears(intended("rank4-1-aaaaaaaa", 3))).toBe("submitting");
    expect(attempt()).toEqual({ number: 1, key: "rank4-1-aaaaaaaa", intendedAt: at(3), configHash: "5f1c9d2e6b7a8091", gitCommit: "be0b0fc" });
    expect(run.hears(submitted("101", 4))).toBe("pending");
    expect(run.context.reason).toBe("queued");
    expect(run.hears(pending("101", 5, "Priority"))).toBe("pending");
    expect(run.context.reason).toBe("queued: Priority");
    expect(run.hears(started("101", 6))).toBe("running");
    expect(run.context.reason).toBeUndefined();
    expect(run.hears(trainingEnded("101", "COMPLETED", 20, [0, 1], { exitCode: 0 }))).toBe("trained");
    expect(attempt()).toMatchObject({ jobId: "101", jobState: "COMPLETED", submittedAt: at(4), startedAt: at(6), endedAt: at(20), exitCode: 0, node: "della-l03g7" });
    expect(run.context.result).toEqual({ checkpoints: [0, 1], finalLoss: 0.2134, totalSteps: 250, checkpointFolder: "rank4/artifacts" });
  });

  test("is trained though no look ever found it running", () => {
    queue();
    expect(run.hears(trainingEnded("101", "COMPLETED", 20, [0, 1], { startedAt: at(5) }))).toBe("trained");
    expect(attempt()).toMatchObject({ startedAt: at(5), endedAt: at(20) });
  });

  test("keeps the first sighting as its start when the scheduler does not date it", () => {
    queue();
    run.hears(started("101", 6, false));
    run.hears(started("101", 7, false));
    expect(attempt().startedAt).toBe(at(6));
  });

  test("waits again when something comes up between being ready and being submitted", () => {
    run.hears(readied);
    expect(run.hears(waited("settling"))).toBe("waiting");
    expect(run.hears(readied)).toBe("ready");
  });

  test("is trained from the start when there is nothing to train", () => {
    expect(run.hears(found("a control is not trained"))).toBe("trained");
    expect(run.context).toMatchObject({ adopted: "a control is not trained", attempts: [] });
  });

  test("is shown as stale, and no more than that, when its configuration changes afterwards", () => {
    queue();
    run.hears(trainingEnded("101", "COMPLETED", 20, [0, 1]));
    expect(run.hears(changed)).toBe("trained");
    expect(run.context.stale).toBe(true);
    expect(run.hears(readied)).toBe("trained");
    expect(run.hears(intended("rank4-2-bbbbbbbb"))).toBe("trained");
  });
});

describe("a submission", () => {
  beforeEach(() => { run.hears(readied); run.hears(intended("rank4-1-aaaaaaaa")); });

  test.each([
    ["queued", pending("101", 9), "pending"],
    ["running", started("101", 9), "running"],
    ["over", trainingEnded("101", "COMPLETED", 9, [0, 1]), "trained"],
  ] as const)("whose answer was lost in a crash is found by its key, %s", (_where, observation, state) => {
    expect(run.hears(observation)).toBe(state);
    expect(attempt()).toMatchObject({ number: 1, jobId: "101" });
  });

  test("of which nobody knows stays what it is, and keeps the time of the first doubt", () => {
    expect(run.hears(unclear("sbatch did not answer within 60 s", 1))).toBe("submitting");
    expect(run.hears(unclear("the controller is still away", 2))).toBe("submitting");
    expect(attempt().unclear).toEqual({ since: at(1), reason: "the controller is still away" });
    expect(run.context.reason).toBe("not known whether it was submitted: the controller is still away (it is looked up until that is known; who knows that it never arrived says so with nightshift release)");
  });

  test("that turns out never to have arrived goes on as the same attempt, once it has been made again", () => {
    run.hears(unclear("sbatch did not answer within 60 s", 1));
    expect(run.hears(submitted("102", 9))).toBe("pending");
    expect(run.context.attempts).toHaveLength(1);
    expect(attempt()).not.toHaveProperty("unclear");
  });

  test("of which nobody knows begins anew, under another key, when a person is sure that it came to nothing", () => {
    run.hears(unclear("sbatch did not answer within 60 s", 1));
    expect(run.hears({ type: "run.released", at: at(5), by: "ada" })).toBe("ready");
    expect(attempt()).toMatchObject({ absentBy: "ada" });
    expect(attempt()).not.toHaveProperty("unclear");
    expect(run.hears(intended("rank4-2-bbbbbbbb", 6))).toBe("submitting");
    expect(run.context.attempts.map(({ number, key }) => [number, key])).toEqual([[1, expect.any(String)], [2, "rank4-2-bbbbbbbb"]]);
  });

  test("is taken back when a person cancels it in time, and otherwise its job is cancelled", () => {
    expect(run.hears(cancelAsked)).toBe("submitting");
    expect(attempt()).toMatchObject({ cancelledBy: "ada" });
    expect(run.hears(withdrawn)).toBe("cancelled");
    expect(run.context.failure).toEqual({ cause: "cancelled", message: "cancelled by ada before it was submitted" });
  });

  test("that turns out to have arrived is adopted", () => {
    run.hears(unclear("sbatch did not answer within 60 s", 1));
    expect(run.hears(pending("101", 7))).toBe("pending");
    expect(attempt()).toMatchObject({ jobId: "101", submittedAt: at(7) });
    expect(attempt()).not.toHaveProperty("unclear");
  });

  test("that a limit postpones waits where it is", () => {
    expect(run.hears(postponed)).toBe("submitting");
    expect(run.context.reason).toBe("the scheduler asks to wait: QOSMaxSubmitJobPerUserLimit");
    expect(run.hears(submitted("101", 60))).toBe("pending");
  });

  test("that is refused ends the run, in the scheduler's own words", () => {
    expect(run.hears(refused)).toBe("failed");
    expect(run.context.failure).toEqual({ cause: "submission refused", message: refused.reason });
    expect(run.hears(retryDue)).toBe("failed");
  });

  test("is not intended a second time", () => {
    expect(run.hears(intended("rank4-1-cccccccc"))).toBe("submitting");
    expect(attempt().key).toBe("rank4-1-aaaaaaaa");
  });
});

describe("a job whose machine fails", () => {
  beforeEach(() => queue());

  test("is tried again after a pause, as a new attempt", () => {
    run.hears(started("101", 2));
    expect(run.hears(trainingEnded("101", "NODE_FAIL", 10, [0]))).toBe("retrying");
    expect(run.context.reason).toBe("job 101 was lost (NODE_FAIL), another attempt follows");
    expect(run.context.failure).toBeUndefined();
    expect(run.hears(intended("too-soon"))).toBe("retrying");
    expect(run.hears(retryDue)).toBe("ready");
    expect(run.hears(intended("rank4-2-bbbbbbbb", 31))).toBe("submitting");
    expect(run.context.attempts.map(({ number, key }) => [number, key])).toEqual([[1, "rank4-1-aaaaaaaa"], [2, "rank4-2-bbbbbbbb"]]);
    expect(run.hears(submitted("102", 32))).toBe("pending");
    expect(run.hears(trainingEnded("102", "COMPLETED", 60, [0, 1]))).toBe("trained");
  });

  test.each(["NODE_FAIL", "BOOT_FAIL", "PREEMPTED"])("fails for good when the budget of attempts is spent on %s", (state) => {
    for (let number = 1; number < maxAttempts; number += 1) {
      expect(run.hears(trainingEnded(`10${number}`, state, 10 * number, []))).toBe("retrying");
      expect(run.hears(retryDue)).toBe("ready");
      expect(run.hears(intended(`rank4-${number + 1}`, 10 * number + 2))).toBe("submitting");
      expect(run.hears(submitted(`10${number + 1}`, 10 * number + 3))).toBe("pending");
    }
    expect(run.hears(trainingEnded("103", state, 50, []))).toBe("failed");
    expect(run.context.failure).toEqual({ cause: "node failure", message: `job 103: ${state}` });
    expect(run.context.attempts).toHaveLength(maxAttempts);
    expect(run.hears(retryDue)).toBe("failed");
  });

  test("goes back to pending under the same id when its scheduler requeues it, its first start forgotten", () => {
    run.hears(started("101", 2));
    expect(run.hears(pending("101", 10, "BeginTime"))).toBe("pending");
    expect(attempt()).not.toHaveProperty("startedAt");
    expect(run.hears(started("101", 12))).toBe("running");
    expect(attempt()).toMatchObject({ number: 1, jobId: "101", startedAt: at(12) });
  });

  test("is no new attempt when the requeue follows seconds after it was reported lost", () => {
    run.hears(trainingEnded("101", "NODE_FAIL", 10, []));
    expect(run.hears(pending("101", 11, "BeginTime"))).toBe("pending");
    expect(attempt()).not.toHaveProperty("endedAt");
    expect(run.hears(retryDue)).toBe("pending");
    expect(run.hears(trainingEnded("101", "COMPLETED", 40, [0, 1]))).toBe("trained");
    expect(run.context.attempts).toHaveLength(1);
  });

  test("is lost once, however often that is heard", () => {
    run.hears(trainingEnded("101", "NODE_FAIL", 10, []));
    const { context } = run;
    expect(run.hears(trainingEnded("101", "NODE_FAIL", 10, [], { heardAt: 11 }))).toBe("retrying");
    expect(run.context).toBe(context);
  });

  test("is not tried again when a person holds the run during the pause", () => {
    run.hears(trainingEnded("101", "NODE_FAIL", 10, []));
    expect(run.hears(stopped)).toBe("held");
    expect(run.hears(retryDue)).toBe("held");
    expect(run.hears(released)).toBe("waiting");
    expect(run.hears(readied)).toBe("ready");
    run.hears(intended("rank4-2-bbbbbbbb"));
    expect(attempt().number).toBe(2);
  });
});

describe("a verdict needs two witnesses", () => {
  beforeEach(() => { queue(); run.hears(started("101", 2)); });

  test("a job that ended well is waited for until its checkpoint is visible", () => {
    expect(run.hears(trainingEnded("101", "COMPLETED", 20, [], { heardAt: 20.5 }))).toBe("running");
    expect(run.context.reason).toBe("the job is over, its checkpoint is not visible yet");
    expect(run.hears(trainingEnded("101", "COMPLETED", 20, [0, 1], { heardAt: 20.9 }))).toBe("trained");
    expect(run.context.reason).toBeUndefined();
  });

  test("a job that ended well and saved no checkpoint has failed, until one appears after all", () => {
    expect(run.hears(trainingEnded("101", "COMPLETED", 20, [], { heardAt: 21 }))).toBe("failed");
    expect(run.context.failure).toEqual({ cause: "no checkpoint", message: "job 101 ended well but saved no checkpoint" });
    expect(run.hears(found("its checkpoint became visible after the job's end"))).toBe("trained");
    expect(run.context.failure).toBeUndefined();
  });

  test.each([
    ["TIMEOUT", undefined, "time limit", "job 101: TIMEOUT"],
    ["DEADLINE", undefined, "time limit", "job 101: DEADLINE"],
    ["OUT_OF_MEMORY", 137, "out of memory", "job 101: OUT_OF_MEMORY, exit code 137"],
    ["FAILED", 1, "error", "job 101: FAILED, exit code 1"],
  ] as const)("a job that ended %s has failed, with checkpoints or without", (state, exitCode, cause, message) => {
    expect(run.hears(trainingEnded("101", state, 20, [0], exitCode === undefined ? {} : { exitCode }))).toBe("failed");
    expect(run.context.failure).toEqual({ cause, message });
    expect(run.context.result?.checkpoints).toEqual([0]);
    expect(run.hears(found("checkpoints of epoch 0"))).toBe("failed");
  });

  test("what the training's own output says of its failure comes before the scheduler's word", () => {
    const failure = { cause: "GPU out of memory", message: "torch.OutOfMemoryError: CUDA out of memory", file: "rank4/artifacts/slurm-101.out" } as const;
    expect(run.hears(trainingEnded("101", "FAILED", 20, [], { exitCode: 1, failure }))).toBe("failed");
    expect(run.context.failure).toEqual(failure);
  });

  test("a cancelled job cancels its run, whatever it had saved", () => {
    expect(run.hears(trainingEnded("101", "CANCELLED", 20, [0]))).toBe("cancelled");
    expect(run.context.failure).toEqual({ cause: "cancelled", message: "job 101: CANCELLED" });
    expect(run.hears(found("checkpoints of epoch 0"))).toBe("cancelled");
    expect(run.hears(changed)).toBe("cancelled");
    expect(run.context.stale).toBe(true);
  });

  test("a job that cannot be found any more has not ended, and is no worse off when it comes back", () => {
    expect(run.hears(missed)).toBe("running");
    expect(run.context.reason).toBe("its job is not in the queue any more, and nobody says how it ended: accounting is off");
    expect(attempt()).toMatchObject({ missing: { since: at(6), reason: "accounting is off" } });
    expect(run.hears(started("101", 8))).toBe("running");
    expect(attempt()).not.toHaveProperty("missing");
  });

  test("a job whose end nobody ever told is lost, unless its checkpoints say more", () => {
    run.hears(missed);
    expect(run.hears(trainingEnded("101", "UNKNOWN", 6, [0], { reason: "accounting is off", heardAt: 20 }))).toBe("failed");
    expect(run.context.failure).toEqual({ cause: "lost", message: "job 101 is not in the queue any more, and nobody says how it ended: accounting is off" });
  });

  test("a job that a person cancels ends when the scheduler says so, and says meanwhile who wanted it", () => {
    expect(run.hears(cancelAsked)).toBe("running");
    expect(run.hears(started("101", 8))).toBe("running");
    expect(run.context.reason).toBe("is being cancelled for ada");
    expect(run.hears(trainingEnded("101", "CANCELLED", 9, [0]))).toBe("cancelled");
  });
});

describe("a person's word", () => {
  test.each(["failed", "cancelled", "trained"])("has a run that %s done again, as a new attempt of which it is known who asked", (state) => {
    const ends: Record<string, [string, number[]]> = { failed: ["FAILED", []], cancelled: ["CANCELLED", []], trained: ["COMPLETED", [0, 1]] };
    const [jobState, checkpoints] = ends[state] ?? ["", []];
    run.hears(readied);
    run.hears(intended("rank4-1-aaaaaaaa", 0));
    run.hears(submitted("101", 0));
    expect(run.hears(trainingEnded("101", jobState, 5, checkpoints))).toBe(state);
    expect(run.hears(retryAsked)).toBe("waiting");
    expect(run.context).toMatchObject({ released: true, retry: { by: "ada", at: at(70) }, reason: "to be done again for ada" });
    expect(run.context).not.toHaveProperty("result");
    run.hears(readied);
    run.hears(intended("rank4-2-bbbbbbbb", 71));
    expect(attempt()).toMatchObject({ number: 2, askedBy: "ada" });
    expect(run.context).not.toHaveProperty("retry");
  });

  test("takes a run out before it was submitted", () => {
    expect(run.hears(cancelAsked)).toBe("cancelled");
  });

  test("is not needed to follow the job that somebody else submitted from the run's script", () => {
    expect(run.hears(othersJob)).toBe("pending");
    expect(attempt()).toMatchObject({ number: 1, key: "job-77", jobId: "77", adoptedFrom: othersJob.how });
    expect(run.hears(started("77", 8))).toBe("running");
  });

  test("holds a run before it is submitted, and lets it go on", () => {
    run.hears(readied);
    expect(run.hears(stopped)).toBe("held");
    expect(run.context.reason).toBe("held by ada");
    expect(run.hears(readied)).toBe("held");
    expect(run.hears(released)).toBe("waiting");
    expect(run.context.reason).toBe("released by ada");
  });

  test("is needed before earlier work is trained over, and asked for once", () => {
    expect(run.hears(workFound)).toBe("held");
    expect(run.context.reason).toBe("earlier work stands there (checkpoints of epoch 0)");
    expect(run.hears(released)).toBe("waiting");
    expect(run.hears(workFound)).toBe("waiting");
    expect(run.hears(readied)).toBe("ready");
  });

  test("lets a job that is in flight go on", () => {
    queue();
    expect(run.hears(stopped)).toBe("pending");
    run.hears(started("101", 2));
    expect(run.hears(stopped)).toBe("running");
  });
});

const readied = { type: "run.readied", at: at(1) } as const;
const stopped = { type: "run.stopped", at: at(1), by: "ada" } as const;
const released = { type: "run.released", at: at(2), by: "ada" } as const;
const workFound = { type: "work.found", at: at(1), reason: "earlier work stands there (checkpoints of epoch 0)" } as const;

function waited(reason: string): RunObservation {
  return { type: "run.waited", at: at(0), reason };
}

function found(how: string): RunObservation {
  return { type: "training.found", at: at(60), result: { checkpoints: [0, 1] }, how };
}

function queue(): void {
  run.hears(readied);
  run.hears(intended("rank4-1-aaaaaaaa"));
  run.hears(submitted("101"));
}

function attempt(): Attempt {
  const last = run.context.attempts.at(-1);
  expect(last).toBeDefined();
  return last as Attempt;
}
