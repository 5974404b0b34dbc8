import { expect, test } from "vitest";

import { newestFact } from "../../src/report/newest-fact.ts";
import { anAttempt, anExperiment, aRun, aScore, aState, at, scored } from "../support/builders.ts";

const experiment = anExperiment({ runs: [aRun("r")], epochs: 1 });
const withScore = (completedAt: string): string =>
  newestFact(aState(experiment, { evaluations: { r_capitalization_epoch0: scored(anAttempt("1", 1, 2, 3), { accuracy: 1, completedAt }) } }));

test("arming is a fact", () => expect(newestFact(aState(experiment, { monitoringStarted: at(5) }))).toBe(at(0.5)));
test("when nightshift first looked is none, unless there is no other", () => {
  const held = { state: "held", context: {} } as const;
  expect(newestFact(aState(experiment, { life: held, monitoringStarted: at(5) }))).toBe(at(5));
  const adopted = { state: "scored", context: { attempts: [], result: aScore({ completedAt: at(-90) }) } } as const;
  expect(newestFact(aState(experiment, { life: held, monitoringStarted: at(5), evaluations: { r_capitalization_epoch0: adopted } }))).toBe(at(-90));
});
test("a job's end is a fact", () => expect(withScore(at(1))).toBe(at(3)));
test("a log's completion is one too, told in nightshift's own offset", () => expect(withScore("2026-11-21T17:04:00+00:00")).toBe("2026-11-21T12:04:00.000-05:00"));
test("a log that says it in UTC is not newer for that", () => expect(withScore("2026-11-21T17:02:59Z")).toBe(at(3)));
