import type { EvaluationLife, ExperimentState, RunLife } from "../domain/state.ts";
import { evaluationStatus, runStatus, type Status } from "../domain/status.ts";
import type { Instant } from "../domain/time.ts";
import { renderCounts } from "./happenings.ts";
import { type LogBlock, renderBlock } from "./log-block.ts";
import { countStatuses } from "./status-words.ts";

/** How the jobs of one tool stand. */
export interface StatusCheck extends LogBlock {
  /** Jobs that the scheduler has, or may have. */
  readonly inFlight: number;
  /** `8 jobs found - 4 PENDING, 4 RUNNING, 0 COMPLETED`: compare it with the last one to see whether a count changed. */
  readonly counts: string;
}

/**
 * Counts the jobs of trainings and of evaluations, with a `STATUS_CHECK` block for the log of each.
 *
 * When to write it is the caller's to decide; with nothing in flight there is nothing to write.
 */
export function statusCheck(state: ExperimentState, at: Instant): readonly StatusCheck[] {
  const check = (file: StatusCheck["file"], lives: readonly { readonly life: RunLife | EvaluationLife; readonly status: Status }[]): StatusCheck => {
    const jobs = lives.filter(({ life }) => life.context.attempts.some(({ jobId }) => jobId !== undefined)).map(({ status }) => status);
    const counts = `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} found - ${renderCounts(countStatuses(jobs), ["PENDING", "RUNNING", "COMPLETED"])}`;
    const inFlight = lives.filter(({ life }) => inHand.has(life.state)).length;
    return { file, inFlight, counts, text: renderBlock(at, "STATUS_CHECK", `Polling ${pollName(state)}`, [["Result", counts]]) };
  };
  return [
    check("run-torchtune", Object.values(state.runs).map((life) => ({ life, status: runStatus(life) }))),
    check("run-inspect", Object.values(state.evaluations).map((life) => ({ life, status: evaluationStatus(life) }))),
  ];
}

const inHand: ReadonlySet<string> = new Set(["submitting", "pending", "running"]);

function pollName({ life }: ExperimentState): string {
  return life.context.scheduler === "local" ? "the local scheduler" : "SLURM";
}
