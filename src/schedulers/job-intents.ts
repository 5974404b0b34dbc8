import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { readPlainText } from "../system/read-file.ts";
import { intentFile, jobsFolder, spawnedFile } from "./job-folder.ts";

/** What a job folder says was to be submitted. */
export interface WrittenIntent {
  /** Relative to the experiment's folder as it was then, or absolute where it lay outside. */
  readonly script: string;
  readonly preparedAt?: string;
  /** When the mark that it may have been submitted was made, in milliseconds since 1970 by the clock of the file system. */
  readonly spawnedMs?: number;
}

/** Reads what was to be submitted, by key. A folder without an intention, or with one that is torn, has none. */
export function readIntents(experimentFolder: string): ReadonlyMap<string, WrittenIntent> {
  const folder = jobsFolder(experimentFolder);
  return new Map(namesIn(folder).flatMap((key) => {
    const intent = readIntent(join(folder, key, intentFile));
    const spawnedMs = statSync(join(folder, key, spawnedFile), { throwIfNoEntry: false })?.mtimeMs;
    return intent === undefined ? [] : [[key, { ...intent, ...(spawnedMs === undefined ? {} : { spawnedMs }) }] as const];
  }));
}

const intentSchema = z.object({ script: z.string(), experimentFolder: z.string(), preparedAt: z.string().optional() });

function readIntent(file: string): WrittenIntent | undefined {
  try {
    const { script, experimentFolder, preparedAt } = intentSchema.parse(JSON.parse(readPlainText(file)));
    const home = `${experimentFolder}/`;
    return { script: script.startsWith(home) ? script.slice(home.length) : script, ...(preparedAt === undefined ? {} : { preparedAt }) };
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}
