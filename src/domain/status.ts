import { isFinal } from "./job.ts";
import type { EvaluationLife, ExperimentLife, RunLife, WorkContext } from "./state.ts";

/** The word people see, in the documents' upper case. */
export type Status =
  | "WAITING" | "HELD" | "READY" | "SUBMITTING" | "AMBIGUOUS" | "PENDING" | "RUNNING" | "RETRYING"
  | "COMPLETED" | "FAILED" | "TIMEOUT" | "OUT_OF_MEMORY" | "NODE_FAIL" | "CANCELLED" | "SKIPPED";

/** The status of a run's training. */
export function runStatus({ state, context }: RunLife): Status {
  switch (state) {
    case "waiting": return "WAITING";
    case "held": return "HELD";
    case "trained": return "COMPLETED";
    case "ready": case "submitting": case "pending": case "running": case "retrying": case "failed": case "cancelled":
      return jobStatus(state, context);
  }
}

/** The status of an evaluation. */
export function evaluationStatus({ state, context }: EvaluationLife): Status {
  switch (state) {
    case "blocked": return "WAITING";
    case "scored": return "COMPLETED";
    case "skipped": return "SKIPPED";
    case "ready": case "submitting": case "pending": case "running": case "retrying": case "failed": case "cancelled":
      return jobStatus(state, context);
  }
}

/** The status of an experiment whose files could be understood. */
export function experimentStatus({ state }: ExperimentLife): "held" | "settling" | "working" | "finished" {
  return state;
}

/** Whether nothing more will happen to a run or an evaluation unasked. */
export function isOver(status: Status): boolean {
  return status === "SKIPPED" || isFinal(status);
}

type JobStateName = "ready" | "submitting" | "pending" | "running" | "retrying" | "failed" | "cancelled";

function jobStatus(state: JobStateName, context: WorkContext): Status {
  switch (state) {
    case "ready": return "READY";
    case "submitting": return context.attempts.at(-1)?.unclear === undefined ? "SUBMITTING" : "AMBIGUOUS";
    case "pending": return "PENDING";
    case "running": return "RUNNING";
    case "retrying": return "RETRYING";
    case "cancelled": return "CANCELLED";
    case "failed": return failedStatus(context);
  }
}

// The scheduler's more telling words are kept; a job that "completed" without its artefact is plainly FAILED.
function failedStatus({ failure }: WorkContext): Status {
  switch (failure?.cause) {
    case "time limit": return "TIMEOUT";
    case "out of memory": return "OUT_OF_MEMORY";
    case "node failure": return "NODE_FAIL";
    case "cancelled": return "CANCELLED";
    default: return "FAILED";
  }
}
