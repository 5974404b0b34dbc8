import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { binaryMetrics } from "../../src/statistics/binary-metrics.ts";

// Each sample is written target>prediction. The answers are those of summary_binary.py for the same samples.
test.each([
  ["all right", "1>1 1>1 0>0 0>0", [1, 1, 1, 1, 1, 1], [2, 2, 0, 0, 0]],
  ["one of each outcome", "1>1 1>0 0>0 0>1", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [1, 1, 1, 1, 0]],
  ["all wrong", "1>0 1>0 0>1 0>1", [0, 0, 0, 0, 0, 0], [0, 0, 2, 2, 0]],
  ["answers that are neither", "1>1 0>0 1>maybe 0>unsure", [0.5, 1, 1, 1, 1, 1], [1, 1, 0, 0, 2]],
  ["always 1", "1>1 1>1 0>1 0>1", [0.5, 0.5, 0.6667, 0.5, 1, 0], [2, 0, 2, 0, 0]],
  ["always 0", "1>0 1>0 0>0 0>0", [0.5, 0.5, 0, 0, 0, 1], [0, 2, 0, 2, 0]],
  ["targets that are neither", "1>1 0>0 2>1 3>0", [0.5, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0]],
  ["few of one class", "1>0 1>1 1>1 0>1", [0.5, 0.3333, 0.6667, 0.6667, 0.6667, 0], [2, 0, 1, 1, 0]],
  ["no target that counts", "2>1 3>0", [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
  ["almost an answer", "1>1 0>0.", [0.5, 0.5, 1, 1, 1, 0], [1, 0, 0, 0, 1]],
  ["no answer at all", "1> 0>", [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 2]],
  ["a tie when rounded", `1>1 ${"1>x ".repeat(31).trim()}`, [0.0312, 0.5, 1, 1, 1, 0], [1, 0, 0, 0, 31]],
])("%s", (_case, samples, numbers, counts) => {
  const metrics = binaryMetrics(samples.split(" ").map(parseSample));
  const [accuracy, balancedAccuracy, f1, precision1, recall1, recall0] = numbers;
  const [tp, tn, fp, fn, other] = counts;
  expect(metrics).toEqual({
    samples: samples.split(" ").length,
    accuracy, balancedAccuracy, f1, precision1, recall1, recall0,
    confusionMatrix: { tp, tn, fp, fn, other },
  });
});

test("without samples there is nothing to say", () => {
  expect(binaryMetrics([])).toBeUndefined();
});

const oracle = join(import.meta.dirname, "../../../shared/data/cruijff-kit/expected_summary_binary.json");

describe.skipIf(!existsSync(oracle))("what summary_binary.py printed for cruijff_kit's own test cases", () => {
  const printed = existsSync(oracle) ? JSON.parse(readFileSync(oracle, "utf8")) as Readonly<Record<string, Printed>> : {};
  const cases: Readonly<Record<string, string>> = {
    perfect: "1>1 1>1 0>0 0>0",
    mixed: "1>1 1>0 0>0 0>1",
    all_wrong: "1>0 1>0 0>1 0>1",
    with_other: "1>1 0>0 1>maybe 0>unsure",
    all_positive: "1>1 1>1 0>1 0>1",
    all_negative: "1>0 1>0 0>0 0>0",
    non_binary_targets: "1>1 0>0 2>1 3>0",
    imbalanced: "1>0 1>1 1>1 0>1",
    all_non_binary: "2>1 3>0",
    whitespace: "1>1 0>0.",
    tie_rounding_1_of_32: `1>1 ${"1>x ".repeat(31).trim()}`,
  };

  test("is all of them", () => {
    expect(Object.keys(cases).toSorted()).toEqual(Object.keys(printed).toSorted());
  });

  test.each(Object.entries(cases))("%s", (name, samples) => {
    const { accuracy, balanced_accuracy: balancedAccuracy, f1, precision_1: precision1, recall_1: recall1, recall_0: recall0, confusion_matrix: { tp, tn, fp, fn, other }, ...rest } = printed[name] as Printed;
    expect(binaryMetrics(samples.split(" ").map(parseSample))).toEqual({ samples: rest.samples, accuracy, balancedAccuracy, f1, precision1, recall1, recall0, confusionMatrix: { tp, tn, fp, fn, other } });
  });
});

interface Printed extends Readonly<Record<"samples" | "accuracy" | "balanced_accuracy" | "f1" | "precision_1" | "recall_1" | "recall_0", number>> {
  readonly confusion_matrix: Readonly<Record<"tp" | "tn" | "fp" | "fn" | "other", number>>;
}

function parseSample(text: string): { target: string; prediction: string } {
  const [target = "", prediction = ""] = text.split(">");
  return { target, prediction };
}
