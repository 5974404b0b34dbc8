import { beforeEach, describe, expect, test } from "vitest";

import { maxAttempts } from "../../machines/budgets.ts";
import { advanceEvaluation, beginEvaluation } from "../../machines/lives.ts";
import type { EvaluationObservation } from "../../src/domain/observation.ts";
import type { Attempt, EvaluationLife } from "../../src/domain/state.ts";
import { at } from "../support/builders.ts";
import { follow, type Walk } from "./follow.ts";
import { aLog, cancelAsked, changed, evaluationEnded, intended, logFound, missed, othersJob, pending, postponed, refused, retryAsked, retryDue, started, submitted, unclear, withdrawn } from "./observations.ts";

let evaluation: Walk<EvaluationLife, EvaluationObservation>;
beforeEach(() => { evaluation = follow(beginEvaluation(), advanceEvaluation); });

describe("an evaluation that goes well", () => {
  test("waits for its training, is submitted, queues, runs and is scored", () => {
    expect(evaluation.hears(waited("waits for the training of rank4"))).toBe("blocked");
    expect(evaluation.context.reason).toBe("waits for the training of rank4");
    expect(evaluation.hears(readied)).toBe("ready");
    expect(evaluation.hears(intended("rank4-cap-epoch0-1-aaaaaaaa", 3))).toBe("submitting");
    expect(evaluation.hears(submitted("201", 4))).toBe("pending");
    expect(evaluation.hears(pending("201", 5, "Resources"))).toBe("pending");
    expect(evaluation.hears(started("201", 6))).toBe("running");
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.82)))).toBe("scored");
    expect(evaluation.context.result).toEqual(aLog("success", 0.82));
    expect(evaluation.context.reason).toBeUndefined();
    expect(attempt()).toMatchObject({ number: 1, jobId: "201", jobState: "COMPLETED", startedAt: at(6), endedAt: at(9) });
  });

  test("is scored though no look ever found it running", () => {
    queue();
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.82), { startedAt: at(5) }))).toBe("scored");
    expect(attempt()).toMatchObject({ startedAt: at(5), endedAt: at(9) });
  });

  test("is taken over when its log stands there already", () => {
    expect(evaluation.hears(logFound(aLog("success", 0.5), "evaluated before: eval/logs/a.eval"))).toBe("scored");
    expect(evaluation.context).toMatchObject({ adopted: "evaluated before: eval/logs/a.eval", attempts: [] });
  });

  test("follows its log when that is written anew, and only if the new one is complete", () => {
    queue();
    evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.82)));
    expect(evaluation.hears(logFound(aLog("started"), "read again"))).toBe("scored");
    expect(evaluation.context.result?.accuracy).toBe(0.82);
    expect(evaluation.hears(logFound(aLog("success", 0.84), "read again"))).toBe("scored");
    expect(evaluation.context.result?.accuracy).toBe(0.84);
  });

  test("is shown as stale, and no more than that, when its configuration changes afterwards", () => {
    queue();
    evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.82)));
    expect(evaluation.hears(changed)).toBe("scored");
    expect(evaluation.context.stale).toBe(true);
    expect(evaluation.hears(intended("again"))).toBe("scored");
  });
});

describe("what comes before an evaluation", () => {
  test("a training that failed skips it, and one that goes on after all brings it back", () => {
    expect(evaluation.hears(trainingFailed)).toBe("skipped");
    expect(evaluation.context.reason).toBe("the training of rank4 failed (time limit)");
    expect(evaluation.hears(readied)).toBe("skipped");
    expect(evaluation.hears(trainingResumed)).toBe("blocked");
    expect(evaluation.context.reason).toBe("its training goes on");
    expect(evaluation.hears(readied)).toBe("ready");
  });

  test("a log that appears beside a skipped evaluation counts when it is complete", () => {
    evaluation.hears(trainingFailed);
    expect(evaluation.hears(logFound(aLog("error"), "evaluated by hand"))).toBe("skipped");
    expect(evaluation.hears(logFound(aLog("success", 0.4), "evaluated by hand"))).toBe("scored");
  });

  test.each(["blocked", "ready"])("a checkpoint that is missing fails it while it is %s", (state) => {
    if (state === "ready") evaluation.hears(readied);
    expect(evaluation.hears(checkpointMissed)).toBe("failed");
    expect(evaluation.context.failure).toEqual(checkpointMissed.failure);
    expect(evaluation.context.attempts).toEqual([]);
  });

  test("a gate that shuts again sends it back", () => {
    evaluation.hears(readied);
    expect(evaluation.hears(waited("the experiment is held"))).toBe("blocked");
  });

  test("a log of an earlier evaluation that went wrong is its result, with the reason", () => {
    const failure = { cause: "evaluation error", message: "ValueError: bad tokens" } as const;
    expect(evaluation.hears(logFound(aLog("error"), "evaluated before", failure))).toBe("failed");
    expect(evaluation.context).toMatchObject({ failure, result: { logStatus: "error" } });
  });
});

