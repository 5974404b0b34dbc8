import { plainLine, plainText } from "../domain/plain-text.ts";
import { maskSecrets } from "../domain/secrets.ts";

/** Says in a few words what a value from a file is, fit to be shown: `"rank8"`, `a list`, `a map`, `nothing`. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "string" ? `"${plainLine(value, 60)}"` : "a map";
}

/** Takes escape codes and control characters out of a text from a file, and masks secrets. Lines stay lines. */
export function cleaned(text: string): string {
  return maskSecrets(plainText(text));
}

/** Names one of many, as far as a line can hold them: `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 8): string {
  const rest = names.length - most;
  return rest > 1 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}
