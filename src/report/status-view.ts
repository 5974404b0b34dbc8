import type { EvaluationReading } from "../domain/evaluator.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { Experiment } from "../domain/experiment.ts";
import type { QueueSnapshot } from "../domain/job.ts";
import type { TrainingReading } from "../domain/optimizer.ts";
import type { Places } from "../domain/places.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { wallTime } from "../domain/time.ts";

/**
 * Everything that is known of one experiment for showing it. Fields are called as in `Facts`, so that what a pass saw can
 * be spread into one.
 */
export interface StatusView {
  /** Absolute. */
  readonly folder: string;
  readonly problems: readonly Problem[];
  /** Absent when the summary could not be understood. */
  readonly experiment?: Experiment;
  /** Absent when there is none, or it cannot be read. */
  readonly state?: ExperimentState;
  readonly places?: Places;
  readonly reading?: ExperimentReading;
  /** Why nothing may be submitted whatever the state says. */
  readonly obstacle?: string;
  /** The scheduler's last answer. */
  readonly queue?: QueueSnapshot;
  /** By run name: how far trainings are. */
  readonly trainings?: ReadonlyMap<string, TrainingReading>;
  /** By evaluation key: how far evaluations are. */
  readonly evaluations?: ReadonlyMap<string, EvaluationReading>;
  /** By run name and evaluation key: the end of what a failed job wrote. */
  readonly tails?: ReadonlyMap<string, Tail>;
}

/** The last lines of a file. */
export interface Tail {
  readonly path: string;
  readonly lines: readonly string[];
}

/** The word for an experiment as a whole. */
export type ExperimentWord = "invalid" | "held" | "settling" | "working" | "finished";

/** The word for an experiment: `invalid` when its files cannot be acted upon, `held` when something else stands in its way or it has no state, else that of its state. */
export function wordFor({ experiment, state, problems, obstacle }: StatusView): ExperimentWord {
  if (experiment === undefined || problems.some(({ severity }) => severity === "error")) return "invalid";
  return obstacle === undefined ? state?.life.state ?? "held" : "held";
}

/** Why an experiment is what the word says, or what stands in its way; undefined where there is nothing to explain. */
export function whyExperiment(view: StatusView): string | undefined {
  const error = view.problems.find(({ severity }) => severity === "error");
  if (error !== undefined) return renderProblem(error);
  if (view.experiment === undefined) return "its summary could not be understood";
  const reason = view.obstacle ?? (view.state === undefined ? "nightshift has not begun with it" : view.state.life.context.reason);
  const blind = view.queue?.kind === "unavailable" ? `blind since ${wallTime(view.queue.since)}: the scheduler does not answer (${view.queue.reason}), so what is shown of jobs may be old` : undefined;
  const parts = [reason, blind].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("; ");
}
