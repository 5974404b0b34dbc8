import type { ChangeTimes } from "./change-times.ts";
import type { Evaluator } from "../domain/evaluator.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { ExpectedJob, JobSeen, QueueSnapshot } from "../domain/job.ts";
import type { Optimizer } from "../domain/optimizer.ts";
import type { Problem } from "../domain/problem.ts";
import type { Request } from "../domain/request.ts";
import type { Scheduler, SchedulerName } from "../domain/scheduler.ts";
import type { Settings } from "../domain/settings.ts";
import type { ExperimentState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";

/** All that a pass over an experiment touches, so that a test can give it another one. */
export interface World {
  now(): Instant;
  /** Eight random hex digits. */
  nonce(): string;
  readExperiment(folder: string): Promise<ExperimentReading>;
  readSettings(folder: string): Promise<{ readonly settings: Settings; readonly problems: readonly Problem[] }>;
  readonly store: StateStore;
  /** The scheduler a first submission would use under these settings, or why there is none. */
  chooseScheduler(settings: Settings): SchedulerName;
  scheduler(name: SchedulerName): Scheduler | undefined;
  snapshot(name: SchedulerName, experimentFolder: string, expected: readonly ExpectedJob[]): Promise<QueueSnapshot>;
  /** Jobs of this user that are over, asked for once for an experiment, and anew as long as it is `isNew`; nothing where nobody says. */
  past(name: SchedulerName, experimentFolder: string, isNew: boolean): Promise<readonly JobSeen[]>;
  /** Jobs of this user that are over, by their ids; nothing of those that nobody remembers. */
  findJobs(name: SchedulerName, ids: readonly string[]): Promise<readonly JobSeen[]>;
  optimizer(name: string): Optimizer | undefined;
  evaluator(name: string): Evaluator | undefined;
  /** How long files in a folder may lag behind what wrote them: 0 where the file system is this machine's own. */
  lateMs(folder: string): number;
  readonly changeTimes: ChangeTimes;
  gitCommit(folder: string): string | undefined;
}

/** The memory of experiments: the state in their folders, its mirror outside, and what people asked for. */
export interface StateStore {
  read(folder: string): StoredState;
  write(folder: string, state: ExperimentState, before: ExperimentState | undefined): ExperimentState;
  /** Why the state, or that there is none, is not to be gone on from. `isNamed`: a person named the experiment in `run` or `release`. */
  whyForeign(folder: string, state: ExperimentState | undefined, isNamed: boolean): string | undefined;
  record(folder: string, state: ExperimentState): void;
  readRequests(folder: string): readonly WaitingRequest[];
  removeRequests(requests: readonly WaitingRequest[]): void;
}

export type StoredState =
  | { readonly kind: "none" }
  | { readonly kind: "state"; readonly state: ExperimentState }
  | { readonly kind: "theirs"; readonly reason: string }
  | { readonly kind: "corrupt"; readonly problem: Problem };

export interface WaitingRequest {
  readonly file: string;
  readonly request: Request;
}