describe("a submission", () => {
  beforeEach(() => { evaluation.hears(readied); evaluation.hears(intended("rank4-cap-epoch0-1-aaaaaaaa")); });

  test.each([
    ["queued", pending("201", 9), "pending"],
    ["running", started("201", 9), "running"],
    ["over", evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.8)), "scored"],
  ] as const)("whose answer was lost in a crash is found by its key, %s", (_where, observation, state) => {
    expect(evaluation.hears(observation)).toBe(state);
    expect(attempt()).toMatchObject({ number: 1, jobId: "201" });
  });

  test("of which nobody knows is in doubt until it is found, or was made again", () => {
    expect(evaluation.hears(unclear("sbatch did not answer within 60 s", 1))).toBe("submitting");
    expect(attempt().unclear).toEqual({ since: at(1), reason: "sbatch did not answer within 60 s" });
    expect(evaluation.hears(submitted("201", 9))).toBe("pending");
    expect(attempt()).not.toHaveProperty("unclear");
  });

  test("is not made where somebody else's job from the same script is in the queue: that is followed", () => {
    const other = follow(beginEvaluation(), advanceEvaluation);
    expect(other.hears(othersJob)).toBe("pending");
    expect(other.context.attempts).toMatchObject([{ number: 1, key: "job-77", jobId: "77", adoptedFrom: othersJob.how }]);
  });

  test("of which nobody knows begins anew, under another key, when a person is sure that it came to nothing", () => {
    evaluation.hears(unclear("sbatch did not answer within 60 s", 1));
    expect(evaluation.hears({ type: "evaluation.released", at: at(5), by: "ada" })).toBe("ready");
    expect(attempt()).toMatchObject({ absentBy: "ada" });
  });

  test("is taken back when a person cancels it in time", () => {
    expect(evaluation.hears(cancelAsked)).toBe("submitting");
    expect(evaluation.hears(withdrawn)).toBe("cancelled");
    expect(evaluation.hears(retryAsked)).toBe("blocked");
    expect(evaluation.context).toMatchObject({ retry: { by: "ada", at: at(70) } });
  });

  test("that a limit postpones waits where it is", () => {
    expect(evaluation.hears(postponed)).toBe("submitting");
    expect(evaluation.context.reason).toBe("the scheduler asks to wait: QOSMaxSubmitJobPerUserLimit");
  });

  test("that is refused ends it, in the scheduler's own words", () => {
    expect(evaluation.hears(refused)).toBe("failed");
    expect(evaluation.context.failure).toEqual({ cause: "submission refused", message: refused.reason });
  });
});

describe("a verdict needs two witnesses", () => {
  beforeEach(() => { queue(); evaluation.hears(started("201", 6)); });

  test("a job that FAILED beside a perfect log is scored, and says so", () => {
    expect(evaluation.hears(evaluationEnded("201", "FAILED", 9, aLog("success", 0.9), { exitCode: 143 }))).toBe("scored");
    expect(evaluation.context.reason).toBe("the log is complete although job 201 ended FAILED");
    expect(evaluation.context.failure).toBeUndefined();
  });

  test("a job that COMPLETED beside a log with an error has failed", () => {
    const failure = { cause: "evaluation error", message: "ValueError: bad tokens" } as const;
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("error"), { exitCode: 0, failure }))).toBe("failed");
    expect(evaluation.context.failure).toEqual(failure);
  });

  test("a job that COMPLETED is waited for until its log is visible and finished", () => {
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, undefined, { heardAt: 9.2 }))).toBe("running");
    expect(evaluation.context.reason).toBe("the job is over, its log is not visible yet");
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("started"), { heardAt: 9.5 }))).toBe("running");
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, aLog("success", 0.7), { heardAt: 9.9 }))).toBe("scored");
  });

  test("a job that COMPLETED and left no log has failed, until one appears after all", () => {
    const failure = { cause: "no evaluation log", message: "job 201 ended COMPLETED and left no evaluation log" } as const;
    expect(evaluation.hears(evaluationEnded("201", "COMPLETED", 9, undefined, { heardAt: 10, failure }))).toBe("failed");
    expect(evaluation.context.failure).toEqual(failure);
    expect(evaluation.hears(logFound(aLog("started"), "read again"))).toBe("failed");
    expect(evaluation.hears(logFound(aLog("success", 0.7), "read again"))).toBe("scored");
    expect(evaluation.context.failure).toBeUndefined();
    expect(evaluation.context.reason).toBe("read again");
  });

  test.each([
    ["TIMEOUT", "time limit"],
    ["OUT_OF_MEMORY", "out of memory"],
    ["FAILED", "error"],
  ] as const)("a job that ended %s without a word in any log has failed for that", (state, cause) => {
    expect(evaluation.hears(evaluationEnded("201", state, 9))).toBe("failed");
    expect(evaluation.context.failure).toEqual({ cause, message: `job 201: ${state}` });
  });

  test.each([
    ["the job was", "CANCELLED", aLog("started")],
    ["the log says that the evaluation was", "COMPLETED", aLog("cancelled")],
  ] as const)("is cancelled when %s", (_who, state, log) => {
    expect(evaluation.hears(evaluationEnded("201", state, 9, log))).toBe("cancelled");
    expect(evaluation.hears(changed)).toBe("cancelled");
    expect(evaluation.hears(logFound(aLog("success", 0.6), "read again"))).toBe("scored");
  });

  test("a job that cannot be found any more has not ended", () => {
    expect(evaluation.hears(missed)).toBe("running");
    expect(attempt()).toMatchObject({ missing: { since: at(6), reason: "accounting is off" } });
  });

  test("a job that was lost without a word is a result all the same where its log is whole", () => {
    evaluation.hears(missed);
    expect(evaluation.hears(evaluationEnded("201", "UNKNOWN", 6, aLog("success", 0.8), { heardAt: 20 }))).toBe("scored");
  });

  test("its training's later failure does not take its checkpoint back", () => {
    expect(evaluation.hears(trainingFailed)).toBe("running");
  });
});

