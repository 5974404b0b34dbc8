import type { Instant } from "../../../domain/time.ts";

/** Parses a time as Python writes it; one without an offset means UTC, as inspect-ai has it. `undefined` for anything else. */
export function parseInstant(text: string | undefined): Instant | undefined {
  const match = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?<offset>Z|[+-]\d{2}:\d{2})?$/u.exec(text ?? "");
  if (match === null) return undefined;
  const instant = match.groups?.["offset"] === undefined ? `${match[0]}+00:00` : match[0];
  return Number.isNaN(Date.parse(instant)) ? undefined : instant;
}
