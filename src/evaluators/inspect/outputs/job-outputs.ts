import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { isSystemError } from "../find-logs.ts";
import { parseLogNames } from "./parse-log-names.ts";
import { readOutputTail } from "./read-output-tail.ts";

/** The output of a job and the logs that it names. */
export interface JobOutput {
  readonly path: string;
  /** Of the job, where the file's name tells it. */
  readonly id?: string;
  readonly logNames: readonly string[];
}

/** Reads the outputs of jobs: every `slurm-{id}.out` in some folders, and those at other paths that are known. */
export type OutputReader = (folders: readonly string[], paths: readonly string[]) => readonly JobOutput[];

/** Builds a reader that opens an output again only when it has changed. */
export function outputReader(): OutputReader {
  const known = new Map<string, { readonly version: string; readonly logNames: readonly string[] }>();
  return (folders, paths) => {
    const inFolders = folders.flatMap((folder) => namesIn(folder).filter((name) => outputName.test(name)).map((name) => join(folder, name)));
    return [...new Set([...inFolders, ...paths])].flatMap((path): JobOutput[] => {
      const version = versionOf(path);
      if (version === undefined) return [];
      const before = known.get(path);
      const logNames = before?.version === version ? before.logNames : readNames(path);
      known.set(path, { version, logNames });
      const id = outputName.exec(path.slice(path.lastIndexOf("/") + 1))?.groups?.["id"];
      return [{ path, logNames, ...(id === undefined ? {} : { id }) }];
    });
  };
}

const outputName = /^slurm-0*(?<id>[1-9]\d*)(?:_\d+)?\.out$/u;

function namesIn(folder: string): readonly string[] {
  return orNothing(() => readdirSync(folder).toSorted()) ?? [];
}

function versionOf(path: string): string | undefined {
  return orNothing(() => {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return `${dev}:${ino}:${size}:${mtimeMs}`;
  });
}

function readNames(path: string): readonly string[] {
  return orNothing(() => parseLogNames(readOutputTail(path))) ?? [];
}

// An output that is gone or not to be read says nothing; whatever needs it says so itself.
function orNothing<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
