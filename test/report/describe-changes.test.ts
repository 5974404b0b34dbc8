import { describe, expect, test } from "vitest";

import type { Happening } from "../../src/domain/happening.ts";
import type { EvaluationLife, ExperimentState, RunLife } from "../../src/domain/state.ts";
import { describeChanges } from "../../src/report/describe-changes.ts";
import { renderHappening } from "../../src/report/happenings.ts";
import {
  aControl, anAttempt, anExperiment, aRun, aScore, aState, at, blocked, control, evaluationFailed, queued, scored, skipped, trained, trainingFailed, waiting,
} from "../support/builders.ts";

const experiment = anExperiment({ name: "cap", runs: [aRun("r4"), aRun("r8"), aControl("base")], epochs: 1 });

interface Lives {
  readonly r4?: RunLife;
  readonly r8?: RunLife;
  readonly e4?: EvaluationLife;
  readonly e8?: EvaluationLife;
  readonly life?: ExperimentState["life"];
}

function state({ r4 = waiting(), r8 = waiting(), e4 = blocked(), e8 = blocked(), life }: Lives): ExperimentState {
  return aState(experiment, { runs: { r4, r8, base: control() }, evaluations: { r4_capitalization_epoch0: e4, r8_capitalization_epoch0: e8 }, ...(life === undefined ? {} : { life }) });
}

function told(before: Lives | undefined, after: Lives): string[] {
  return describeChanges(before === undefined ? undefined : state(before), state(after), experiment, at(60)).map(renderHappening);
}

const attempt = anAttempt("101", 1);
const running = queued("running", anAttempt("101", 1, 2));
const done = trained(anAttempt("101", 1, 2, 10.25), { finalLoss: 0.198 });
const refused: RunLife = { state: "failed", context: { attempts: [{ number: 1, key: "k", intendedAt: at(1) }], failure: { cause: "submission refused", message: "invalid partition" } } };
const unclear: RunLife = { state: "submitting", context: { attempts: [{ number: 1, key: "k", intendedAt: at(1), unclear: { since: at(1), reason: "timed out" } }], reason: "not known whether it was submitted: timed out" } };
const submitting: RunLife = { state: "submitting", context: { attempts: [{ number: 1, key: "k", intendedAt: at(1) }], reason: "handed to the scheduler's lane" } };
const lost: RunLife = { state: "retrying", context: { attempts: [anAttempt("101", 1, 2, 3, { jobState: "NODE_FAIL" })], reason: "job 101 was lost (NODE_FAIL), another attempt follows" } };
const again: RunLife = { state: "pending", context: { attempts: [anAttempt("101", 1, 2, 3), anAttempt("102", 5, undefined, undefined, { number: 2 })] } };

describe("what happens to a run", () => {
  test.each<[string, RunLife, RunLife, string[]]>([
    ["is not told while it only gets ready", waiting(), { state: "ready", context: { attempts: [] } }, []],
    ["is not told when it waits for something else", waiting("a"), waiting("b"), []],
    ["is its submission", { ...submitting }, queued("pending", attempt), ["cap: r4: submitted as job 101"]],
    ["is its submission and start, when a poll missed the queue", { ...submitting }, running, ["cap: r4: submitted as job 101", "cap: r4: PENDING -> RUNNING, job 101"]],
    ["is its start", queued("pending", attempt), running, ["cap: r4: PENDING -> RUNNING, job 101"]],
    ["is its end", running, done, ["cap: r4: RUNNING -> COMPLETED after 8m 15s, final loss 0.198"]],
    ["is its failure, with the reason", running, trainingFailed(anAttempt("101", 1, 2, 4), { cause: "time limit", message: "job 101: TIMEOUT" }), ["cap: r4: RUNNING -> TIMEOUT after 2m, time limit: job 101: TIMEOUT"]],
    ["is a refusal", { ...submitting }, refused, ["cap: r4: submission refused: invalid partition"]],
    ["is a doubt", { ...submitting }, unclear, ["cap: r4: SUBMITTING -> AMBIGUOUS, not known whether it was submitted: timed out"]],
    ["is a doubt that is gone", unclear, { ...submitting }, ["cap: r4: AMBIGUOUS -> SUBMITTING, handed to the scheduler's lane"]],
    ["is a lost machine", running, lost, ["cap: r4: RUNNING -> RETRYING after 1m, job 101 was lost (NODE_FAIL), another attempt follows"]],
    ["is another attempt", lost, again, ["cap: r4: submitted as job 102 (attempt 2)"]],
    ["is a requeue", running, queued("pending", anAttempt("101", 1, 2)), ["cap: r4: RUNNING -> PENDING, job 101"]],
    ["is a hold", waiting(), { state: "held", context: { attempts: [], reason: "held by ada" } }, ["cap: r4: WAITING -> HELD, held by ada"]],
    ["is a changed configuration", done, { ...done, context: { ...done.context, stale: true } }, ["cap: r4: its script or configuration changed, so that its result is stale"]],
    ["is nothing when nothing did", done, done, []],
  ])("%s", (_what, before, after, lines) => {
    const rest = { r8: running, e4: blocked(), e8: blocked() };
    expect(told({ r4: before, ...rest }, { r4: after, ...rest }).filter((line) => !line.startsWith("cap: torchtune:"))).toEqual(lines);
  });
});

