/**
 * A user's mistake, or something on disk that is not as it should be, with its place.
 *
 * Problems are values: they are collected, shown and lived with. Exceptions are for bugs and outages.
 */
export interface Problem {
  /** An `error` stops its experiment from submitting; a `warning` is shown and lived with. */
  readonly severity: "error" | "warning";
  /** What is wrong, one sentence without its place. */
  readonly message: string;
  /** The file, relative to the experiment's folder where it lies inside. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  readonly expected?: string;
  readonly found?: string;
  /** What the user can do about it. */
  readonly advice?: string;
}

/** Renders `file:line:column: message (expected X, found Y). Advice`, leaving out what is not known. */
export function renderProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(":");
  const facts = [
    problem.expected === undefined ? undefined : `expected ${problem.expected}`,
    problem.found === undefined ? undefined : `found ${problem.found}`,
  ].filter((part) => part !== undefined);
  return [
    place === "" ? "" : `${place}: `,
    problem.message,
    facts.length === 0 ? "" : ` (${facts.join(", ")})`,
    problem.advice === undefined ? "" : `. ${problem.advice}`,
  ].join("");
}
