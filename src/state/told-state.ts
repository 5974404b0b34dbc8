import { join } from "node:path";

import type { ExperimentState } from "../domain/state.ts";
import { writeFenced } from "../system/fences.ts";
import { readPlainText } from "../system/read-file.ts";
import { parseEvalJobs } from "./parse-eval-jobs.ts";
import { renderEvalJobs } from "./render-eval-jobs.ts";

/**
 * Finds the state that people were last told about, so that what changed since is told by the next process if the one
 * that changed it was killed, or only put a decision on record.
 *
 * @param before The state on disk when the pass began.
 * @returns `undefined` when nothing of this state was told yet.
 */
export function readToldState(experimentFolder: string, before: ExperimentState | undefined): ExperimentState | undefined {
  if (before === undefined) return undefined;
  const told = readTold(experimentFolder);
  // Missing beside a first revision: killed right after it was written. Missing or torn otherwise: nothing can be said.
  if (told === "missing") return before.revision === 1 ? undefined : before;
  return told !== "torn" && told.id === before.id && told.revision <= before.revision ? told : before;
}

/** Reads the state that people were last told about, whatever became of it since; none where there is none that is whole. */
export function readLastTold(experimentFolder: string): ExperimentState | undefined {
  const told = readTold(experimentFolder);
  return typeof told === "string" ? undefined : told;
}

/** Notes that people were told about a state. Not worth an fsync: what a power failure takes is told once more. */
export function writeToldState(experimentFolder: string, state: ExperimentState): void {
  const text = renderEvalJobs(state);
  if (textOf(fileOf(experimentFolder)) === text) return;
  writeFenced(experimentFolder, fileOf(experimentFolder), text, { isDurable: false });
}

function readTold(experimentFolder: string): ExperimentState | "missing" | "torn" {
  const text = textOf(fileOf(experimentFolder));
  if (text === undefined) return "missing";
  const parsed = parseEvalJobs(text);
  return "state" in parsed ? parsed.state : "torn";
}

function textOf(file: string): string | undefined {
  try {
    return readPlainText(file);
  } catch {
    return undefined;
  }
}

function fileOf(experimentFolder: string): string {
  return join(experimentFolder, ".nightshift", "told.json");
}
