/** Quotes a word for sh, where it needs it: `my run/eval` becomes `'my run/eval'`. A leading dash is kept from being an option. */
export function shellQuote(word: string): string {
  const path = word.startsWith("-") ? `./${word}` : word;
  return /^[\w./:=@%+,-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
