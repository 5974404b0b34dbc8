import { stripVTControlCharacters } from "node:util";
import { maskSecrets } from "../../domain/secrets.ts";

/** Makes one line of a text from a file, fit to be shown: no escape codes or control characters, no secrets, not endless. */
export function plainText(text: string, maxLength = 500): string {
  // The mask comes before the cut, or half a secret would get through.
  const plain = stripVTControlCharacters(text.slice(0, maxLength * 20)).replace(spelledOutColour, "");
  const line = plain.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const masked = maskSecrets(line);
  return masked.length <= maxLength ? masked : `${masked.slice(0, maxLength - 1).trimEnd()}…`;
}

// Python's repr, which inspect-ai stores of an exception, spells the escape character out.
const spelledOutColour = /\\x1b\[[\d;]*[A-Za-z]/gu;
