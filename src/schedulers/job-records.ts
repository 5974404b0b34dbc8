import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

import type { JobRecord } from "../domain/job.ts";
import { readPlainText } from "../system/read-file.ts";
import { answerFile, intentFile, jobsFolder, spawnedFile } from "./job-folder.ts";
import { type JobNotes, parseNotes, parseRecord, parseTries } from "./parse-records.ts";

/** Reads what submissions left in an experiment's folder, by key. No folder, or none that can be read: none. */
export function readRecords(experimentFolder: string): ReadonlyMap<string, JobRecord> {
  const folder = jobsFolder(experimentFolder);
  const keys = namesIn(folder).filter((name) => !name.startsWith("."));
  return new Map(keys.map((key) => [key, readRecord(join(folder, key))]));
}

/** Reads the record of one job folder; that of a folder that is not there says that nothing was done. */
export function readRecord(folder: string): JobRecord {
  const names = namesIn(folder);
  const ids = (prefix: string): string[] => names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)).filter((id) => /^\d+$/u.test(id));
  const texts = (prefix: string): Map<string, string> => new Map(ids(prefix).map((id) => [id, textOf(join(folder, prefix + id)) ?? ""]));
  const answer = names.includes(answerFile) ? textOf(join(folder, answerFile)) : undefined;
  const claim = names.includes("claim") ? textOf(join(folder, "claim")) : undefined;
  // Only of a job that has not begun it matters what it would do first.
  const intent = claim === undefined && answer !== undefined ? textOf(join(folder, intentFile)) : undefined;
  return parseRecord({
    key: basename(folder),
    isSpawned: names.includes(spawnedFile),
    claimants: ids("claim."),
    starts: texts("start."),
    exits: texts("exit."),
    ...(answer === undefined ? {} : { answer }),
    ...(claim === undefined ? {} : { claim }),
    ...(intent === undefined ? {} : { intent }),
  });
}

/** Reads what one job noted of its latest attempt. */
export function readNotes(folder: string, id: string): JobNotes {
  return parseNotes(textOf(join(folder, `start.${id}`)), textOf(join(folder, `exit.${id}`)));
}

/** Reads how often the submission of a key was made without anybody knowing what came of it. */
export function readTries(folder: string): number {
  return parseTries(textOf(join(folder, answerFile)));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string | undefined {
  try {
    return readPlainText(file);
  } catch {
    return undefined;
  }
}
