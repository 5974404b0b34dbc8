import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import type { JobIntent, JobRecord, SubmitAnswer } from "../domain/job.ts";
import { parseSbatchScript, type SbatchScript } from "../domain/sbatch-script.ts";
import { now } from "../system/clock.ts";
import { ensureFolder, syncFolder, writeFileDurably } from "../system/durable-file.ts";
import { messageOf } from "../system/error-message.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { userName } from "../system/user.ts";
import { buildScriptCopy } from "./inserted-lines.ts";
import { answerFile, copyOf, intentFile, jobFolder, spawnedFile } from "./job-folder.ts";
import { readRecord } from "./job-records.ts";
import { outputFoldersOf } from "./output-folders.ts";

/** One scheduler, as the protocol needs it. */
export interface Submitter {
  /** Looks for a job of this key that an earlier attempt to submit it may have made. */
  find(job: PreparedJob): Promise<Finding>;
  submit(job: PreparedJob): Promise<SubmitAnswer>;
}

export type Finding =
  | { readonly kind: "found"; readonly id: string }
  /** There certainly is no such job. */
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

/** All that is on disk, durably, before a job is submitted. */
export interface PreparedJob {
  readonly key: string;
  /** `{experiment}/.nightshift/jobs/{key}`. */
  readonly folder: string;
  /** The copy to submit, absolute. The key is in its path, where a scheduler shows it. */
  readonly script: string;
  readonly parsed: SbatchScript;
  readonly submitFolder: string;
}

/**
 * Submits one intent so that there is at most one effective job for its key, whatever happens in between.
 *
 * A key whose job was accepted, or whose claim is held, is never submitted again: what has become of that job is
 * another question. A key that may have been submitted (its `spawned` mark is there) is looked up first, and submitted
 * only if there certainly is no job. Otherwise everything is prepared durably, the mark is set, the job is submitted,
 * and the answer is written beside it. What is on disk after a crash at any point says how far it came. Never throws
 * for what a disk or a scheduler can do wrong.
 */
export async function submitOnce(intent: JobIntent, submitter: Submitter): Promise<SubmitAnswer> {
  const folder = jobFolder(intent.experimentFolder, intent.key);
  const record = readRecord(folder);
  if (record.claimedBy !== undefined) return { kind: "accepted", id: record.claimedBy };
  if (record.answer?.kind === "accepted") return record.answer;
  let job: PreparedJob;
  try {
    job = { key: intent.key, folder, script: copyOf(intent), parsed: parseSbatchScript(readFileSync(intent.script, "utf8")), submitFolder: intent.submitFolder };
    const earlier = record.spawned ? await settleEarlier(job, record, submitter) : undefined;
    if (earlier !== undefined) return earlier;
    statSync(intent.submitFolder);
    prepare(job, intent);
  } catch (error) {
    return unprepared(error, intent);
  }
  const answer = await answerOf(job, submitter);
  writeAnswer(folder, answer);
  return answer;
}

async function settleEarlier(job: PreparedJob, { answer }: JobRecord, submitter: Submitter): Promise<SubmitAnswer | undefined> {
  if (answer?.kind === "refused" || answer?.kind === "postponed") return undefined;
  const finding = await submitter.find(job).catch((error: unknown): Finding => ({ kind: "unknown", reason: messageOf(error) }));
  if (finding.kind === "absent") return undefined;
  if (finding.kind === "unknown") return answer ?? { kind: "unclear", reason: finding.reason };
  const found: SubmitAnswer = { kind: "accepted", id: finding.id };
  writeAnswer(job.folder, found);
  return found;
}

// The mark of an earlier attempt goes first, then its answer, so that no crash leaves an old answer beside a new mark.
function prepare(job: PreparedJob, intent: JobIntent): void {
  ensurePrivateFolder(intent.experimentFolder);
  ensureFolder(job.folder);
  for (const earlier of [spawnedFile, answerFile].map((name) => join(job.folder, name)).filter((file) => existsSync(file))) {
    rmSync(earlier);
    syncFolder(job.folder);
  }
  writeFileDurably(job.script, buildScriptCopy(readFileSync(intent.script), job.parsed, job.folder), { mode: statSync(intent.script).mode });
  writeFileDurably(join(job.folder, intentFile), `${JSON.stringify({ ...intent, preparedAt: now() }, undefined, 2)}\n`);
  for (const output of outputFoldersOf(job.parsed, intent, userName())) ensureFolder(output);
  writeFileDurably(join(job.folder, spawnedFile), `${now()}\n`);
}

function unprepared(error: unknown, { script, submitFolder }: JobIntent): SubmitAnswer {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  if (code === "ENOENT" && path === script) return { kind: "refused", reason: `the script is not there: ${script}` };
  if (code === "ENOENT" && path === submitFolder) return { kind: "refused", reason: `the folder to submit from is not there: ${submitFolder}` };
  return { kind: "postponed", reason: `could not prepare the submission: ${message}` };
}

async function answerOf(job: PreparedJob, submitter: Submitter): Promise<SubmitAnswer> {
  try {
    return await submitter.submit(job);
  } catch (error) {
    return { kind: "unclear", reason: messageOf(error) };
  }
}

// An answer that cannot be written is still true; without it on disk the next attempt begins with a look-up.
function writeAnswer(folder: string, answer: SubmitAnswer): void {
  try {
    writeFileDurably(join(folder, answerFile), `${JSON.stringify({ ...answer, at: now() })}\n`);
  } catch {
    return;
  }
}
