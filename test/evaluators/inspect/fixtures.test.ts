import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BinaryMetrics } from "../../../src/domain/evaluator.ts";
import { expectedAccuracy, expectedMetricLines, type ExpectedScore, metricLines, readJson, readLogAt } from "./expected-log.ts";

const fixtures = join(import.meta.dirname, "../../../fixtures/inspect");

/** What the inspect-ai that made a log reads in it. */
interface Expected {
  readonly status: string;
  readonly task: string;
  readonly model: string;
  readonly created: string;
  readonly completed_at: string | null;
  readonly total_samples: number | null;
  readonly completed_samples: number | null;
  readonly samples_without_error: number;
  readonly scores: readonly ExpectedScore[];
  readonly binary: BinaryMetrics | null;
}

describe.each(["0.3.60", "0.3.285"])("logs of inspect-ai %s say to us what they say to it", (version) => {
  const expected = readJson(join(fixtures, version, "expected.json")) as Readonly<Record<string, Expected>>;
  test.each(Object.entries(expected))("%s", async (name, python) => {
    const log = await readLogAt(join(fixtures, version, name));
    expect(log).toMatchObject({
      status: python.status,
      task: python.task,
      model: python.model,
      completedSamples: python.completed_samples ?? python.samples_without_error,
    });
    expect(log.totalSamples).toBe(python.total_samples ?? 4);
    expect(Date.parse(log.created)).toBe(Date.parse(python.created));
    expect(log.completedAt).toBe(python.completed_at ?? undefined);
    expect(log.accuracy).toBe(expectedAccuracy(python.scores));
    expect(metricLines(log)).toEqual(expectedMetricLines(python.scores));
    expect(log.binary).toEqual(python.binary ?? undefined);
    expect(log.failure?.cause).toBe(python.status === "error" ? "evaluation error" : undefined);
  });
});

describe.each(["0.3.60", "0.3.285"])("in logs of inspect-ai %s", (version) => {
  const at = (name: string): string => join(fixtures, version, name);

  test("samples are those behind the accuracy, however often each was run", async () => {
    expect((await readLogAt(at("success.eval"))).samples).toBe(4);
    expect((await readLogAt(at("epochs.eval"))).samples).toBe(4);
    expect((await readLogAt(at("tolerated.eval"))).samples).toBe(3);
    expect((await readLogAt(at("cancelled.eval"))).samples).toBe(2);
    expect((await readLogAt(at("started.eval"))).samples).toBe(2);
  });

  test("an accuracy over nothing is NaN", async () => {
    const { accuracy, scorer } = await readLogAt(at("nan.eval"));
    expect({ accuracy, scorer }).toEqual({ accuracy: Number.NaN, scorer: "unscored" });
  });

  test("accuracy is that of the first scorer that has one", async () => {
    const { accuracy, scorer } = await readLogAt(at("scorers.eval"));
    expect({ accuracy, scorer }).toEqual({ accuracy: 0.5, scorer: "several" });
  });

  test("an error is one line without escape codes and secrets", async () => {
    const { failure } = await readLogAt(at("error.eval"));
    expect(failure?.message).toMatch(/^RuntimeError\('no weights at https:\/\/user:\*\*\*@example\.org/u);
    expect(failure?.message).not.toMatch(/hunter2|hf_|\\x1b|[\p{Cc}]/u);
  });
});
