import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import type { Instant } from "../domain/time.ts";
import { syncFolder, writeFileDurably } from "../system/durable-file.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { readPlainFile } from "../system/read-file.ts";
import { stateFile } from "./state-file.ts";

/**
 * Keeps a copy of `eval_jobs.json` as it stands, before something else is written in its place.
 *
 * @param as `corrupt`, `old`, `original`: the copy is called `eval_jobs.{as}-{time}.json`, visible to people and git.
 * @returns Its name, or nothing where there is no file to keep.
 */
export function keepStateFile(experimentFolder: string, as: string, at: Instant): string | undefined {
  if (!existsSync(stateFile(experimentFolder))) return undefined;
  const name = `eval_jobs.${as}-${stamp(at)}.json`;
  writeFileDurably(join(experimentFolder, name), readPlainFile(stateFile(experimentFolder)));
  return name;
}

/**
 * Moves what the private folder knows of jobs, tellings and requests out of the way, so that none of it counts any more.
 *
 * @returns Where it is now, relative to the experiment's folder.
 */
export function moveRecordsAside(experimentFolder: string, at: Instant): string {
  const name = `earlier-${stamp(at)}`;
  const folder = ensurePrivateFolder(experimentFolder);
  mkdirSync(join(folder, name));
  for (const entry of ["jobs", "requests", "told.json"].filter((one) => existsSync(join(folder, one)))) renameSync(join(folder, entry), join(folder, name, entry));
  syncFolder(folder);
  return `.nightshift/${name}`;
}

// Readable, without colons, which some file systems do not allow.
function stamp(at: Instant): string {
  return at.slice(0, 23).replace(/[:.]/gu, "-");
}
