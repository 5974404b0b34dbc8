import type { Experiment } from "./experiment.ts";
import type { Places } from "./places.ts";
import type { Problem } from "./problem.ts";
import type { Submitters } from "./submitters.ts";

/** What stands in an experiment's folder by way of design: its summary, its scripts, and signs of earlier work. */
export interface ExperimentReading {
  readonly folder: string;
  /** Absent when the summary could not be understood. */
  readonly experiment?: Experiment;
  readonly places?: Places;
  readonly problems: readonly Problem[];
  /** Names of runs and keys of evaluations whose script is missing. */
  readonly missing: { readonly training: readonly string[]; readonly evaluations: readonly string[] };
  /** Scripts that stand there but belong to nothing in the summary, relative. */
  readonly strayScripts: readonly string[];
  readonly designFiles: readonly DesignFile[];
  /** First 16 hex digits of SHA-256 over script and configuration, by run name and evaluation key. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Signs of work, each a sentence with a relative path. */
  readonly traces: readonly string[];
  /** Absent where no other tool has left a word of its submissions, and none is at work. */
  readonly submitters?: Submitters;
  /** Newest change of anything in the folder that nightshift does not write itself, in milliseconds since 1970. */
  readonly newestChangeMs: number;
}

export interface DesignFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}
