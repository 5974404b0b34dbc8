import type { JobIntent, JobRecord, QueueSnapshot, SubmitAnswer } from "./job.ts";

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
  /** All jobs of ours in one question. */
  query(): Promise<QueueSnapshot>;
  /** Asks for jobs to be cancelled; whether they were is seen in the next snapshot. */
  cancel(ids: readonly string[]): Promise<void>;
  /** Reads back what submissions left on disk, by key. Never asks the scheduler. */
  readRecords(experimentFolder: string): Promise<ReadonlyMap<string, JobRecord>>;
}
