import { execa } from "execa";

import type { Pass } from "../daemon/reconcile.ts";
import type { Happening } from "../domain/happening.ts";
import { plainLine } from "../domain/plain-text.ts";
import { epochMs } from "../domain/time.ts";
import { buildNotices, type Notice } from "../report/notices.ts";
import { WrongUse } from "./wrong-use.ts";

/** Tells a person's own program what is worth waking somebody for. */
export interface Notifier {
  /** Collects what happened; told with the pass it belongs to. */
  happening(happening: Happening): void;
  pass(pass: Pass): void;
  /** Resolves when the last call is over. */
  stop(): Promise<void>;
}

export interface NotifierOptions {
  /** A program and its first parameters, separated by spaces; no shell reads them. */
  readonly command: string;
  /** How long a scheduler may not answer before somebody is told. */
  readonly blindMs: number;
  readonly onNote: (text: string) => void;
}

/**
 * Calls `COMMAND EVENT EXPERIMENT TEXT` with the notice as JSON on its standard input, one call at a time.
 *
 * The parameters are handed over as they are, and nothing of an experiment can become a program or a part of one. A command
 * that fails or hangs is told once and does not hold up anything else.
 */
export function createNotifier({ command, blindMs, onNote }: NotifierOptions): Notifier {
  const [program, ...parameters] = command.split(" ").filter((word) => word !== "");
  if (program === undefined) throw new WrongUse("--notify: expected a program, found nothing");
  let line = Promise.resolve();
  let collected: Happening[] = [];
  let isBlind = false;
  let failure: string | undefined;
  const call = async (notice: Notice): Promise<void> => {
    const result = await execa(program, [...parameters, notice.event, notice.experiment, notice.text], { input: JSON.stringify(notice), reject: false, timeout: patienceMs, stdout: "ignore" });
    const found = result.failed ? plainLine(`--notify ${program}: ${whyFailed(result)}`) : undefined;
    if (found !== undefined && found !== failure) onNote(found);
    failure = found;
  };
  const tell = (notices: readonly Notice[]): void => {
    for (const notice of notices) line = line.then(async () => call(notice));
  };
  return {
    happening: (happening) => { collected.push(happening); },
    pass: ({ folder, facts }) => {
      tell(buildNotices(folder, collected));
      collected = [];
      const queue = facts?.queue;
      if (facts === undefined || queue === undefined) return;
      const isBlindNow = queue.kind === "unavailable" && epochMs(queue.at) - epochMs(queue.since) >= blindMs;
      if (isBlindNow && !isBlind) tell([{ event: "blind", experiment: facts.experiment.name, folder, text: plainLine(`the scheduler has not answered since ${queue.since}: ${queue.reason}`), happenings: [] }]);
      isBlind = isBlindNow;
    },
    stop: async () => line,
  };
}

const patienceMs = 60_000;

function whyFailed({ timedOut, exitCode, originalMessage, signal }: { readonly timedOut: boolean; readonly exitCode?: number | undefined; readonly originalMessage?: string | undefined; readonly signal?: string | undefined }): string {
  if (timedOut) return `has not ended within ${patienceMs / 1000} s`;
  return exitCode === undefined ? originalMessage ?? `ended by ${signal ?? "an unknown cause"}` : `ended with exit code ${exitCode}`;
}
