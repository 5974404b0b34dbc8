import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Problem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { shellQuote } from "../report/shell.ts";
import { messageOf } from "../system/error-message.ts";
import { writeFenced } from "../system/fences.ts";
import { describeOutage } from "../system/outage.ts";
import { readPlainFile } from "../system/read-file.ts";
import { parseEvalJobs } from "./parse-eval-jobs.ts";
import { renderEvalJobs, withRevision } from "./render-eval-jobs.ts";

/** What stands in an experiment's `eval_jobs.json`. */
export type StoredState =
  | { readonly kind: "none" }
  | { readonly kind: "state"; readonly state: ExperimentState }
  /** A file of this name by the users' own tools. */
  | { readonly kind: "theirs"; readonly reason: string }
  /** Stays as it is until a person decides. `isRead`: its bytes are known; else the file itself cannot be read just now. */
  | { readonly kind: "corrupt"; readonly problem: Problem; readonly isRead: boolean };

/** Reads `eval_jobs.json` of an experiment. While its bytes are the same, the answer is the same object. */
export function readState(experimentFolder: string): StoredState {
  let bytes: Buffer;
  try {
    bytes = readPlainFile(stateFile(experimentFolder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "none" };
    return { kind: "corrupt", problem: { severity: "error", file: "eval_jobs.json", message: `cannot be read: ${describeOutage(error) ?? messageOf(error)}` }, isRead: false };
  }
  const digest = digestOfText(bytes);
  const before = lastRead.get(experimentFolder);
  if (before?.digest === digest) return before.stored;
  const stored = understand(bytes.toString("utf8"), experimentFolder);
  lastRead.set(experimentFolder, { digest, stored });
  if (stored.kind === "state") digestsRead.set(stored.state, digest);
  return stored;
}

/** First 16 hex digits of SHA-256 over a text. */
export function digestOfText(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The digest of the bytes that a state was read from; none of a state that was not read from a file by this process. */
export function digestAsRead(state: ExperimentState): string | undefined {
  return digestsRead.get(state);
}

/**
 * Writes `eval_jobs.json` durably if its meaning changed, with the next revision.
 *
 * @returns The state as it stands on disk now.
 * @throws {FencedOff} When another process has taken the experiment over.
 */
export function writeState(experimentFolder: string, state: ExperimentState, before: ExperimentState | undefined): ExperimentState {
  if (before === undefined) return replaceState(experimentFolder, state, 0);
  const candidate = state.revision === before.revision ? state : withRevision(state, before.revision);
  return renderEvalJobs(candidate) === renderEvalJobs(before) ? before : replaceState(experimentFolder, candidate, before.revision);
}

/** Writes `eval_jobs.json` durably, whatever stands there, with the revision after the one given. */
export function replaceState(experimentFolder: string, state: ExperimentState, revision: number): ExperimentState {
  const next = withRevision(state, revision + 1);
  writeFenced(experimentFolder, stateFile(experimentFolder), renderEvalJobs(next));
  return next;
}

/** Where the state of an experiment is. */
export function stateFile(experimentFolder: string): string {
  return join(experimentFolder, "eval_jobs.json");
}

const digestsRead = new WeakMap<ExperimentState, string>();
const lastRead = new Map<string, { readonly digest: string; readonly stored: StoredState }>();

function understand(text: string, experimentFolder: string): StoredState {
  const parsed = parseEvalJobs(text);
  if ("isTheirs" in parsed) return { kind: "theirs", reason: "its eval_jobs.json is another tool's, which nightshift does not write over; move it away (mv eval_jobs.json eval_jobs.old.json), and what was done before is read from outputs and logs" };
  if ("state" in parsed) return { kind: "state", state: parsed.state };
  const advice = `The file stays as it is, and nothing is submitted for this experiment. To rebuild its state: nightshift recover ${shellQuote(experimentFolder)}`;
  return { kind: "corrupt", problem: { advice, ...parsed.problem }, isRead: true };
}