describe("what happens to an evaluation", () => {
  const score = scored(anAttempt("104", 11, 12, 16.87), { accuracy: 0.85 });
  test.each<[string, EvaluationLife, EvaluationLife, string[]]>([
    ["is its score", queued("running", anAttempt("104", 11, 12)), score, ["cap: r4/capitalization/epoch0: RUNNING -> COMPLETED after 4m 52s, accuracy 0.85"]],
    ["is that it is skipped", blocked(), skipped("the training of r4 failed"), ["cap: r4/capitalization/epoch0: WAITING -> SKIPPED, the training of r4 failed"]],
    ["is another reading of its log", score, { ...score, context: { ...score.context, result: aScore({ accuracy: 0.9 }) } }, ["cap: r4/capitalization/epoch0: read again, accuracy 0.90"]],
    ["is a result that stood there", blocked(), { state: "scored", context: { attempts: [], adopted: "evaluated before: x.eval", result: aScore({ accuracy: 0.9 }) } }, ["cap: r4/capitalization/epoch0: WAITING -> COMPLETED, accuracy 0.90; evaluated before: x.eval"]],
    ["is a checkpoint that is not there", blocked(), evaluationFailed(anAttempt("1", 1), { cause: "no checkpoint", message: "its checkpoint is missing: r4/artifacts/epoch_0" }), [
      "cap: r4/capitalization/epoch0: submitted as job 1", "cap: r4/capitalization/epoch0: PENDING -> FAILED, its checkpoint is missing: r4/artifacts/epoch_0",
    ]],
  ])("%s", (_what, before, after, lines) => {
    const rest = { r4: done, r8: running, e8: blocked() };
    expect(told({ e4: before, ...rest }, { e4: after, ...rest }).filter((line) => !line.startsWith("cap: inspect-ai:"))).toEqual(lines);
  });
});

describe("what happens to an experiment", () => {
  const held: ExperimentState["life"] = { state: "held", context: { reason: "not armed by a person yet" } };
  const settling = (reason: string): ExperimentState["life"] => ({ state: "settling", context: { reason, armedBy: "ada on login1", armedAt: at(1) } });
  const working: ExperimentState["life"] = { state: "working", context: { armedBy: "ada on login1", armedAt: at(1), startedAt: at(2) } };
  test.each<[string, ExperimentState["life"] | undefined, ExperimentState["life"], string[]]>([
    ["is that it was found", undefined, held, ["cap: found", "cap: held: not armed by a person yet"]],
    ["is that it was dropped", undefined, settling("waits for scaffolding: no training script for r8"), ["cap: found", "cap: armed: ada on login1", "cap: waits for scaffolding: no training script for r8"]],
    ["is its release", held, settling("armed: ada on login1"), ["cap: released: ada on login1"]],
    ["is what it waits for now", settling("a"), settling("b"), ["cap: b"]],
    ["is its beginning", settling("a"), working, ["cap: everything is there, work begins"]],
    ["is all of it, when one pass went that far", undefined, working, ["cap: found", "cap: armed: ada on login1", "cap: everything is there, work begins"]],
    ["is a hold", working, { ...working, state: "held", context: { ...working.context, reason: "held by ada" } }, ["cap: held: held by ada"]],
    ["is its reopening", { ...working, state: "finished" }, working, ["cap: goes on: new work appeared", "cap: everything is there, work begins"]],
    ["is its end", working, { ...working, state: "finished", context: { ...working.context, finishedAt: at(9) } }, ["cap: finished: 0/2 trainings and 0/3 evaluations completed"]],
  ])("%s", (_what, before, after, lines) => {
    expect(told(before === undefined ? undefined : { life: before }, { life: after })).toEqual(lines);
  });
});

test("tools are told when they begin, have submitted everything, and are done", () => {
  const kinds = (happenings: readonly Happening[]): string[] => happenings.flatMap((one) => (one.kind === "module" ? [`${one.subject} ${one.what}`] : []));
  const steps: Lives[] = [
    {}, { r4: submitting }, { r4: queued("pending", attempt), r8: submitting }, { r4: done, r8: queued("pending", anAttempt("102", 1)) },
    { r4: done, r8: trainingFailed(anAttempt("102", 1, 2, 3), { cause: "error", message: "x" }), e8: skipped("x") },
  ];
  expect(steps.slice(1).map((step, index) => kinds(describeChanges(state(steps[index] ?? {}), state(step), experiment, at(60))))).toEqual([
    ["torchtune begun"], [], ["torchtune all submitted"], ["torchtune complete"],
  ]);
});

test("the order is always the same: experiment, trainings, evaluations, end", () => {
  const lines = told({ life: { state: "settling", context: {} } }, { r4: done, r8: done, e4: queued("pending", anAttempt("104", 1)), life: { state: "working", context: {} } });
  expect(lines.map((line) => line.split(": ")[1])).toEqual([
    "everything is there, work begins", "torchtune", "r4", "r4", "r8", "r8", "torchtune", "torchtune", "inspect-ai", "r4/capitalization/epoch0",
  ]);
});

test("names and reasons of others lose their escape codes, line breaks and secrets", () => {
  const nasty = trainingFailed(anAttempt("101", 1, 2, 3), { cause: "error", message: "\u001b[31mboom\u001b[0m\nHF_TOKEN=hf_abcdefghijklmnopqrstuv" });
  expect(told({ r4: running }, { r4: nasty })).toContain("cap: r4: RUNNING -> FAILED after 1m, boom\\nHF_TOKEN=***");
});

test("a line of the terminal is one line, whatever a run is called", () => {
  const happening: Happening = { kind: "run", at: at(1), experiment: "cap\u001b[2J", subject: "r\n4", unit: "r\n4", what: "submitted", from: "SUBMITTING", to: "PENDING", jobId: "7" };
  expect(renderHappening(happening)).toBe("cap: r\\n4: submitted as job 7");
});
