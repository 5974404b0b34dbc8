import type { SchedulerName } from "./scheduler.ts";

/** What a person can set, on the command line or in `nightshift.yaml`. */
export interface Settings {
  /** How long nothing may change before an armed experiment begins. */
  readonly settleMs: number;
  /** How often a cluster's scheduler is asked, and folders are scanned. */
  readonly pollMs: number;
  /** Between two trainings; evaluations wait a fifth of it. */
  readonly staggerMs: number;
  readonly evaluateAfter: "run" | "all" | "checkpoint";
  readonly scheduler: "auto" | SchedulerName;
  /** Of the local scheduler: jobs that run at once. */
  readonly maxJobs?: number;
}

export const defaultSettings: Settings = { settleMs: 30_000, pollMs: 60_000, staggerMs: 5000, evaluateAfter: "run", scheduler: "auto" };
