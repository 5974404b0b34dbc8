import { describe, expect, test } from "vitest";

import { advanceEvaluation, advanceRun, beginEvaluation, beginRun } from "../../machines/lives.ts";
import type { JobRecord, JobSeen } from "../../src/domain/job.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import { buildKey, evaluationKeyParts, keyReader, trainingKeyParts } from "../../src/rules/keys.ts";
import { rebuildState, type Remains, settleDoubts } from "../../src/rules/rebuild-state.ts";
import { aControl, anExperiment, aRun, aState, at } from "../support/builders.ts";

const experiment = anExperiment({ runs: [aRun("rank4"), aControl("base")], tasks: ["cap"], epochs: 1 });
const key = buildKey(trainingKeyParts("rank4", 1), "00c0ffee");
const secondKey = buildKey(trainingKeyParts("rank4", 2), "0badc0de");
const evaluation = experiment.evaluations[0] ?? { run: "", task: "", epoch: null };
const evaluationsKey = buildKey(evaluationKeyParts(evaluation, 1), "00c0ffee");

const submitting = advanceRun(advanceRun(beginRun(), { type: "run.readied", at: at(0) }), { type: "submission.intended", at: at(0), key });
const pending = advanceRun(submitting, { type: "job.submitted", at: at(1), id: "12" });
const unclear = advanceRun(submitting, { type: "job.unclear", at: at(1), reason: "a time-out" });
const evaluating = advanceEvaluation(advanceEvaluation(advanceEvaluation(beginEvaluation(), { type: "evaluation.readied", at: at(5) }), { type: "submission.intended", at: at(5), key: evaluationsKey }), { type: "job.submitted", at: at(5), id: "13" });

const spawned: JobRecord = { key, ids: [], spawned: true };
const prepared: JobRecord = { key, ids: [], spawned: false };
const accepted: JobRecord = { key, ids: ["12"], spawned: true, answer: { kind: "accepted", id: "12" } };
const claimed: JobRecord = { key, ids: ["12"], spawned: true, claimedBy: "12", startedAt: at(2), endedAt: at(3), exitCode: 0 };
const refused: JobRecord = { key, ids: [], spawned: true, answer: { kind: "refused", reason: "no such partition" } };
const job: JobSeen = { id: "12", key, name: "rank4", state: "RUNNING", submittedAt: at(1) };

const remains: Remains = { experiment, isLast: false, areRecordsWhole: true, records: new Map(), intents: new Map(), jobs: [], scheduler: "slurm", at: at(60), by: "ada on login1" };
const withRun = (run: ExperimentState["runs"][string]): ExperimentState => aState(experiment, { runs: { rank4: run } });
const records = (...all: readonly JobRecord[]): ReadonlyMap<string, JobRecord> => new Map(all.map((record) => [record.key, record]));

