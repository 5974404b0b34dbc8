import type { Evaluation } from "./experiment.ts";
import type { ExperimentState } from "./state.ts";
import { evaluationStatus, runStatus } from "./status.ts";
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

/** Names the runs and evaluations that a request is about, as they stand in the state. */
export function unitsMeant(state: ExperimentState, { action, run, task, epoch }: Pick<Request, "action" | "run" | "task" | "epoch">): { readonly runs: readonly string[]; readonly evaluations: readonly string[] } {
  const isMeant = (unit: Evaluation | undefined): boolean =>
    unit !== undefined && (run === undefined || unit.run === run) && (task === undefined || unit.task === task) && (epoch === undefined || unit.epoch === epoch);
  const withEvaluations = run === undefined || task !== undefined || action === "cancel" || action === "retry";
  const runs = Object.keys(state.runs).filter((name) => task === undefined && (run === undefined || name === run));
  const evaluations = Object.keys(state.evaluations).filter((key) => withEvaluations && isMeant(state.units[key]));
  if (action !== "retry" || run !== undefined) return { runs, evaluations };
  const hasFailed = (status: string): boolean => status !== "COMPLETED";
  return {
    runs: runs.filter((name) => { const life = state.runs[name]; return life !== undefined && hasFailed(runStatus(life)); }),
    evaluations: evaluations.filter((key) => { const life = state.evaluations[key]; return life !== undefined && hasFailed(evaluationStatus(life)); }),
  };
}
