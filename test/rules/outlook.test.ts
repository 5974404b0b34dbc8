import { describe, expect, test } from "vitest";

import { beginEvaluation, beginExperiment, beginRun } from "../../machines/lives.ts";
import type { Experiment } from "../../src/domain/experiment.ts";
import type { Facts } from "../../src/domain/facts.ts";
import type { ExperimentState, RunLife } from "../../src/domain/state.ts";
import { whyQueueForbids } from "../../src/rules/other-jobs.ts";
import { outlook, outlookNow } from "../../src/rules/outlook.ts";
import { describeSubmitter } from "../../src/rules/submitters.ts";

const experiment: Experiment = {
  name: "exp", folder: "/e", optimizer: "torchtune", evaluator: "inspect-ai",
  runs: [{ name: "rank4", type: "fine-tuned", parameters: {} }], evaluations: [{ run: "rank4", task: "cap", epoch: 0 }],
};

function waitsBecause(reason: string | undefined): ExperimentState {
  const run: RunLife = { ...beginRun(), context: { attempts: [], ...(reason === undefined ? {} : { reason }) } };
  return {
    experiment: "exp", id: "exp-1", revision: 1, monitoringStarted: "2026-11-21T13:15:00+01:00", life: { ...beginExperiment(), state: "working" },
    runs: { rank4: run }, evaluations: { rank4_cap_epoch0: beginEvaluation() }, units: {},
  };
}

describe("an experiment whose run waits", () => {
  const attempt = { number: 1, key: "rank4-1-a", intendedAt: "2026-11-21T13:15:00+01:00" };
  const at = "2026-11-21T13:16:00+01:00";

  test("for a cluster that does not answer just now goes on by itself", () => {
    const reason = whyQueueForbids([], { scheduler: "slurm", queue: { kind: "unavailable", at, since: at, reason: "no answer" } } as unknown as Parameters<typeof whyQueueForbids>[1]);
    expect(outlook(waitsBecause(reason), experiment)).toBe("busy");
  });

  test("for the job of an earlier attempt goes on by itself", () => {
    const jobs = [{ id: "7", key: attempt.key, name: "rank4", state: "RUNNING" }];
    const reason = whyQueueForbids([attempt], { scheduler: "slurm", queue: { kind: "available", at, jobs, missing: [] } } as unknown as Parameters<typeof whyQueueForbids>[1]);
    expect(outlook(waitsBecause(reason), experiment)).toBe("busy");
  });

  test("for its script is stuck", () => {
    expect(outlook(waitsBecause("its script is missing: rank4/finetune.slurm"), experiment)).toBe("stuck");
  });
});

describe("an experiment in whose way something stands", () => {
  const quiet = { experiment, now: "2026-11-21T13:16:00+01:00", lateMs: 0, reading: {} } as unknown as Facts;
  const unknown = { ...quiet, obstacle: "job 7 (rank4-1-a) is in the queue, but eval_jobs.json does not know it: nightshift recover /e" };
  const running = { program: "submit_torchtune", pid: 4242, host: "login1" };

  test("that a person has to mend is stuck, also where it could submit something else", () => {
    for (const name of ["waiting", "ready", "submitting"] as const) expect([name, outlookNow(runIs(name), unknown)]).toEqual([name, "stuck"]);
    expect(outlookNow({ ...runIs("waiting"), life: { ...beginExperiment(), state: "settling" } }, unknown)).toBe("stuck");
  });

  test("is waited for as long as a job of its own is in the queue", () => {
    for (const name of ["pending", "running"] as const) expect([name, outlookNow(runIs(name), unknown)]).toEqual([name, "busy"]);
  });

  test("that ends by itself, another tool at work, is waited for", () => {
    const beside = { ...quiet, reading: { submitters: { running: [running], unfinished: [] } } } as unknown as Facts;
    const obstacle = describeSubmitter(beside.reading, beside.now, beside.lateMs) ?? "";
    expect(outlookNow(runIs("waiting"), { ...beside, obstacle })).toBe("busy");
  });

  function runIs(name: RunLife["state"]): ExperimentState {
    return { ...waitsBecause(undefined), runs: { rank4: { ...beginRun(), state: name } } };
  }
});
