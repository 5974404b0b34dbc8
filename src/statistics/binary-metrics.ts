import { roundHalfEven } from "./round.ts";

/** What one sample should be and what the model said, both stripped of surrounding white space. */
export interface BinarySample {
  readonly target: string;
  readonly prediction: string;
}

/** Fractions 0..1 rounded to 4 places, ties to even; counts of samples. */
export interface BinaryMetrics {
  readonly samples: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly f1: number;
  readonly precision1: number;
  readonly recall1: number;
  readonly recall0: number;
  readonly confusionMatrix: ConfusionMatrix;
}

export interface ConfusionMatrix {
  readonly tp: number;
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
  /** Samples with a target of 0 or 1 whose prediction is neither. */
  readonly other: number;
}

/**
 * Computes the metrics of a task whose targets are "0" and "1", class "1" being the positive one.
 *
 * The definitions are those of cruijff_kit's `summary_binary.py`: accuracy is over all samples, so that an answer that
 * is neither 0 nor 1 counts against it, while recalls, precision and F1 look only at answers that are. A fraction whose
 * denominator is 0 is 0. `undefined` where there is no sample.
 */
export function binaryMetrics(samples: readonly BinarySample[]): BinaryMetrics | undefined {
  if (samples.length === 0) return undefined;
  const matrix = countOutcomes(samples);
  const { tp, tn, fp, fn } = matrix;
  const precision1 = fraction(tp, tp + fp);
  const recall1 = fraction(tp, tp + fn);
  const recall0 = fraction(tn, tn + fp);
  return {
    samples: samples.length,
    accuracy: roundHalfEven(fraction(tp + tn, samples.length), 4),
    balancedAccuracy: roundHalfEven((recall1 + recall0) / 2, 4),
    f1: roundHalfEven(fraction(2 * precision1 * recall1, precision1 + recall1), 4),
    precision1: roundHalfEven(precision1, 4),
    recall1: roundHalfEven(recall1, 4),
    recall0: roundHalfEven(recall0, 4),
    confusionMatrix: matrix,
  };
}

function countOutcomes(samples: readonly BinarySample[]): ConfusionMatrix {
  const counts = { tp: 0, tn: 0, fp: 0, fn: 0, other: 0 };
  for (const sample of samples) {
    const outcome = outcomeOf(sample);
    if (outcome !== undefined) counts[outcome] += 1;
  }
  return counts;
}

function outcomeOf({ target, prediction }: BinarySample): keyof ConfusionMatrix | undefined {
  if (target !== "0" && target !== "1") return undefined;
  if (prediction !== "0" && prediction !== "1") return "other";
  if (target === "1") return prediction === "1" ? "tp" : "fn";
  return prediction === "1" ? "fp" : "tn";
}

function fraction(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
