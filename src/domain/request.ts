import type { Instant } from "./time.ts";

/** What a person asked for, in a terminal or by dropping a folder into a watched one. */
export interface Request {
  /** `drop`: a folder appeared in a watched one; the others name the experiment, so they cover what stands in it. */
  readonly action: "drop" | "run" | "release" | "hold" | "retry" | "cancel";
  /** Without a run the whole experiment is meant. */
  readonly run?: string;
  /** Without a task the run is meant; `cancel` and `retry` then mean its evaluations too. */
  readonly task?: string;
  /** Without an epoch all evaluations of the task are meant. */
  readonly epoch?: number;
  /** Who asked, and how: `ada on login1`, `dropped into a watched folder`. */
  readonly by: string;
  readonly at: Instant;
}
