import type { Places } from "../domain/places.ts";
import { plainLine } from "../domain/plain-text.ts";
import { type Instant, wallTime } from "../domain/time.ts";
import type { ExperimentView } from "./units.ts";

/** The logs of one experiment, by their names without `.log`. */
export type LogName = "run-experiment" | "run-torchtune" | "run-inspect" | "summarize-experiment";

/** What log blocks are made from besides the happenings: the experiment, its state after them, and where its files are. */
export interface LogSource extends ExperimentView {
  readonly places: Places;
}

/** One entry of one log. */
export interface LogBlock {
  readonly file: LogName;
  /** Ends with a blank line. */
  readonly text: string;
}

/**
 * Renders `[YYYY-MM-DD HH:MM:SS] ACTION: subject`, a `Key: value` line for each value that is known, and a blank line.
 *
 * A value is one line whatever it was: line breaks are written as `\n`, escape codes taken out, secrets masked.
 */
export function renderBlock(at: Instant, action: string, subject: string, values: readonly (readonly [key: string, value: string | undefined])[]): string {
  const lines = values.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${plainLine(value)}`]));
  return `${[`[${wallTime(at)}] ${action}: ${plainLine(subject)}`, ...lines].join("\n")}\n\n`;
}
