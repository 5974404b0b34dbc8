/**
 * Quotes a word for sh, where it needs it: `my run/eval` becomes `'my run/eval'`. A leading dash is kept from being an option.
 *
 * What a terminal would act upon is spelled out: `"$(printf 'a\012b')"`, which every shell of the family understands.
 */
export function shellQuote(word: string): string {
  const path = word.startsWith("-") ? `./${word}` : word;
  if (/^[\w./:=@%+,-]+$/u.test(path)) return path;
  if (!unspeakable.test(path)) return quoted(path);
  return `"$(printf ${quoted(path.replace(/[\\%]/gu, (sign) => sign + sign).replace(new RegExp(unspeakable, "gu"), spellOut))})"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

// Control characters, line separators, and marks that turn text around.
const unspeakable = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

function spellOut(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
