import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import type { CancelIntent, JobIntent, JobRecord, SubmitAnswer } from "../domain/job.ts";
import { parseSbatchScript, type SbatchScript } from "../domain/sbatch-script.ts";
import { createExclusively, ensureFolder, syncFolder, writeFileDurably } from "../system/durable-file.ts";
import { now } from "../system/clock.ts";
import { messageOf } from "../system/error-message.ts";
import { describeOutage } from "../system/outage.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { userName } from "../system/user.ts";
import { buildScriptCopy, hasInsertedLines } from "./inserted-lines.ts";
import { answerFile, claimFile, copyOf, intentFile, jobFolder, nobody, spawnedFile } from "./job-folder.ts";
import { readRecord, readTries } from "./job-records.ts";
import { outputFoldersOf } from "./output-folders.ts";

/** One scheduler, as the protocol needs it. */
export interface Submitter {
  /** Looks for a job of this key that an earlier attempt to submit it may have made. */
  find(job: PreparedJob): Promise<Finding>;
  /** Why nothing may be submitted just now (a limit of the user's, a full disk); asked after the look-up, before anything is written. */
  whyNotNow?(intent: JobIntent): Promise<Postponed | undefined>;
  /**
   * Submits the copy. Before anything can have reached the scheduler, the job folder's `spawned` mark is created
   * exclusively and durably, by whatever does the submitting: what has no mark was certainly never submitted, and of two
   * that are on their way only one arrives.
   */
  submit(job: PreparedJob): Promise<SubmitAnswer>;
}

export type Postponed = Extract<SubmitAnswer, { kind: "postponed" }>;

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
  /** Whether the copy claims its job when it starts, so that a second job of the key would do no harm. */
  readonly isClaiming: boolean;
}

/**
 * Submits one intent so that there is at most one effective job for its key, whatever happens in between.
 *
 * A key whose job was accepted, or whose claim is held, is never submitted again: what has become of that job is
 * another question. A key that may have been submitted (its `spawned` mark is there) is looked up first, and submitted
 * only if there certainly is no job. Otherwise everything is prepared durably, the job is submitted, and the answer is
 * written beside it. What is on disk after a crash at any point says how far it came. Never throws for what a disk or a
 * scheduler can do wrong.
 */
export async function submitOnce(intent: JobIntent, submitter: Submitter): Promise<SubmitAnswer> {
  const folder = jobFolder(intent.experimentFolder, intent.key);
  const mark = readMark(folder);
  const record = readRecord(folder);
  const known = knownAnswer(record);
  if (known !== undefined) return known;
  let job: PreparedJob;
  let tries: number;
  try {
    const earlier = record.spawned ? await settleEarlier(describeEarlier(intent, folder), record, submitter) : undefined;
    if (earlier !== undefined) return earlier;
    job = describeJob(intent, folder);
    statSync(intent.submitFolder);
    const postponed = await submitter.whyNotNow?.(intent);
    if (postponed !== undefined) return keepAnswer(folder, postponed, record);
    tries = readTries(folder) + 1;
    if (!takeAway(mark, folder)) return { kind: "unclear", reason: "somebody else is submitting it" };
    prepare(job, intent);
  } catch (error) {
    return unprepared(error, intent);
  }
  const answer = await answerOf(job, submitter);
  writeAnswer(folder, answer, answer.kind === "unclear" ? tries : 0);
  return answer;
}

/**
 * Takes a submission back, unless it was made or may have been.
 *
 * The mark that a submitting program would have to create is taken first, so that one which is still on its way ends.
 *
 * @returns `withdrawn`, or what is known of the job instead.
 */
export async function withdrawOnce(intent: CancelIntent, submitter: Submitter): Promise<SubmitAnswer> {
  const folder = jobFolder(intent.experimentFolder, intent.key);
  const record = readRecord(folder);
  const known = knownAnswer(record);
  if (known !== undefined) return known;
  try {
    const withdrawn: SubmitAnswer = { kind: "withdrawn", by: intent.by };
    ensurePrivateFolder(intent.experimentFolder, "jobs", intent.key);
    const isOurs = !record.spawned && createExclusively(join(folder, spawnedFile), `withdrawn by ${intent.by}\n`);
    const isSettled = record.answer?.kind === "refused" || record.answer?.kind === "postponed";
    const finding: Finding = isOurs || isSettled ? { kind: "absent" } : await findCarefully(describeEarlier(intent, folder), submitter);
    switch (finding.kind) {
      case "absent": return keepAnswer(folder, withdrawn, record);
      case "found": return keepAnswer(folder, { kind: "accepted", id: finding.id }, record);
      case "unknown": return { kind: "unclear", reason: finding.reason };
    }
  } catch (error) {
    return unprepared(error, intent);
  }
}

function knownAnswer({ claimedBy, answer }: JobRecord): SubmitAnswer | undefined {
  if (claimedBy !== undefined) return { kind: "accepted", id: claimedBy };
  return answer?.kind === "accepted" || answer?.kind === "withdrawn" ? answer : undefined;
}

function describeJob({ key, script, submitFolder, experimentFolder, isPlain = false }: JobIntent, folder: string): PreparedJob {
  const parsed = parseSbatchScript(readFileSync(script, "utf8"));
  return { key, folder, script: copyOf({ experimentFolder, key, script }), parsed, submitFolder, isClaiming: !isPlain && parsed.isShell && parsed.fault === undefined };
}

