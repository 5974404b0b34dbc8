import type { Instant } from "./time.ts";

/**
 * The scheduler's own word for a job, in SLURM's spelling (`PENDING`, `RUNNING`, `COMPLETED`, `TIMEOUT`, ...).
 * Words that nobody knows are kept as they came; they are never final.
 */
export type JobState = string;

const finalStates = new Set([
  "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "PREEMPTED",
]);

/** Whether a job in this state will not run any more. */
export function isFinal(state: JobState): boolean {
  return finalStates.has(state);
}

/** What must be submitted: one attempt of one training or evaluation. */
export interface JobIntent {
  /** Unique and safe as a folder's name; it names the submission for ever. */
  readonly key: string;
  readonly kind: "training" | "evaluation";
  /** The experiment's folder, absolute. */
  readonly experimentFolder: string;
  /** The user's script, absolute. */
  readonly script: string;
  /** The folder the user would submit from, absolute. */
  readonly submitFolder: string;
  /** Whether the script is submitted as it is, without the lines that note its start and end. */
  readonly isPlain?: boolean;
  /** Keys of the attempts before this one, whose jobs must not begin any more, should they turn up after all. */
  readonly earlierKeys?: readonly string[];
}

/** An attempt whose job is waited for: what a scheduler is asked about. */
export interface ExpectedJob {
  readonly key: string;
  /** Known once the scheduler has answered. */
  readonly id?: string;
  readonly intendedAt: Instant;
}

/** What must be cancelled: a job, or a submission of which no job is known yet. */
export interface CancelIntent extends JobIntent {
  readonly id?: string;
  readonly by: string;
}

/** What a scheduler answered to one submission. */
export type SubmitAnswer =
  | { readonly kind: "accepted"; readonly id: string }
  /** Certainly not submitted, and trying again as it stands will not help. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Certainly not submitted; a limit or a full queue: waiting helps. `isForAll`: no other job of this user would fare better. */
  | { readonly kind: "postponed"; readonly reason: string; readonly isForAll?: boolean }
  /** Nobody knows: it may or may not have been submitted. Never answered by submitting again. */
  | { readonly kind: "unclear"; readonly reason: string }
  /** A person took it back before it was submitted; certainly not submitted, and it never will be. */
  | { readonly kind: "withdrawn"; readonly by: string };

/** One job as the scheduler shows it. Times are missing while they are not known. */
export interface JobSeen {
  readonly id: string;
  /** Our key, where the job is one of ours. */
  readonly key?: string;
  readonly name: string;
  readonly state: JobState;
  /** Why it is pending, or what the scheduler says about its end. */
  readonly reason?: string;
  readonly submittedAt?: Instant;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly exitCode?: number;
  readonly signal?: number;
  /** The submitted script, absolute, where the scheduler tells. */
  readonly script?: string;
  readonly workFolder?: string;
  /** Where its standard output goes, absolute. */
  readonly output?: string;
  readonly node?: string;
}

/** One answer to "what about all these jobs". No answer is not bad news: `unavailable` changes no job. */
export type QueueSnapshot =
  | {
      readonly kind: "available";
      readonly at: Instant;
      /** All jobs of this user, ours and others; those that have ended as long as the scheduler remembers them. */
      readonly jobs: readonly JobSeen[];
      /** Expected jobs with an id that are certainly not in the queue any more, and of which nobody says how they ended. */
      readonly missing: readonly MissingJob[];
    }
  | {
      readonly kind: "unavailable";
      readonly at: Instant;
      readonly reason: string;
      /** When the last good answer was followed by the first bad one. */
      readonly since: Instant;
    };

export interface MissingJob {
  readonly key: string;
  /** Why nothing more is known: `accounting is off`, `accounting does not know job 12`, ... */
  readonly reason: string;
  /** Whether accounting answered well and has never heard of it: a controller that crashes can forget a job that it has acknowledged. */
  readonly isUnknown?: boolean;
  /** For how long this process has seen it missing, without a break, by its monotonic clock; absent where nobody counts. */
  readonly forMs?: number;
}

/** What the submission protocol left on disk for one key, read back. */
export interface JobRecord {
  readonly key: string;
  /** Ids that the scheduler gave for this key, first first: more than one means a duplicate was fenced off. */
  readonly ids: readonly string[];
  /** The id that holds the claim: the job that really does the work. */
  readonly claimedBy?: string;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly exitCode?: number;
  readonly node?: string;
  /** The scheduler's answer, once there is one. Absent after a crash in between. */
  readonly answer?: SubmitAnswer;
  /** Whether a submitting program may have been started. `false`: certainly never submitted. */
  readonly spawned: boolean;
  /** Whether the submitted copy claims its work before its first line, so that without a claim nothing of it has run. */
  readonly isClaiming?: boolean;
}
