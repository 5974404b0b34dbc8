import { readFileSync } from "node:fs";
import { join } from "node:path";

import { writeFileDurably } from "../system/durable-file.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import type { Problem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { parseEvalJobs } from "./parse-eval-jobs.ts";
import { renderEvalJobs } from "./render-eval-jobs.ts";

/** What stands in an experiment's `eval_jobs.json`. */
export type StoredState =
  | { readonly kind: "none" }
  | { readonly kind: "state"; readonly state: ExperimentState; readonly text: string }
  /** A file of this name by the users' own tools. */
  | { readonly kind: "theirs"; readonly reason: string }
  | { readonly kind: "corrupt"; readonly problem: Problem };

/** Reads `eval_jobs.json` of an experiment. */
export function readState(experimentFolder: string): StoredState {
  let text: string;
  try {
    text = readFileSync(stateFile(experimentFolder), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "none" };
    return { kind: "corrupt", problem: { severity: "error", file: "eval_jobs.json", message: `cannot be read: ${(error as Error).message}` } };
  }
  const parsed = parseEvalJobs(text);
  if ("isTheirs" in parsed) return { kind: "theirs", reason: "its eval_jobs.json is another tool's, which nightshift does not write over; move it away (mv eval_jobs.json eval_jobs.old.json), and what was done before is read from outputs and logs" };
  return "problem" in parsed ? { kind: "corrupt", problem: parsed.problem } : { kind: "state", state: parsed.state, text };
}

/**
 * Writes `eval_jobs.json` durably if its meaning changed, with the next revision.
 *
 * @returns The state as it stands on disk now.
 */
export function writeState(experimentFolder: string, state: ExperimentState, before: ExperimentState | undefined): ExperimentState {
  if (before !== undefined && renderEvalJobs({ ...state, revision: before.revision }) === renderEvalJobs(before)) return before;
  const next = { ...state, revision: (before?.revision ?? 0) + 1 };
  // What a kill leaves half-written stays out of git's sight.
  writeFileDurably(stateFile(experimentFolder), renderEvalJobs(next), { tempFolder: ensurePrivateFolder(experimentFolder) });
  return next;
}

/** Where the state of an experiment is. */
export function stateFile(experimentFolder: string): string {
  return join(experimentFolder, "eval_jobs.json");
}
