import { expect, test } from "vitest";

import { statusCheck } from "../../src/report/status-check.ts";
import { anAttempt, anExperiment, aRun, aState, at, queued, scored, trained } from "../support/builders.ts";

const experiment = anExperiment({ runs: [aRun("a"), aRun("b")] });

test("counts the jobs of each tool in the words of the documents", () => {
  const state = aState(experiment, {
    runs: { a: trained(anAttempt("1", 0, 1, 2)), b: queued("running", anAttempt("2", 0, 1)) },
    evaluations: { a_capitalization_epoch0: scored(anAttempt("3", 2, 3, 4), { accuracy: 1 }), a_capitalization_epoch1: queued("pending", anAttempt("4", 2)) },
  });
  const [training, evaluation] = statusCheck(state, at(5));
  expect(training).toMatchObject({ file: "run-torchtune", inFlight: 1, counts: "2 jobs found - 0 PENDING, 1 RUNNING, 1 COMPLETED" });
  expect(evaluation?.text).toBe("[2026-11-21 12:05:00] STATUS_CHECK: Polling SLURM\nResult: 2 jobs found - 1 PENDING, 0 RUNNING, 1 COMPLETED\n\n");
});

test("names other statuses only where there are some", () => {
  const failed = { state: "failed" as const, context: { attempts: [anAttempt("1", 0, 1, 2)], failure: { cause: "time limit" as const, message: "x" } } };
  expect(statusCheck(aState(experiment, { runs: { a: failed } }), at(5))[0]?.counts).toBe("1 job found - 0 PENDING, 0 RUNNING, 0 COMPLETED, 1 TIMEOUT");
});

test("has nothing in flight before the first submission", () => {
  expect(statusCheck(aState(experiment), at(5)).map(({ inFlight }) => inFlight)).toEqual([0, 0]);
});
