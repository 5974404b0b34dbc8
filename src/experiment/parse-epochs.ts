import { z } from "zod";

import { check, type Complain } from "./complaints.ts";
import type { YamlPath } from "./parse-yaml.ts";
import { shown } from "./shown.ts";

/**
 * Parses the epochs of a matrix entry: a list of whole numbers from 0, a single one, or null for none.
 *
 * @returns `undefined` where one of them could not be read.
 */
export function parseEpochs(value: unknown, path: YamlPath, complain: Complain): readonly number[] | undefined {
  const written = check(shape, value ?? null, path, complain);
  if (written === undefined) return undefined;
  const isList = Array.isArray(value);
  const epochs: number[] = [];
  let areAllRead = true;
  for (const [index, text] of written.entries()) {
    if (text === null) continue;
    const epoch = parseEpoch(text);
    const where = isList ? [...path, index] : path;
    if (epoch === undefined) {
      areAllRead = false;
      complain("error", where, { message: "this is not an epoch", expected: "whole numbers from 0 such as [0, 1]", found: shown(text) });
    } else if (epochs.includes(epoch)) complain("warning", where, { message: `epoch ${epoch} is listed twice; it is evaluated once` });
    else epochs.push(epoch);
  }
  return areAllRead ? epochs : undefined;
}

const one = z.string().nullable();
const shape = z.union([z.array(one), one.transform((epoch) => [epoch])], { error: "a list of whole numbers from 0 such as [0, 1], or null" });

// No zeros in front: `010` is ten to some readers of YAML and eight to others.
function parseEpoch(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,5})$/u.test(text) ? Number(text) : undefined;
}
