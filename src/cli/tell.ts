import { plainText } from "../domain/plain-text.ts";
import { maskSecrets } from "../domain/secrets.ts";

/** Writes lines for a person, whatever of them came out of files and names: without escape codes, with secrets masked. */
export function tell(text: string): void {
  process.stdout.write(`${clean(text)}\n`);
}

/** The same on standard error, for what went wrong. */
export function complain(text: string): void {
  process.stderr.write(`${clean(text)}\n`);
}

/** A text fit for a terminal. Lines stay lines. */
export function clean(text: string): string {
  return maskSecrets(plainText(text));
}

/** The same as one line. What stands in front of it stays. */
export function cleanLine(text: string): string {
  return clean(text).replaceAll("\n", String.raw`\n`);
}
