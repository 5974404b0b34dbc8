import { basename, join } from "node:path";

import type { JobIntent } from "../domain/job.ts";

/**
 * Where the protocol keeps what it knows of one key: `{experiment}/.nightshift/jobs/{key}/`.
 *
 * Written before the submission: the copy of the user's script and `intent.json`; at the last moment before it, by the
 * submitting program: `spawned`. Written by us after it: `answer.json`. Written by the job itself: `claim.ID`, `claim`,
 * `start.ID` and `exit.ID`.
 */
export function jobFolder(experimentFolder: string, key: string): string {
  if (!/^[^/\0]+$/u.test(key) || key.startsWith(".")) throw new Error(`not a folder's name: ${JSON.stringify(key)}`);
  return join(jobsFolder(experimentFolder), key);
}

/** The folder of all keys of an experiment. */
export function jobsFolder(experimentFolder: string): string {
  return join(experimentFolder, ".nightshift", "jobs");
}

/** The copy that is submitted. It keeps the script's own name, which is the job's name where no directive gives one. */
export function copyOf(intent: Pick<JobIntent, "experimentFolder" | "key" | "script">): string {
  return join(jobFolder(intent.experimentFolder, intent.key), basename(intent.script));
}

export const spawnedFile = "spawned";
export const answerFile = "answer.json";
export const intentFile = "intent.json";
export const claimFile = "claim";

/** What stands in a claim that no job is to have any more. Schedulers count jobs from 1. */
export const nobody = "0";
