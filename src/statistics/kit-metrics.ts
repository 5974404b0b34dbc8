import { areaUnderCurve, brierScore, expectedCalibrationError, type Forecast } from "./calibration.ts";
import { meanAbsoluteError, type NumberPair, rootMeanSquaredError, rSquared } from "./regression.ts";
import { mean } from "./sample-statistics.ts";
import { removedMetadata, type SampleScore, toFloat } from "./score-value.ts";

/**
 * Computes a metric of cruijff_kit's scorers, which keep what it needs in the metadata of each score: of numbers
 * (`continuous_scorer`: mae, rmse, r_squared, parse_rate) and of probabilities (`risk_scorer`, `numeric_risk_scorer`: mean_risk_score,
 * expected_calibration_error, risk_calibration_error, brier_score, auc_score). `undefined` for other names, and where none of
 * that metadata is there: the metric is somebody else's then, or the log does not keep what it needs.
 */
export function computeKitMetric(name: string, scores: readonly SampleScore[], bins: unknown): number | undefined {
  const has = (key: string): boolean => scores.some(({ scoreMetadata }) => key in scoreMetadata);
  if (has("prediction")) return ofNumbers(name, scores);
  const isKept = has("risk_score") && scores.every(({ scoreMetadata }) => scoreMetadata["option_probs"] !== removedMetadata);
  return isKept ? ofProbabilities(name, scores, bins) : undefined;
}

function ofNumbers(name: string, scores: readonly SampleScore[]): number | undefined {
  switch (name) {
    case "mae": return meanAbsoluteError(numberPairs(scores));
    case "rmse": return rootMeanSquaredError(numberPairs(scores));
    case "r_squared": return rSquared(numberPairs(scores));
    case "parse_rate": return numberPairs(scores).length / scores.length;
    default: return undefined;
  }
}

function ofProbabilities(name: string, scores: readonly SampleScore[], bins: unknown): number | undefined {
  switch (name) {
    case "mean_risk_score": return meanOrNaN(scores.map(({ scoreMetadata }) => scoreMetadata["risk_score"]).filter((risk) => typeof risk === "number"));
    case "expected_calibration_error": return expectedCalibrationError(scores.flatMap(confidence), binsOf(bins));
    case "risk_calibration_error": return expectedCalibrationError(risks(scores), binsOf(bins));
    case "brier_score": return brierScore(risks(scores));
    case "auc_score": return areaUnderCurve(risks(scores));
    default: return undefined;
  }
}

function numberPairs(scores: readonly SampleScore[]): readonly NumberPair[] {
  return scores.flatMap(({ scoreMetadata: { prediction, target_value: target } }) => (typeof prediction === "number" && typeof target === "number" ? [{ prediction, target }] : []));
}

// How sure the model was of the answer it found most probable, and whether it was right.
function confidence({ value, scoreMetadata }: SampleScore): readonly Forecast[] {
  const probabilities = probabilitiesOf(scoreMetadata);
  return probabilities === undefined ? [] : [{ probability: Math.max(...Object.values(probabilities)), outcome: toFloat(value) }];
}

// How probable the positive answer was found, and whether it is the right one.
function risks(scores: readonly SampleScore[]): readonly Forecast[] {
  const known = scores.flatMap(({ scoreMetadata }) => {
    const { risk_score: probability, target } = scoreMetadata;
    const probabilities = probabilitiesOf(scoreMetadata);
    return typeof probability === "number" && typeof target === "string" && probabilities !== undefined ? [{ probability, target, probabilities }] : [];
  });
  const likely = known.map(({ probability, probabilities }) => Object.keys(probabilities).filter((option) => probabilities[option] === probability));
  // It is the last of the options, whose order JavaScript loses where they are numbers: the one whose probability is the risk.
  const positive = (likely.find((options) => options.length === 1) ?? Object.keys(known[0]?.probabilities ?? {})).at(-1);
  return known.map(({ probability, target }) => ({ probability, outcome: target === positive ? 1 : 0 }));
}

function probabilitiesOf({ option_probs: options }: SampleScore["scoreMetadata"]): Readonly<Record<string, number>> | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const values = Object.values(options);
  return values.length > 0 && values.every((value) => typeof value === "number") ? options as Readonly<Record<string, number>> : undefined;
}

function meanOrNaN(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : mean(values);
}

function binsOf(bins: unknown): number {
  return typeof bins === "number" && Number.isInteger(bins) && bins > 0 && bins <= 10_000 ? bins : 10;
}
