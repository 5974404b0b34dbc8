import { Composer, Document, isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, LineCounter, visit } from "yaml";

import { plainLine } from "../domain/plain-text.ts";
import type { Problem } from "../domain/problem.ts";
import { shown } from "./shown.ts";
import { deepestYaml, nestedTooDeeply, parseTokens } from "./yaml-tokens.ts";

/** A YAML text as data, with the way back from the data to its places in the text. */
export interface YamlText {
  /**
   * Maps as objects, lists as arrays, null, and every other scalar as it was written: `1e-5`, `010`, `yes`, `2:30:00`.
   * YAML 1.1 (PyYAML) and 1.2 read such words in different ways; whoever needs a number says which spellings it takes.
   */
  readonly value: unknown;
  /** Mistakes in the YAML itself. With an error among them the value is not to be used. */
  readonly problems: readonly Problem[];
  placeOf(path: YamlPath): Place;
}

/** The way to a value: keys of maps and indexes of lists. */
export type YamlPath = readonly (string | number)[];

/** Both are 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Parses a YAML text of one document. Never throws. `file` is what problems call it. */
export function parseYaml(text: string, file: string): YamlText {
  const lineCounter = new LineCounter();
  // Unique keys are checked below: the library's own check takes minutes for a map of some ten thousand keys.
  const composer = new Composer({ schema: "failsafe", customTags: ["null"], merge: true, uniqueKeys: false });
  const [document = new Document(), second] = composer.compose(parseTokens(text, lineCounter), true, text.length);
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const placeOf = (path: YamlPath): Place => placeAt(offsetOf(document, path));
  // What follows the first mistake is mostly its consequence.
  const mistake = document.errors[0] ?? (second === undefined ? undefined : { code: "MULTIPLE_DOCS", message: "", pos: second.range });
  const [oddity] = document.warnings;
  const problems: Problem[] = [];
  const oddKeys = keyProblems(document, file, placeAt);
  if (mistake !== undefined) problems.push({ severity: "error", file, ...placeAt(mistake.pos[0]), ...wordsFor(mistake.code, mistake.message) });
  else problems.push(...oddKeys);
  if (oddity !== undefined) problems.push({ severity: "warning", message: lowerFirst(oddity.message), file, ...placeAt(oddity.pos[0]) });
  // Maps in the place of keys take the library seconds to write out, and hours where they are nested a few hundred times.
  if (oddKeys.some(({ message }) => message === keyIsNoWord)) return { value: undefined, problems, placeOf };
  try {
    return { value: document.toJS({ maxAliasCount: 10_000 }), problems, placeOf };
  } catch (error) {
    // An alias of nothing, aliases of aliases that grow beyond all bounds, a merge (<<) of what is no map.
    const message = lowerFirst(error instanceof Error ? error.message : String(error));
    problems.push({ severity: "error", message, file, line: 1, column: 1, advice: "Write the values out instead of using aliases (*name)" });
    return { value: undefined, problems, placeOf };
  }
}

function wordsFor(code: string, message: string): Pick<Problem, "message" | "expected" | "advice"> {
  switch (code) {
    case "TAB_AS_INDENT": return { message: "a tab cannot indent YAML", expected: "spaces" };
    case "MULTIPLE_DOCS": return { message: "a second document begins here", expected: "one document in the file", advice: "Remove this line (---)" };
    default: return message === nestedTooDeeply ? { message, expected: `at most ${deepestYaml} levels` } : { message: `this is not YAML: ${lowerFirst(message)}` };
  }
}

const keyIsNoWord = "a list or a map cannot be a key here";

function keyProblems(document: Document, file: string, placeAt: (offset: number) => Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map: (_key, map) => {
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        if (isCollection(key)) problems.push({ severity: "error", message: keyIsNoWord, file, ...placeAt(key.range?.[0] ?? 0), expected: "a word" });
        if (!isScalar(key) || typeof key.value !== "string") continue;
        const offset = key.range?.[0] ?? 0;
        const first = seen.get(key.value);
        if (first === undefined) seen.set(key.value, offset);
        else {
          problems.push({
            severity: "error", message: `the key ${shown(key.value)} stands here a second time`, file, ...placeAt(offset),
            expected: `one ${shown(key.value)}, as in line ${placeAt(first).line}`,
          });
        }
      }
    },
  });
  return problems;
}

/** Offset of the value at a path; where there is none, of the nearest thing around it. */
function offsetOf(document: Document, path: YamlPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of [undefined, ...path]) {
    if (step !== undefined) node = childOf(node, step);
    const key = isPair(node) ? node.key : undefined;
    if (isPair(node)) node = node.value;
    if (!isNode(node)) break;
    const [start, end] = node.range ?? [offset, offset];
    // An empty value and a block begin somewhere behind their key: the key is the better place to point at.
    const isAtKey = isNode(key) && (end === start || (isCollection(node) && node.flow !== true));
    offset = isAtKey ? (key.range?.[0] ?? start) : start;
    if (isAlias(node)) node = node.resolve(document);
  }
  return offset;
}

function childOf(node: unknown, step: string | number): unknown {
  if (isSeq(node)) return node.items[Number(step)];
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && key.value === step);
  return undefined;
}

// Messages of the library quote the file.
function lowerFirst(text: string): string {
  return plainLine(text.slice(0, 1).toLowerCase() + text.slice(1));
}
