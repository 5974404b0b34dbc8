import type { Status } from "../domain/status.ts";
import type { ExperimentWord } from "./status-view.ts";

/** What a piece of text is, so that a terminal can give it a look. */
export type Tone = "good" | "bad" | "busy" | "waiting" | "faint" | "strong";

/** Gives a text the look of its tone; the identity where there are no colours. */
export type Paint = (tone: Tone, text: string) => string;

/** Leaves every text as it is. */
export const noPaint: Paint = (_tone, text) => text;

/** The tone of a status or of an experiment's word. */
export function toneOf(word: Status | ExperimentWord): Tone {
  return tones[word];
}

const tones: Readonly<Record<Status | ExperimentWord, Tone>> = {
  COMPLETED: "good", finished: "good",
  FAILED: "bad", TIMEOUT: "bad", OUT_OF_MEMORY: "bad", NODE_FAIL: "bad", CANCELLED: "bad", AMBIGUOUS: "bad", invalid: "bad",
  RUNNING: "busy", RETRYING: "busy", SUBMITTING: "busy", working: "busy",
  HELD: "waiting", PENDING: "waiting", READY: "waiting", WAITING: "waiting", held: "waiting", settling: "waiting",
  SKIPPED: "faint",
};
