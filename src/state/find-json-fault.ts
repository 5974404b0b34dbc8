/** What is wrong with a text that should be JSON, and where (1-based). */
export interface JsonFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the first thing that is wrong with a JSON text: its syntax, the marks of a merge conflict, or a name that an
 * object has twice, of which `JSON.parse` silently takes the last, as after a merge that went wrong.
 *
 * Written out here because `JSON.parse` gives no place for many mistakes, and nothing that is installed finds names
 * given twice in less than a tenth of a second for a state of a thousand evaluations.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/mu.exec(text);
  if (conflict !== null) return { message: "holds the marks of a git merge conflict", ...placeAt(text, conflict.index) };
  if (text.trim() === "") return { message: "is empty, which is not JSON", line: 1, column: 1 };
  try {
    readDocument(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { message: error.message, ...placeAt(text, error.offset) };
  }
}

/** Finds where the value at a path stands in a text that is JSON; the start of the nearest one around it where it is not there. */
export function findJsonPlace(text: string, path: readonly PropertyKey[]): { readonly line: number; readonly column: number } {
  const wanted = path.map(String);
  let best = { depth: 0, offset: /\S/u.exec(text)?.index ?? 0 };
  readDocument(text, (names, offset) => {
    if (names.length > best.depth && names.length <= wanted.length && names.every((name, depth) => name === wanted[depth])) best = { depth: names.length, offset };
  });
  return placeAt(text, best.offset);
}

class Fault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

type OnValue = (names: readonly string[], offset: number) => void;

function readDocument(text: string, onValue: OnValue = () => {}): void {
  const end = readValue(text, skipSpace(text, 0), [], onValue);
  const rest = skipSpace(text, end);
  if (rest < text.length) throw new Fault(`is not JSON: something follows its end, ${shown(text, rest)}`, rest);
}

function readValue(text: string, at: number, names: string[], onValue: OnValue): number {
  if (names.length > deepest) throw new Fault("is nested too deeply", at);
  onValue(names, at);
  switch (text[at]) {
    case "{": return readObject(text, at, names, onValue);
    case "[": return readList(text, at, names, onValue);
    case "\"": return readString(text, at);
    default: return readPlain(text, at);
  }
}

const deepest = 200;

function readObject(text: string, start: number, names: string[], onValue: OnValue): number {
  const seen = new Set<string>();
  let at = skipSpace(text, start + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== "\"") throw expected("a name in double quotes", text, at);
    const end = readString(text, at);
    const name = JSON.parse(text.slice(at, end)) as string;
    if (seen.has(name)) throw new Fault(`has ${JSON.stringify(name)} twice in one object${names.length === 0 ? "" : ` (${names.join(".")})`}, as after a merge that went wrong`, at);
    seen.add(name);
    const colon = skipSpace(text, end);
    if (text[colon] !== ":") throw expected("a colon", text, colon);
    names.push(name);
    at = skipSpace(text, readValue(text, skipSpace(text, colon + 1), names, onValue));
    names.pop();
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw expected("a comma or }", text, at);
    at = skipSpace(text, at + 1);
  }
}

function readList(text: string, start: number, names: string[], onValue: OnValue): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === "]") return at + 1;
  for (let index = 0; ; index += 1) {
    names.push(String(index));
    at = skipSpace(text, readValue(text, at, names, onValue));
    names.pop();
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw expected("a comma or ]", text, at);
    at = skipSpace(text, at + 1);
  }
}

function readString(text: string, start: number): number {
  string.lastIndex = start;
  if (!string.test(text)) throw new Fault("is not JSON: a text in double quotes is not ended on its line, or holds what may not stand in one", start);
  return string.lastIndex;
}

function readPlain(text: string, start: number): number {
  plain.lastIndex = start;
  if (!plain.test(text)) throw expected("a value", text, start);
  return plain.lastIndex;
}

function skipSpace(text: string, start: number): number {
  space.lastIndex = start;
  space.test(text);
  return space.lastIndex;
}

const string = /"[^"\\\u0000-\u001F]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001F]*)*"/uy;
const plain = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/uy;
const space = /[ \t\n\r]*/uy;

function expected(what: string, text: string, at: number): Fault {
  return new Fault(at >= text.length ? `is not JSON: it ends where ${what} is expected, as if it was cut off` : `is not JSON: expected ${what}, found ${shown(text, at)}`, at);
}

function shown(text: string, at: number): string {
  return JSON.stringify(text.slice(at, at + 20).split("\n")[0] ?? "");
}

function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
