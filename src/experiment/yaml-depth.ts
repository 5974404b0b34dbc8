import { type CST, LineCounter, Parser } from "yaml";

/**
 * Finds where lists and maps of a YAML text are nested deeper than `deepest`; undefined where they are not. Both parts of
 * the place are 1-based.
 *
 * To be asked before the text is composed: that recurses, and where little of the stack is left, what V8 compiles just
 * then (a regular expression, say) ends the whole process instead of throwing. The library's parser itself does not recurse.
 */
export function findTooDeep(text: string, deepest: number): { readonly line: number; readonly column: number } | undefined {
  const lineCounter = new LineCounter();
  const tokens = new Parser(lineCounter.addNewLine).parse(text);
  for (const token of tokens) {
    const offset = offsetBelow(token, deepest);
    if (offset !== undefined) {
      const { line, col } = lineCounter.linePos(offset);
      return { line, column: col };
    }
  }
  return undefined;
}

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
