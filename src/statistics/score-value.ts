/** What a scorer gives for one sample: a value, or several by index or by name. NaN stands for "not scored". */
export type ScoreValue = ScoreLeaf | readonly ScoreLeaf[] | { readonly [key: string]: ScoreLeaf };

export type ScoreLeaf = string | number | boolean | null;

/** One sample's score, after its epochs were reduced. */
export interface SampleScore {
  readonly value: ScoreValue;
  /** The sample's own, which metrics group and cluster by. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The score's own, which its scorer keeps for its metrics. */
  readonly scoreMetadata: Readonly<Record<string, unknown>>;
}

/**
 * Turns a score into a number as inspect-ai's default `value_to_float` does: C, P, I and N are 1, 0.5, 0 and 0, words of
 * yes and no 1 and 0, texts that Python reads as a finite number that number, and whatever else 0.
 *
 * A scorer may have a conversion of its own, which no log tells of.
 */
export function toFloat(value: ScoreValue): number {
  switch (typeof value) {
    case "number": return value;
    case "boolean": return value ? 1 : 0;
    case "string": return letters.get(value) ?? words.get(value.toLowerCase()) ?? parseFinite(value);
    default: return 0;
  }
}

/** Whether a value says that the sample was not scored. */
export function isUnscored(value: ScoreValue | undefined): boolean {
  return typeof value === "number" && Number.isNaN(value);
}

/** What inspect-ai's summaries have in place of metadata that take more than 1 KiB. */
export const removedMetadata = "Key removed from summary (> 1k)";

/** Whether a score has several values by name. */
export function isRecord(value: ScoreValue): value is Readonly<Record<string, ScoreLeaf>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const letters: ReadonlyMap<string, number> = new Map([["C", 1], ["P", 0.5], ["I", 0], ["N", 0]]);
const words: ReadonlyMap<string, number> = new Map([["yes", 1], ["true", 1], ["no", 0], ["false", 0]]);

// The grammar of Python's float(), which allows single underscores between digits, and no hexadecimals.
const number = /^\s*[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?\s*$/iu;

function parseFinite(text: string): number {
  const value = number.test(text) ? Number(text.replaceAll("_", "")) : 0;
  return Number.isFinite(value) ? value : 0;
}