describe("a job whose machine fails", () => {
  beforeEach(() => queue());

  test("is tried again until the budget of attempts is spent", () => {
    for (let number = 1; number < maxAttempts; number += 1) {
      expect(evaluation.hears(evaluationEnded(`20${number}`, "NODE_FAIL", 10 * number))).toBe("retrying");
      expect(evaluation.hears(retryDue)).toBe("ready");
      expect(evaluation.hears(intended(`attempt-${number + 1}`, 10 * number + 2))).toBe("submitting");
      expect(evaluation.hears(submitted(`20${number + 1}`, 10 * number + 3))).toBe("pending");
    }
    expect(evaluation.hears(evaluationEnded("203", "NODE_FAIL", 50))).toBe("failed");
    expect(evaluation.context.failure?.cause).toBe("node failure");
    expect(evaluation.context.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test("is scored at once when its log was complete before that", () => {
    expect(evaluation.hears(evaluationEnded("201", "NODE_FAIL", 10, aLog("success", 0.8)))).toBe("scored");
  });

  test.each([
    ["as the job's end is heard again", evaluationEnded("201", "NODE_FAIL", 10, aLog("success", 0.8), { heardAt: 11 })],
    ["as a log that stands there", logFound(aLog("success", 0.8), "read again")],
  ] as const)("is not tried again when its complete log becomes visible during the pause, %s", (_how, observation) => {
    evaluation.hears(evaluationEnded("201", "NODE_FAIL", 10));
    expect(evaluation.hears(observation)).toBe("scored");
    expect(evaluation.context.result?.accuracy).toBe(0.8);
  });

  test("goes back to pending under the same id when its scheduler requeues it", () => {
    evaluation.hears(started("201", 2));
    expect(evaluation.hears(pending("201", 10, "BeginTime"))).toBe("pending");
    expect(attempt()).not.toHaveProperty("startedAt");
    expect(evaluation.hears(started("201", 12))).toBe("running");
    expect(attempt().startedAt).toBe(at(12));
  });

  test.each([
    ["queued", pending("201", 11), "pending"],
    ["running", started("201", 11), "running"],
  ] as const)("is no new attempt when it is %s again seconds after it was reported lost", (_how, observation, state) => {
    evaluation.hears(evaluationEnded("201", "PREEMPTED", 10));
    expect(evaluation.hears(observation)).toBe(state);
    expect(attempt()).not.toHaveProperty("endedAt");
    expect(evaluation.context.attempts).toHaveLength(1);
  });
});

const readied = { type: "evaluation.readied", at: at(1) } as const;
const trainingFailed = { type: "training.failed", at: at(1), reason: "the training of rank4 failed (time limit)" } as const;
const trainingResumed = { type: "training.resumed", at: at(2) } as const;
const checkpointMissed = { type: "checkpoint.missed", at: at(1), failure: { cause: "no checkpoint", message: "its checkpoint is missing: rank4/artifacts/epoch_0" } } as const;

function waited(reason: string): EvaluationObservation {
  return { type: "evaluation.waited", at: at(0), reason };
}

function queue(): void {
  evaluation.hears(readied);
  evaluation.hears(intended("rank4-cap-epoch0-1-aaaaaaaa"));
  evaluation.hears(submitted("201"));
}

function attempt(): Attempt {
  const last = evaluation.context.attempts.at(-1);
  expect(last).toBeDefined();
  return last as Attempt;
}
