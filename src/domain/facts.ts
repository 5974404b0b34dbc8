import type { EvaluationReading } from "./evaluator.ts";
import type { Experiment } from "./experiment.ts";
import type { JobRecord, JobSeen, QueueSnapshot } from "./job.ts";
import type { ExperimentReading } from "./experiment-reading.ts";
import type { TrainingReading } from "./optimizer.ts";
import type { Places } from "./places.ts";
import type { Request } from "./request.ts";
import type { SchedulerName } from "./scheduler.ts";
import type { Settings } from "./settings.ts";
import type { Attempt } from "./state.ts";
import type { Instant } from "./time.ts";

/** Everything one pass saw of one experiment, at one moment. The only input of the rules besides the state. */
export interface Facts {
  readonly now: Instant;
  /** Eight random hex digits of this pass: with run, task, epoch and attempt they make a key unique. */
  readonly nonce: string;
  readonly settings: Settings;
  readonly experiment: Experiment;
  readonly places: Places;
  readonly reading: ExperimentReading;
  /** When anything in the folder changed last, by this machine's own clock, in milliseconds since 1970. */
  readonly changedMs: number;
  /** The same of the summary, scripts and configurations alone. */
  readonly designChangedMs: number;
  /** Why nothing may be submitted whatever the state says: a copy's state, an error in the summary. */
  readonly obstacle?: string;
  readonly requests: readonly Request[];
  /** What a first submission would use. */
  readonly scheduler: SchedulerName;
  /** Whether this process only puts on record what people ask for: with what an experiment is worked on is decided by who does. */
  readonly submitsNothing?: boolean;
  /** How long files may lag behind a job's end: 0 on a local disk. */
  readonly lateMs: number;
  readonly gitCommit?: string;
  /** Absent when nobody had to ask. */
  readonly queue?: QueueSnapshot;
  readonly records: ReadonlyMap<string, JobRecord>;
  /** By run name; absent where nothing had to be read. */
  readonly trainings: ReadonlyMap<string, TrainingReading>;
  /** By evaluation key. */
  readonly evaluations: ReadonlyMap<string, EvaluationReading>;
}

/**
 * The job of an attempt in the queue: of its key the one that holds the claim, or any if nothing was claimed yet; of
 * somebody else's job, which has no key, the one with its id.
 */
export function jobOf({ queue, records }: Pick<Facts, "queue" | "records">, { key, jobId, adoptedFrom }: Attempt): JobSeen | undefined {
  if (queue?.kind !== "available") return undefined;
  if (adoptedFrom !== undefined) return queue.jobs.find((job) => job.key === undefined && job.id === jobId);
  const jobs = queue.jobs.filter((job) => job.key === key);
  const claimedBy = records.get(key)?.claimedBy;
  return jobs.find((job) => job.id === claimedBy) ?? jobs.at(-1);
}