// What was submitted is the copy, whatever has become of the user's script and of the settings since.
function describeEarlier({ key, script, submitFolder, experimentFolder }: JobIntent, folder: string): PreparedJob {
  const copy = copyOf({ experimentFolder, key, script });
  const text = existsSync(copy) ? readFileSync(copy, "utf8") : "";
  return { key, folder, script: copy, parsed: parseSbatchScript(text), submitFolder, isClaiming: hasInsertedLines(text) };
}

async function settleEarlier(job: PreparedJob, { answer }: JobRecord, submitter: Submitter): Promise<SubmitAnswer | undefined> {
  if (answer?.kind === "refused" || answer?.kind === "postponed") return undefined;
  const finding = await findCarefully(job, submitter);
  if (finding.kind === "found") return keepAnswer(job.folder, { kind: "accepted", id: finding.id });
  if (finding.kind === "unknown") {
    const doubt = answer ?? keepAnswer(job.folder, { kind: "unclear", reason: "nobody noted what the scheduler answered" });
    return { kind: "unclear", reason: `${doubt.kind === "unclear" ? `${doubt.reason}; ` : ""}${finding.reason}` };
  }
  const tries = readTries(job.folder);
  if (answer?.kind !== "unclear" || tries < maxTries) return undefined;
  return keepAnswer(job.folder, { kind: "refused", reason: `${answer.reason} (submitted ${tries} times, and none of them made a job)` });
}

// What the scheduler's programs say in a way that nobody has seen before may be said for ever.
const maxTries = 3;

async function findCarefully(job: PreparedJob, submitter: Submitter): Promise<Finding> {
  return submitter.find(job).catch((error: unknown): Finding => ({ kind: "unknown", reason: messageOf(error) }));
}

function readMark(folder: string, name = spawnedFile): string | undefined {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    // One that cannot be read is no reason to take it for none.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : messageOf(error);
  }
}

// The mark that is taken away must be the one of the attempt that came to nothing, and is moved aside before it is looked
// at: whoever slept since it was read may find that of another's attempt in its place, which goes back.
function takeAway(mark: string | undefined, folder: string): boolean {
  if (readMark(folder) !== mark) return false;
  if (mark === undefined) return true;
  const aside = `${spawnedFile}-aside-${process.pid}`;
  renameSync(join(folder, spawnedFile), join(folder, aside));
  const isTheSame = readMark(folder, aside) === mark;
  if (!isTheSame) linkSync(join(folder, aside), join(folder, spawnedFile));
  rmSync(join(folder, aside));
  syncFolder(folder);
  return isTheSame;
}

// The mark of an earlier attempt went first, its answer goes now: no crash leaves an old answer beside a new mark.
function prepare(job: PreparedJob, intent: JobIntent): void {
  ensurePrivateFolder(intent.experimentFolder, "jobs", intent.key);
  const earlier = join(job.folder, answerFile);
  if (existsSync(earlier)) {
    rmSync(earlier);
    syncFolder(job.folder);
  }
  const bytes = readFileSync(intent.script);
  writeFileDurably(job.script, job.isClaiming ? buildScriptCopy(bytes, job.parsed, job.folder) : bytes, { mode: statSync(intent.script).mode });
  writeFileDurably(join(job.folder, intentFile), `${JSON.stringify({ ...intent, isClaiming: job.isClaiming, preparedAt: now() }, undefined, 2)}\n`);
  for (const key of intent.earlierKeys ?? []) fenceOff(jobFolder(intent.experimentFolder, key));
  for (const output of outputFoldersOf(job.parsed, intent, userName())) ensureFolder(output);
}

// A controller may find a job again that it had lost, and a person may have been wrong about one that nobody knew of.
function fenceOff(folder: string): void {
  if (existsSync(folder) && !existsSync(join(folder, claimFile))) createExclusively(join(folder, claimFile), `${nobody}\n`);
}

function unprepared(error: unknown, { script, submitFolder }: JobIntent): SubmitAnswer {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  if (code === "ENOENT" && path === script) return { kind: "refused", reason: `the script is not there: ${script}` };
  if (code === "ENOENT" && path === submitFolder) return { kind: "refused", reason: `the folder to submit from is not there: ${submitFolder}` };
  // Without the name of the temporary file, the same as long as it lasts.
  return { kind: "postponed", reason: `could not prepare the submission: ${describeOutage(error) ?? message}` };
}

async function answerOf(job: PreparedJob, submitter: Submitter): Promise<SubmitAnswer> {
  try {
    return await submitter.submit(job);
  } catch (error) {
    return { kind: "unclear", reason: messageOf(error) };
  }
}

// Asked again and again while a limit lasts: the same answer is not written twice.
function keepAnswer(folder: string, answer: SubmitAnswer, { answer: before }: Partial<JobRecord> = {}): SubmitAnswer {
  if (before === undefined || !isDeepStrictEqual(before, answer)) writeAnswer(folder, answer, 0);
  return answer;
}

// An answer that cannot be written is still true; without it on disk the next attempt begins with a look-up.
function writeAnswer(folder: string, answer: SubmitAnswer, tries: number): void {
  try {
    ensureFolder(folder);
    writeFileDurably(join(folder, answerFile), `${JSON.stringify({ ...answer, at: now(), ...(tries === 0 ? {} : { tries }) })}\n`);
  } catch {
    return;
  }
}