describe("what a training was, concluded from what is left of it", () => {
  test.each<[string, Partial<Remains>, string, string | undefined]>([
    ["no state; its record says accepted", { records: records(accepted) }, "pending", "12"],
    ["no state; its record says that it began and ended, which is heard as any end is", { records: records(claimed) }, "pending", "12"],
    ["no state; its record says refused, which is heard as any answer is", { records: records(refused) }, "submitting", undefined],
    ["no state; its record says that it was prepared and never submitted", { records: records(prepared) }, "submitting", undefined],
    ["no state and no records, but a job in the queue", { areRecordsWhole: false, jobs: [job] }, "pending", "12"],
    ["no state, no records, and nothing in the queue", { areRecordsWhole: false }, "waiting", undefined],
    ["an older state in which it waits; its record says accepted", { base: aState(experiment), records: records(accepted) }, "pending", "12"],
    ["an older state in which it waits; no record, and records are whole", { base: aState(experiment) }, "waiting", undefined],
    ["a state in which it is in the queue, and nothing else", { base: withRun(pending), areRecordsWhole: false }, "pending", "12"],
    ["the last state in which it is being submitted, records whole: as the protocol left it", { base: withRun(submitting), isLast: true, records: records(spawned) }, "submitting", undefined],
    ["an older state in which it is being submitted; the record was never made", { base: withRun(submitting) }, "submitting", undefined],
    ["the last state, with a job in the queue that it does not know", { base: aState(experiment), isLast: true, jobs: [job] }, "pending", "12"],
    ["the last state, with a record of a life before it", { base: aState(experiment), isLast: true, records: records(accepted) }, "waiting", undefined],
  ])("%s", (_what, left, state, id) => {
    const rebuilt = rebuildState({ ...remains, ...left });
    const life = rebuilt.runs["rank4"];
    expect([life?.state, life?.context.attempts.at(-1)?.jobId]).toEqual([state, id]);
    if (state !== "waiting") expect(life?.context.attempts.map((attempt) => attempt.key)).toEqual([key]);
    expect(rebuilt.findings.get("rank4")?.lost).toBeUndefined();
  });

  test.each<[string, Partial<Remains>, RegExp]>([
    ["its record says that it may have been submitted, and nobody knows more", { records: records(spawned) }, /its job record says that it may have been submitted, and neither the queue nor its own notes know more/u],
    ["the same with an answer that nobody understood", { records: records({ ...spawned, answer: { kind: "unclear", reason: "a time-out" } }) }, /may have been submitted/u],
    ["the last state in which it is being submitted, and its record is gone", { base: withRun(submitting), isLast: true, areRecordsWhole: false }, /its job record is gone/u],
    ["the last state in which nobody knew, and its record is gone", { base: withRun(unclear), isLast: true, areRecordsWhole: false }, /its job record is gone/u],
    ["records that are not whole: what looks unsubmitted may be what an older copy of them says", { base: withRun(submitting), areRecordsWhole: false, records: records(prepared) }, /neither the queue/u],
  ])("%s: then it is lost, and never simply not submitted", (_what, left, reason) => {
    const rebuilt = rebuildState({ ...remains, ...left });
    expect(rebuilt.runs["rank4"]?.context.attempts).toEqual([]);
    const { runs } = settleDoubts({ ...aState(experiment), runs: rebuilt.runs, evaluations: rebuilt.evaluations }, rebuilt);
    expect(runs["rank4"]).toMatchObject({ state: "failed", context: { attempts: [{ key }], failure: { cause: "lost", message: expect.stringMatching(reason) as string } } });
    // Only a person has it done again.
    const life = runs["rank4"] ?? beginRun();
    expect([advanceRun(life, { type: "run.readied", at: at(61) }).state, advanceRun(life, { type: "retry.asked", at: at(61), by: "ada" }).state]).toEqual(["failed", "waiting"]);
  });

  test("what is found on disk of a lost one counts", () => {
    const rebuilt = rebuildState({ ...remains, records: records(spawned) });
    const trained = advanceRun(rebuilt.runs["rank4"] ?? beginRun(), { type: "training.found", at: at(61), result: { checkpoints: [0] }, how: "trained before" });
    expect(settleDoubts({ ...aState(experiment), runs: { rank4: trained } }, rebuilt).runs["rank4"]).toBe(trained);
  });

  test("a later attempt follows the one that the state knows, and that one is over", () => {
    const second: JobRecord = { ...accepted, key: secondKey, ids: ["20"], answer: { kind: "accepted", id: "20" } };
    const { runs } = rebuildState({ ...remains, base: withRun(pending), records: records(second, accepted) });
    expect(runs["rank4"]).toMatchObject({ state: "pending", context: { attempts: [{ number: 1, key, jobId: "12", jobState: "UNKNOWN" }, { number: 2, key: secondKey, jobId: "20" }] } });
  });

  test("an evaluation is told by its key, and a key that says nothing by the script it was for", () => {
    const ofEvaluation: JobRecord = { key: evaluationsKey, ids: ["13"], spawned: true, answer: { kind: "accepted", id: "13" } };
    expect(rebuildState({ ...remains, records: records(ofEvaluation) }).evaluations["rank4_cap_epoch0"]).toMatchObject({ state: "pending", context: { attempts: evaluating.context.attempts.map(({ key: itsKey }) => ({ key: itsKey })) } });
    const odd: JobRecord = { ...accepted, key: "by-hand" };
    const rebuilt = rebuildState({ ...remains, records: records(odd, { ...odd, key: "of-nothing" }), intents: new Map([["by-hand", { unit: "rank4" }]]) });
    expect([rebuilt.runs["rank4"]?.state, rebuilt.strays]).toEqual(["pending", ["of-nothing"]]);
  });
});

describe("the experiment as a whole", () => {
  test.each<[string, Partial<Remains>, string]>([
    ["goes on as its last state says", { base: aState(experiment), isLast: true, areRecordsWhole: false }, "working"],
    ["goes on as an older state says, where every submission since is on record", { base: aState(experiment) }, "working"],
    ["is held where more may have been submitted than anybody knows", { base: aState(experiment), areRecordsWhole: false }, "held"],
    ["is held where nobody knows whether it was ever to begin", { records: records(accepted) }, "held"],
  ])("%s", (_what, left, state) => {
    const { life } = rebuildState({ ...remains, ...left });
    expect(life.state).toBe(state);
    if (state === "held") expect(life.context.reason).toBe("recovered by ada on login1; more may have been submitted for it than is known now");
  });

  test("keeps the scheduler that its jobs are with, whatever a new beginning would choose", () => {
    expect(rebuildState({ ...remains, scheduler: "local", records: records(accepted) }).life.context.scheduler).toBe("local");
  });
});

test("a key is read back by what it was built for, however often it was tried", () => {
  const read = keyReader(experiment);
  expect(read(key)).toEqual({ kind: "training", unit: "rank4", attempt: 1 });
  expect(read(buildKey(evaluationKeyParts(evaluation, 12), "ffffffff"))).toEqual({ kind: "evaluation", unit: "rank4_cap_epoch0", attempt: 12 });
  expect(["", "rank4", "job-12", key.slice(1), key.replace(/.$/u, "x"), buildKey(trainingKeyParts("rank5", 1), "00c0ffee")].map(read)).toEqual(Array(6).fill(undefined));
});
