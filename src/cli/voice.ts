import { pino } from "pino";

import type { Happening } from "../domain/happening.ts";
import { renderHappening } from "../report/happenings.ts";
import { escapeForTerminal } from "../report/json-text.ts";
import { describeOutage } from "../system/outage.ts";
import { clean, cleanLine } from "./tell.ts";

/** How nightshift speaks while it works. */
export interface Voice {
  /** One thing that happened to a run, an evaluation or an experiment. */
  happening(folder: string, happening: Happening): void;
  /** Something a person should know that is no change of state, in one line. */
  note(text: string): void;
  /** A text of several lines. */
  report(text: string): void;
  /** A pass that threw: a bug or an outage. */
  error(folder: string, error: unknown, retryMs: number | undefined): void;
}

/** Speaks in lines of text through `print`, one per thing that happened. */
export function plainVoice(print: (line: string) => void): Voice {
  return {
    happening: (_folder, happening) => print(`${happening.at.slice(11, 19)} ${renderHappening(happening)}`),
    note: (text) => print(cleanLine(text)),
    report: (text) => print(clean(text)),
    error: (folder, error, retryMs) => print(`${cleanLine(folder)}: ${clean(sentenceOf(error))}${retryMs === undefined ? "" : `; trying again in ${retryMs / 1000} s`}`),
  };
}

/** Speaks in pino's JSON lines, for machines. */
export function jsonVoice(): Voice {
  // Synchronous, because buffered lines are lost when the process is killed.
  const log = pino({ base: null, hooks: { streamWrite: escapeForTerminal } }, pino.destination({ dest: 1, sync: true }));
  return {
    happening: (folder, happening) => log.info({ folder, ...happening }, renderHappening(happening)),
    note: (text) => log.info(cleanLine(text)),
    report: (text) => log.info(clean(text)),
    error: (folder, error, retryMs) => log.error({ folder, err: error, retryMs }, sentenceOf(error)),
  };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A failing disk or mount is an outage and says enough; anything else is a bug and shows where it is.
  return "code" in error ? describeOutage(error) ?? error.message : (error.stack ?? error.message);
}
