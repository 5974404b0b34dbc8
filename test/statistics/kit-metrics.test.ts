import { describe, expect, test } from "vitest";

import { areaUnderCurve, brierScore, expectedCalibrationError, type Forecast } from "../../src/statistics/calibration.ts";
import { computeMetric } from "../../src/statistics/score-metrics.ts";
import type { SampleScore } from "../../src/statistics/score-value.ts";

const forecasts = (...pairs: readonly (readonly [number, number])[]): readonly Forecast[] => pairs.map(([probability, outcome]) => ({ probability, outcome }));

describe("forecasts", () => {
  test.each([
    ["that always come true as often as they say", forecasts([0.5, 1], [0.5, 0]), 0],
    ["that are sure and right", forecasts([1, 1], [0, 0]), 0],
    ["that are sure and wrong", forecasts([1, 0], [0, 1]), 1],
    ["on an edge of a bin, which belongs to the bin below", forecasts([0.2, 0], [0.1999, 1]), Math.abs((0.2 + 0.1999) / 2 - 0.5)],
    ["in two bins, by their numbers", forecasts([0.95, 1], [0.95, 1], [0.95, 0], [0.05, 0]), 0.75 * Math.abs(0.95 - 2 / 3) + 0.25 * 0.05],
  ])("%s have a calibration error", (_which, given, error) => {
    expect(expectedCalibrationError(given)).toBeCloseTo(error, 12);
  });

  test.each([
    ["in the right order", forecasts([0.1, 0], [0.4, 0], [0.35, 1], [0.8, 1]), 0.75],
    ["that tell everything", forecasts([0.1, 0], [0.9, 1]), 1],
    ["the wrong way round", forecasts([0.9, 0], [0.1, 1]), 0],
    ["that are all the same", forecasts([0.5, 0], [0.5, 1], [0.5, 1]), 0.5],
    ["with ties", forecasts([0.2, 0], [0.5, 0], [0.5, 1], [0.5, 1], [0.7, 0], [0.9, 1]), 13 / 18 - 1 / 18],
  ])("%s have an area under the curve", (_which, given, area) => {
    expect(areaUnderCurve(given)).toBeCloseTo(area, 12);
  });

  test("of one outcome have no area, and one forecast has no Brier score", () => {
    expect([areaUnderCurve(forecasts([0.5, 1], [0.6, 1])), brierScore(forecasts([0.5, 1])), expectedCalibrationError([])]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(brierScore(forecasts([0.9, 1], [0.2, 0]))).toBeCloseTo((0.01 + 0.04) / 2, 12);
  });
});

describe("metrics of cruijff_kit's scorers", () => {
  const of = (...metadata: readonly Readonly<Record<string, unknown>>[]): readonly SampleScore[] => metadata.map((scoreMetadata) => ({ value: "I", metadata: {}, scoreMetadata }));
  const compute = (name: string, scores: readonly SampleScore[]): unknown => computeMetric({ name, options: {} }, scores);

  test("of numbers leave out what could not be parsed", () => {
    const scores = of({ prediction: 40, target_value: 42, error: -2 }, { prediction: 50, target_value: 44, error: 6 }, { prediction: null, target_value: 42, error: null });
    expect(["mae", "rmse", "r_squared", "parse_rate"].map((name) => compute(name, scores))).toEqual([4, Math.sqrt(20), 1 - 40 / 2, 2 / 3]);
    expect(compute("r_squared", of({ prediction: 1, target_value: 5 }, { prediction: 2, target_value: 5 }))).toBeNaN();
    const unparsed = of({ prediction: null, target_value: 42, error: null });
    expect([compute("mae", unparsed), compute("parse_rate", unparsed)]).toEqual([Number.NaN, 0]);
  });

  test("of probabilities know the positive answer, whatever JSON did to the order of the options", () => {
    const risks = of(
      { risk_score: 0.8, option_probs: { 0: 0.2, 1: 0.8 }, target: "1" }, { risk_score: 0.3, option_probs: { 0: 0.7, 1: 0.3 }, target: "0" }, { risk_score: null, option_probs: null, target: "1" },
    );
    expect([compute("brier_score", risks), compute("auc_score", risks), compute("mean_risk_score", risks)]).toEqual([expect.closeTo((0.04 + 0.09) / 2, 12), 1, 0.55]);
    // With the option tokens 1, 0 the positive one is "0".
    const turned = of({ risk_score: 0.2, option_probs: { 1: 0.8, 0: 0.2 }, target: "1" }, { risk_score: 0.7, option_probs: { 1: 0.3, 0: 0.7 }, target: "0" });
    expect(compute("brier_score", turned)).toBeCloseTo((0.04 + 0.09) / 2, 12);
    // Which one it is does not show where both are as probable.
    const undecided = { risk_score: 0.5, option_probs: { 1: 0.5, 0: 0.5 }, target: "0" };
    expect(compute("auc_score", of(undecided, { ...undecided, risk_score: 0.7, option_probs: { 1: 0.3, 0: 0.7 }, target: "1" }))).toBe(0);
  });

  test("of confidence compare it with the score itself", () => {
    const scores: readonly SampleScore[] = [
      { value: "C", metadata: {}, scoreMetadata: { risk_score: null, option_probs: { A: 0.85, B: 0.15 } } }, { value: 0, metadata: {}, scoreMetadata: { risk_score: null, option_probs: { A: 0.45, B: 0.55 } } }, { value: "C", metadata: {}, scoreMetadata: { risk_score: null } },
    ];
    expect(compute("expected_calibration_error", scores)).toBeCloseTo(0.5 * 0.15 + 0.5 * 0.55, 12);
    expect(compute("expected_calibration_error", of({ risk_score: null, target: "1" }))).toBeNaN();
  });

  test.each(["mae", "parse_rate", "mean_risk_score", "brier_score"])("%s of a scorer that keeps none of it is somebody else's", (name) => {
    expect(compute(name, of({}, { why: "because" }))).toBeUndefined();
  });

  test("are left out where a summary has no room for what they need", () => {
    const risks = of({ risk_score: null, option_probs: "Key removed from summary (> 1k)", target: "A" });
    expect(compute("expected_calibration_error", risks)).toBeUndefined();
    const scores = [{ value: 1, metadata: { family: "Key removed from summary (> 1k)" }, scoreMetadata: {} }];
    expect(computeMetric({ name: "stderr", options: { cluster: "family" } }, scores)).toBeUndefined();
  });
});
