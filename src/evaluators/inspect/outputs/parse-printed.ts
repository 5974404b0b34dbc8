import { stripVTControlCharacters } from "node:util";

/** An accuracy as inspect-ai showed it on a terminal, rounded to three decimals or fewer. */
export interface PrintedAccuracy {
  readonly accuracy: number;
  readonly scorer: string;
  readonly samples?: number;
}

/**
 * Finds the accuracy that an evaluation printed at its end: the last `match/accuracy: 0.85`, or else the first column with an
 * accuracy in the last grid of scorers, as versions since 2024 print it. Undefined where there is none, or where the
 * evaluation says that it was interrupted.
 *
 *     match            includes
 *     accuracy  0.850  accuracy  0.910
 *     stderr    0.036  stderr    0.029
 */
export function parsePrintedAccuracy(output: string): PrintedAccuracy | undefined {
  const text = stripVTControlCharacters(output).replaceAll("\r", "\n");
  if (/^[^\w\n]*Task interrupted\b/mu.test(text)) return undefined;
  const samples = [...text.matchAll(/\((?<count>[\d,]+) samples?\)/gu)].at(-1)?.groups?.["count"];
  const found = lastLabelled(text) ?? lastInGrid(text.split("\n").map((line) => line.replace(/^[│|]/u, " ").trimEnd()));
  return found === undefined ? undefined : { ...found, ...(samples === undefined ? {} : { samples: Number(samples.replaceAll(",", "")) }) };
}

function lastLabelled(text: string): PrintedAccuracy | undefined {
  const { scorer, value } = [...text.matchAll(/^[^\w\n]*(?<scorer>[\w.-]+)\/accuracy:\s+(?<value>[-+\w.]+)\s*$/gmu)].at(-1)?.groups ?? {};
  return scorer === undefined || value === undefined ? undefined : printed(scorer, value);
}

function lastInGrid(lines: readonly string[]): PrintedAccuracy | undefined {
  const row = lines.findLastIndex((line) => /(?:^|\s)accuracy\s+[-+\w.]+/u.test(line) && isMetricRow(line));
  if (row === -1) return undefined;
  let head = row;
  while (head > 0 && isMetricRow(lines[head] ?? "")) head -= 1;
  const { index = 0, groups: { value = "" } = {} } = /(?:^|(?<=\s))accuracy\s+(?<value>[-+\w.]+)/u.exec(lines[row] ?? "") ?? {};
  const scorer = /^\S+/u.exec((lines[head] ?? "").slice(index))?.[0];
  return scorer === undefined ? undefined : printed(scorer, value);
}

// Names and numbers by turns.
function isMetricRow(line: string): boolean {
  return /^\s*(?:[A-Za-z]\S*\s+(?:-?\d+\.\d+(?:e[-+]?\d+)?|-?inf|nan)(?:\s+|$))+$/u.test(line);
}

function printed(scorer: string, value: string): PrintedAccuracy | undefined {
  const accuracy = value === "nan" ? Number.NaN : Number(value);
  return Number.isNaN(accuracy) && value !== "nan" ? undefined : { accuracy, scorer };
}
