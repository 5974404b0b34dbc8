import type { Instant } from "./time.ts";

/** What other tools that submit an experiment's scripts (the users' own) have noted of it, and which of them are at work on it. */
export interface Submitters {
  /** What was noted of each training, by run name; of several files the one that is most to be trusted comes first. */
  readonly runs: ReadonlyMap<string, readonly SubmissionNote[]>;
  /** The same of each evaluation, by its key. */
  readonly evaluations: ReadonlyMap<string, readonly SubmissionNote[]>;
  /** Processes of this user on this machine. */
  readonly running: readonly RunningSubmitter[];
  /** Files with work in them that is not over: whoever writes them may be at work on another machine. */
  readonly unfinished: readonly UnfinishedNotes[];
}

/** What stands in the place of a file's name where it is accounting that knows. */
export const accounting = "sacct";

/** What another tool noted of one submission. Nothing in it was seen by nightshift itself. */
export interface SubmissionNote {
  /** The file that says so, relative to the experiment's folder; or `accounting`. */
  readonly file: string;
  /** When the file changed last, in milliseconds since 1970, by the clock of its file system. */
  readonly changedMs: number;
  /** Absent where no job came of it, or none that can be read. */
  readonly jobId?: string;
  /** Its word in upper case: SLURM's for a job, or `SUBMIT_FAILED`. Absent where there is none that can be read. */
  readonly state?: string;
  /** When it was submitted, as it is written there: local time without a zone. */
  readonly submitted?: string;
  /** What sbatch said when it failed, one line. */
  readonly error?: string;
}

/** A process that submits scripts of the experiment. */
export interface RunningSubmitter {
  /** `submit_torchtune`, `submit_inspect`. */
  readonly program: string;
  readonly host: string;
  readonly pid: number;
  readonly since?: Instant;
}

/** A file of notes whose work is not over. */
export interface UnfinishedNotes {
  readonly file: string;
  readonly program: string;
  readonly changedMs: number;
  /** How long it must have stood unchanged before nobody can be at work on it any more. */
  readonly restMs: number;
}
