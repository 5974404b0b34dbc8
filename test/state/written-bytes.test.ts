import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { advanceEvaluation, beginEvaluation } from "../../machines/lives.ts";
import type { EvaluationLife, ExperimentState } from "../../src/domain/state.ts";
import { readState, writeState } from "../../src/state/state-file.ts";
import { at } from "../support/builders.ts";

const folder = mkdtempSync(join(tmpdir(), "nightshift-bytes-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Bytes that this process handed to write(2): field wchar of /proc/self/io.
function writtenBytes(): number {
  return Number(/^wchar: (?<bytes>\d+)$/mu.exec(readFileSync("/proc/self/io", "utf8"))?.groups?.["bytes"] ?? "NaN");
}

test.each([1, 100, 1000])("a pass in which any of %i evaluations changed writes the state once, and less than 900 bytes for each evaluation in it", (count) => {
  const before = writeState(folder, aStateWith(count), undefined);
  const after = { ...before, evaluations: mapped(before.evaluations, (life) => advanceEvaluation(life, { type: "job.started", at: at(2), id: "1", state: "RUNNING", startedAt: at(2), node: "della-l03g7" })) };
  const bytesBefore = writtenBytes();
  writeState(folder, after, before);
  const bytes = writtenBytes() - bytesBefore;
  expect(bytes).toBe(statSync(join(folder, "eval_jobs.json")).size);
  expect(bytes / count).toBeLessThan(900 + 600 / count);
});

test("a pass in which nothing changed writes nothing", () => {
  const state = writeState(folder, aStateWith(1000), undefined);
  const bytesBefore = writtenBytes();
  const stored = readState(folder);
  if (stored.kind !== "state") throw new Error(stored.kind);
  expect(writeState(folder, stored.state, state)).toBe(state);
  expect(writtenBytes() - bytesBefore).toBe(0);
});

function aStateWith(count: number): ExperimentState {
  const keys = [...Array(count).keys()].map((index) => `rank8_lr1e-5_capitalization_epoch${index}`);
  return {
    experiment: "cap", id: "cap-0badc0de", revision: 1, monitoringStarted: at(0), life: { state: "working", context: {} }, runs: {},
    evaluations: Object.fromEntries(keys.map((key) => [key, aSubmittedEvaluation(key)])),
    units: Object.fromEntries(keys.map((key, epoch) => [key, { run: "rank8_lr1e-5", task: "capitalization", epoch }])),
  };
}

function aSubmittedEvaluation(key: string): EvaluationLife {
  const ready = advanceEvaluation(beginEvaluation(), { type: "evaluation.readied", at: at(0) });
  const submitting = advanceEvaluation(ready, { type: "submission.intended", at: at(0), key: `${key}-1-0badc0de0badc0de`, configHash: "5f1c9d2e6b7a8091", gitCommit: "be0b0fc" });
  return advanceEvaluation(submitting, { type: "job.submitted", at: at(1), id: "1" });
}

function mapped<Value>(record: Readonly<Record<string, Value>>, change: (value: Value) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
