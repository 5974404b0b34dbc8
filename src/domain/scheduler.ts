import type { CancelIntent, ExpectedJob, JobIntent, JobRecord, JobSeen, QueueSnapshot, SubmitAnswer } from "./job.ts";

export type SchedulerName = "slurm" | "local";

/**
 * What queues jobs: SLURM, or this machine. Everything nightshift knows of the outside about jobs comes through here.
 *
 * Implementations follow the submission protocol (schedulers/submission.ts): the key is on disk before anything is
 * submitted, and the answer is on disk before `submit` returns.
 */
export interface Scheduler {
  readonly name: SchedulerName;
  /** Submits one intent, once. Never throws for what a scheduler can do wrong; that is `unclear` or `refused`. */
  submit(intent: JobIntent): Promise<SubmitAnswer>;
  /**
   * All jobs of this user in one question, and a second one about those expected ones that are not in the queue any more.
   * Never throws for what a scheduler can do wrong; that is `unavailable`.
   */
  query(expected: readonly ExpectedJob[]): Promise<QueueSnapshot>;
  /**
   * Asks for a job to be cancelled; whether it was is seen in a later snapshot. Where no job is known, the submission is
   * taken back if it certainly was not made.
   *
   * @returns The answer of the submission as it stands now, where no job was known before.
   */
  cancel(intent: CancelIntent): Promise<SubmitAnswer | undefined>;
  /**
   * Jobs of this user that have ended within the last weeks, whoever submitted them, as far as the scheduler remembers; the
   * path of a script only where it still stands. `undefined` while it does not say.
   */
  past?(): Promise<readonly JobSeen[] | undefined>;
  /** The same of jobs with these ids, however long ago. Ids are given out again: of each the newest. */
  find?(ids: readonly string[]): Promise<readonly JobSeen[] | undefined>;
  /** Reads back what submissions left on disk, by key. Never asks the scheduler. */
  readRecords(experimentFolder: string): Promise<ReadonlyMap<string, JobRecord>>;
  /** How often each of the scheduler's programs was called by this process. */
  readonly calls?: ReadonlyMap<string, number>;
}
