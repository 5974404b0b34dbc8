import type { Facts } from "../domain/facts.ts";
import { epochMs } from "../domain/time.ts";
import { inside } from "./inside.ts";

/** Why an armed experiment may not begin yet, in one sentence, or `undefined` when it may. */
export function whyUnsettled(facts: Facts): string | undefined {
  const { missing } = facts.reading;
  if (missing.training.length > 0) return `waits for scaffolding: no training script for ${missing.training.join(", ")}`;
  if (!isQuiet(facts, facts.changedMs)) return `${settlingWord}: waits until nothing has changed for ${facts.settings.settleMs / 1000} s`;
  return undefined;
}

/** Why a run's or an evaluation's own script may not be submitted yet, in one sentence, or `undefined` when it may. */
export function whyScriptIsNotReady(facts: Facts, script: string | undefined, candidates: readonly string[]): string | undefined {
  if (script === undefined) return `its script is missing: ${inside(facts.experiment.folder, candidates[0] ?? "")}`;
  if (!isQuiet(facts, facts.designChangedMs)) return `${settlingWord}: waits until the design has not changed for ${facts.settings.settleMs / 1000} s`;
  return undefined;
}

/** Whether a reason to wait passes by itself, once nothing has changed for a while. */
export function isSettling(reason: string | undefined): boolean {
  return reason?.startsWith(settlingWord) === true;
}

// The first word of every sentence that says so.
const settlingWord = "settling";

/** Milliseconds until a quiet period that is running now will have lasted long enough; 0 when it has. */
export function settleLeftMs(facts: Facts): number {
  return Math.max(0, facts.changedMs + facts.settings.settleMs - epochMs(facts.now));
}

function isQuiet({ now, settings }: Facts, changedMs: number): boolean {
  return epochMs(now) - changedMs >= settings.settleMs;
}
