/**
 * Says whether a name matches a pattern of Python's fnmatch: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`; a bracket that is never
 * closed is one.
 *
 * Not by a regular expression: a pattern of many stars would take it forever.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const tokens = tokensOf(pattern);
  const characters = Array.from(name);
  let at = 0;
  let next = 0;
  // What follows the last star begins here; if it does not match, one character further on.
  let afterStar: { readonly token: number; readonly at: number } | undefined;
  while (at < characters.length) {
    const token = tokens[next];
    if (token === "*") {
      next += 1;
      afterStar = { token: next, at };
    } else if (token?.(characters[at] ?? "") === true) {
      next += 1;
      at += 1;
    } else if (afterStar === undefined) {
      return false;
    } else {
      afterStar = { ...afterStar, at: afterStar.at + 1 };
      ({ token: next, at } = afterStar);
    }
  }
  return tokens.slice(next).every((token) => token === "*");
}

type Token = "*" | ((character: string) => boolean);

function tokensOf(pattern: string): readonly Token[] {
  return [...pattern.matchAll(/\[(?<not>!|(?!!))(?<range>\][^\]]*|[^\]]+)\]|./gsu)].map(({ 0: text, groups }): Token => {
    const { not, range } = groups ?? {};
    if (range !== undefined) return (character) => isWithin(character, Array.from(range)) !== (not === "!");
    if (text === "*") return "*";
    return text === "?" ? () => true : (character) => character === text;
  });
}

function isWithin(character: string, range: readonly string[]): boolean {
  for (let at = 0; at < range.length; at += 1) {
    const first = range[at] ?? "";
    const isSpan = range[at + 1] === "-" && at + 2 < range.length;
    const last = isSpan ? range[at + 2] ?? "" : first;
    if (isSpan) at += 2;
    if (codeOf(first) <= codeOf(character) && codeOf(character) <= codeOf(last)) return true;
  }
  return false;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
