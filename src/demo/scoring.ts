import type { Pair } from "./words.ts";

/** One held-out word, what was wanted and what came. */
export interface ScoredSample {
  /** Counts from 1. */
  readonly id: number;
  readonly input: string;
  readonly target: string;
  readonly answer: string;
  readonly isCorrect: boolean;
}

export interface Score {
  readonly accuracy: number;
  readonly stderr: number;
}

/** Asks for each word and compares the whole of it, upper and lower case included. */
export function scoreWords(pairs: readonly Pair[], answer: (word: string) => string): ScoredSample[] {
  return pairs.map(({ input, output }, index) => {
    const given = answer(input);
    return { id: index + 1, input, target: output, answer: given, isCorrect: given === output };
  });
}

/** Summarizes samples as inspect-ai does: standard error from the sample variance, 0 below two samples. */
export function summarizeScores(samples: readonly ScoredSample[]): Score {
  const count = samples.length;
  const accuracy = samples.filter(({ isCorrect }) => isCorrect).length / count;
  const squares = samples.reduce((sum, { isCorrect }) => sum + (Number(isCorrect) - accuracy) ** 2, 0);
  return { accuracy, stderr: count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count) };
}
