import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { buildLog } from "../../../src/evaluators/inspect/build-log.ts";
import type { EvaluationLog } from "../../../src/domain/evaluator.ts";
import { logObjectSchema, type ReadableLogObject } from "../../../src/domain/log-object.ts";
import { describeLogAt } from "../../../src/evaluators/inspect/describe-log.ts";
import { readLog } from "../../../src/evaluators/inspect/log/read-log.ts";
import { openSamples, type SampleRow } from "../../../src/evaluators/inspect/log/stream-samples.ts";
import { expectedColumns, type ExpectedLog, expectedObject, frozenFolder, logFolder, readExpected, versions } from "./inspect-answers.ts";

describe.each(versions)("logs of inspect-ai %s say to us what they say to it:", (version) => {
  const logs = Object.entries(readExpected(version)).map(([name, python]) => [name, join(logFolder, version, name), python] as const);

  test.each(logs)("%s", async (_name, path, python) => {
    expect(logObjectSchema.parse(await describeLogAt(path))).toEqual(expectedObject(path, python));
  });

  test.each(logs.filter(([, , { is_ambiguous }]) => !is_ambiguous))("%s, sample by sample", async (_name, path, python) => {
    const { count, shortened, rows } = await readRows(path);
    const wanted = [...python.samples, ...python.summaries];
    expect(rows.toSorted(byEpochAndId)).toEqual(wanted.map(({ target, answer, error, scores, ...sample }) => (
      { ...sample, target: typeof target === "string" ? target : target.join("\n"), answer: answer ?? "", error: error ?? "", scores: expectedColumns(scores) }
    )).toSorted(byEpochAndId));
    expect([count, shortened]).toEqual([wanted.length, python.summaries.length]);
  });

  test.each(logs.flatMap(([name, path, { data_frame: row }]) => (row === null ? [] : [[name, path, row] as const])))("%s, as a row of evals_df", async (_name, path, { headline, ...row }) => {
    const log = await describeLogAt(path) as ReadableLogObject;
    expect(dataFrameRow(log, row)).toEqual(row);
    if (headline !== null) expect(log.metrics).toContainEqual(expect.objectContaining(headline));
  });
});

test("logs that were made anew are all of those that are frozen, and ended as they did", () => {
  for (const version of versions) {
    const statuses = (logs: Readonly<Record<string, ExpectedLog>>): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(logs).map(([name, { status }]) => [name, status]));
    expect(statuses(readExpected(version))).toMatchObject(statuses(readExpected(version, frozenFolder)));
  }
});

describe.each(versions)("in logs of inspect-ai %s", (version) => {
  const at = async (name: string): Promise<EvaluationLog> => {
    const path = join(logFolder, version, name);
    return buildLog((await readLog(path)).contents, { path, changedAt: "2026-11-21T12:00:00Z" });
  };

  test("an error is one line without escape codes and secrets", async () => {
    const { failure } = await at("error.eval");
    expect(failure?.cause).toBe("evaluation error");
    expect(failure?.message).toMatch(/^RuntimeError\('no weights at https:\/\/user:\*\*\*@example\.org/u);
    expect(failure?.message).not.toMatch(/hunter2|hf_|\\x1b|[\p{Cc}]/u);
  });

  test("what a log that stores no results comes to is not its result", async () => {
    const { accuracy, metrics, soFar } = await at("started.eval");
    expect({ accuracy, metrics, soFar: soFar?.accuracy }).toEqual({ accuracy: undefined, metrics: [], soFar: 1 });
  });
});

interface Row {
  readonly id: string | number;
  readonly epoch: number;
}

async function readRows(path: string) {
  const samples = await openSamples(path);
  const rows: SampleRow[] = [];
  try {
    for await (const row of samples.rows()) rows.push({ ...row, scores: inJson(row.scores) });
    return { count: samples.count, shortened: samples.shortened(), rows };
  } finally {
    samples.close();
  }
}

function inJson(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === "number" && !Number.isFinite(one) ? String(one) : one))) as Readonly<Record<string, unknown>>;
}

function byEpochAndId(a: Row, b: Row): number {
  return a.epoch - b.epoch || (JSON.stringify(a.id) < JSON.stringify(b.id) ? -1 : 1);
}

// Score columns are named by score and metric, and by the reducer where that is not enough; by 0.3.206 never, so that the
// last reducer's stands for all.
function dataFrameRow({ log_status: status, total_samples, completed_samples, metrics }: ReadableLogObject, row: object): Readonly<Record<string, unknown>> {
  if (!("total_samples" in row)) return { status };
  // A pandas row cannot tell NaN from nothing.
  const scores = metrics.filter(({ value }) => value !== "NaN").map(({ scorer, score = scorer, name, reducer, value }) => {
    const precise = `score_${score}_${reducer}_${name}`;
    return [precise in row ? precise : `score_${score}_${name}`, value] as const;
  });
  return { status, total_samples, completed_samples, ...Object.fromEntries(scores) };
}
