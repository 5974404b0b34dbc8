import type { Facts } from "../domain/facts.ts";
import { epochMs } from "../domain/time.ts";

/** Why an armed experiment may not begin yet, in one sentence, or `undefined` when it may. */
export function whyUnsettled(facts: Facts): string | undefined {
  const { missing } = facts.reading;
  if (missing.training.length > 0) return `waits for scaffolding: no training script for ${missing.training.join(", ")}`;
  if (!isQuiet(facts, facts.reading.newestChangeMs)) return `settling: waits until nothing has changed for ${facts.settings.settleMs / 1000} s`;
  return undefined;
}

/** Why a run's or an evaluation's own script may not be submitted yet. `whole` names what the script belongs to. */
export function whyScriptIsNotReady(facts: Facts, script: string | undefined, candidates: readonly string[]): string | undefined {
  if (script === undefined) return `its script is missing: ${relativeTo(facts.experiment.folder, candidates[0] ?? "")}`;
  const newestDesignChange = Math.max(0, ...facts.reading.designFiles.map((file) => Math.max(file.mtimeMs, file.ctimeMs)));
  if (!isQuiet(facts, newestDesignChange)) return `settling: waits until the design has not changed for ${facts.settings.settleMs / 1000} s`;
  return undefined;
}

/** Milliseconds until a quiet period that is running now will have lasted long enough; 0 when it has. */
export function settleLeftMs(facts: Facts): number {
  return Math.max(0, facts.reading.newestChangeMs + facts.settings.settleMs - epochMs(facts.now));
}

// A time in the future (another machine's clock, an unpacked archive) cannot be waited for: it counts as old.
function isQuiet({ now, settings }: Facts, changedMs: number): boolean {
  const ageMs = epochMs(now) - changedMs;
  return ageMs >= settings.settleMs || ageMs < -settings.settleMs;
}

function relativeTo(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
