import type { z } from "zod";

import type { Problem } from "../domain/problem.ts";
import type { YamlPath, YamlText } from "./parse-yaml.ts";
import { shown } from "./shown.ts";

/** What is said about one value; the place follows from its path. */
export type Words = Pick<Problem, "message" | "expected" | "found" | "advice">;

export type Complain = (severity: Problem["severity"], path: YamlPath, words: Words) => void;

/** Collects problems about the values of one YAML text. */
export function complaints(yaml: YamlText, file: string): { readonly problems: Problem[]; readonly complain: Complain } {
  const problems = [...yaml.problems];
  return { problems, complain: (severity, path, words) => void problems.push({ severity, file, ...yaml.placeOf(path), ...words }) };
}

/**
 * Checks a value against a shape and gives it back in that shape.
 *
 * A shape's error text is what was expected there ("a list of runs"). Each issue becomes a problem of the given severity.
 */
export function check<Shape extends z.ZodType>(
  shape: Shape, value: unknown, path: YamlPath, complain: Complain, severity: Problem["severity"] = "error",
): z.output<Shape> | undefined {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const inner = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    const found = valueAt(value, inner);
    const name = renderPath([...path, ...inner]);
    complain(severity, [...path, ...inner], {
      message: found === undefined || found === null ? `${name} is missing` : `${name} cannot be read`,
      expected: issue.message,
      ...(found === undefined || found === null ? {} : { found: shown(found) }),
    });
  }
  return undefined;
}

/** Renders a path as people write it: `evaluation.matrix[2].run`; lists count from 0 as in the programs that read them. */
export function renderPath(path: YamlPath): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`)).join("");
}

/** The value at a path, `undefined` where there is none. */
export function valueAt(value: unknown, path: YamlPath): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = (inner as Record<string | number, unknown>)[step];
  }
  return inner;
}
