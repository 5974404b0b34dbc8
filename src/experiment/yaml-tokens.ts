import { type CST, type LineCounter, Parser } from "yaml";

/** Deeper than anybody nests what people write and read. */
export const deepestYaml = 100;

/** What the token says that stands in the place of what is nested too deeply. */
export const nestedTooDeeply = "lists or maps are nested too deeply";

/**
 * Parses the tokens of a YAML text up to its first mistake: each of the library's errors costs a look at the stack, and a
 * megabyte of brackets half a minute of them.
 *
 * Too deep a nesting is a mistake here, because composing recurses: where little of the stack is left, what V8 compiles
 * just then (a regular expression, say) ends the whole process instead of throwing. The parser itself does not recurse.
 */
export function* parseTokens(text: string, lineCounter: LineCounter): Generator<CST.Token> {
  for (const token of new Parser(lineCounter.addNewLine).parse(text)) {
    const offset = offsetBelow(token, deepestYaml);
    yield offset === undefined ? token : { type: "error", offset, source: "", message: nestedTooDeeply };
    if (token.type === "error" || offset !== undefined) return;
  }
}

/** Where in a token something lies deeper than this. */
function offsetBelow(root: CST.Token, deepest: number): number | undefined {
  const waiting: [token: CST.Token, depth: number][] = [[root, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [token, depth] = next;
    if (token.type === "document" && token.value !== undefined) waiting.push([token.value, depth]);
    if (!("items" in token)) continue;
    if (depth === deepest) return token.offset;
    for (const { key, value } of token.items) {
      if (value !== undefined) waiting.push([value, depth + 1]);
      if (key !== undefined && key !== null) waiting.push([key, depth + 1]);
    }
  }
  return undefined;
}
