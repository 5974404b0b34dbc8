/**
 * Parses JSON as Python writes it: bare `NaN`, `Infinity` and `-Infinity` are numbers, and integers that a double
 * cannot hold become strings of their digits, so that two of them never fall together.
 *
 * Throws a SyntaxError, also for a text whose values would fill the memory. Its message may quote the text, so it is not
 * for people's eyes.
 */
export function parseJson(text: string): unknown {
  if (text.length > lightText && isTooHeavy(text)) throw new SyntaxError("too many values");
  if (!manyDigits.test(text) || !longInteger.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Either bare NaN, which is common, or no JSON at all, which the second attempt will say.
    }
  }
  return parsePythonJson(text);
}

const lightText = 4 * 2 ** 20;
const mostWeight = 512 * 2 ** 20;

// What V8 takes to hold them in memory, measured: 94 bytes for an empty map or list, 18 for any other value in a list. The
// summaries of 200,000 samples come to 400 MB. What stands in strings is counted too, which is quick and harms nobody.
function isTooHeavy(text: string): boolean {
  let left = mostWeight;
  for (const [character, weight] of [["[", 100], ["{", 100], [",", 18]] as const) {
    for (let at = text.indexOf(character); at >= 0 && left >= 0; at = text.indexOf(character, at + 1)) left -= weight;
  }
  return left < 0;
}

// The first is what takes no time where there is none.
const manyDigits = /\d{16}/u;
const longInteger = /(?<![\w.+-])-?\d{16,}(?![\d.eE])/u;

function parsePythonJson(text: string): unknown {
  const mark = unusedMark(text);
  const parsed: unknown = JSON.parse(rewriteTokens(text, mark));
  const root = { parsed };
  restoreNaN(root, mark);
  return root.parsed;
}

// JSON has no spelling for NaN: it travels through the parser as a string that occurs nowhere in the text.
function unusedMark(text: string): string {
  let mark = "@NaN@";
  while (text.includes(mark)) mark += "@";
  return mark;
}

/** Rewrites what JSON does not know, outside strings only: sample texts contain "NaN" too. */
function rewriteTokens(text: string, mark: string): string {
  const token = /"|(?<![\w.+-])-?(?:NaN|Infinity|\d{16,}(?![\d.eE]))/gu;
  const pieces: string[] = [];
  let copied = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '"') {
      token.lastIndex = endOfString(text, match.index);
      continue;
    }
    pieces.push(text.slice(copied, match.index), rewrite(found, mark));
    copied = token.lastIndex;
  }
  pieces.push(text.slice(copied));
  return pieces.join("");
}

function rewrite(token: string, mark: string): string {
  if (token.endsWith("NaN")) return JSON.stringify(mark);
  if (token.endsWith("Infinity")) return token.replace("Infinity", "1e999");
  return Number.isSafeInteger(Number(token)) ? token : JSON.stringify(token);
}

/** Where the string that opens at `start` is over; the text's end if it never is. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function restoreNaN(root: object, mark: string): void {
  // A stack of our own: logs hold deeper trees than the call stack could follow.
  const pending: object[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const [key, value] of Object.entries(node)) {
      if (value === mark) Reflect.set(node, key, Number.NaN);
      else if (typeof value === "object" && value !== null) pending.push(value as object);
    }
  }
}
