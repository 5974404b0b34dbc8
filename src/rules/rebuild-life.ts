import { advanceEvaluation, advanceRun, beginEvaluation, beginRun } from "../../machines/lives.ts";
import type { JobObservation } from "../domain/observation.ts";
import type { EvaluationLife, RunLife } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";

/** Moves one kind of life where what is left of its jobs shows that it once was, by observations alone. */
export interface Rebuilder<UnitLife extends RunLife | EvaluationLife> {
  begin(): UnitLife;
  hear(life: UnitLife, observation: JobObservation): UnitLife;
  /** Begins another attempt, under a key that is known: what went before it had ended, or it would not have begun. */
  intend(life: UnitLife, key: string, at: Instant, by: string): UnitLife;
  /** Ends an attempt of which nobody knows what came of it: only a person may have it done again. */
  lose(life: UnitLife, reason: string, at: Instant): UnitLife;
}

/** Rebuilds runs. */
export const runRebuilder: Rebuilder<RunLife> = {
  begin: beginRun,
  hear: advanceRun,
  intend: (life, key, at, by) => {
    const over = isInFlight(life) ? runRebuilder.lose(life, laterAttempt, at) : life;
    const again = advanceRun(over, { type: "retry.asked", at, by });
    const waiting = again.state === "held" ? advanceRun(again, { type: "run.released", at, by }) : again;
    return advanceRun(advanceRun(waiting, { type: "run.readied", at }), { type: "submission.intended", at, key });
  },
  lose: (life, reason, at) => {
    const refused = advanceRun(life, { type: "job.refused", at, reason, cause: "lost" });
    return refused !== life ? refused : advanceRun(life, { type: "training.ended", at, job: lostJob(life, reason, at), result: { checkpoints: [] }, lateMs: 0 });
  },
};

/** Rebuilds evaluations. */
export const evaluationRebuilder: Rebuilder<EvaluationLife> = {
  begin: beginEvaluation,
  hear: advanceEvaluation,
  intend: (life, key, at, by) => {
    const over = isInFlight(life) ? evaluationRebuilder.lose(life, laterAttempt, at) : life;
    const blocked = advanceEvaluation(advanceEvaluation(over, { type: "retry.asked", at, by }), { type: "training.resumed", at });
    return advanceEvaluation(advanceEvaluation(blocked, { type: "evaluation.readied", at }), { type: "submission.intended", at, key });
  },
  lose: (life, reason, at) => {
    const refused = advanceEvaluation(life, { type: "job.refused", at, reason, cause: "lost" });
    return refused !== life ? refused : advanceEvaluation(life, { type: "evaluation.ended", at, job: lostJob(life, reason, at), lateMs: 0 });
  },
};

/** Whether a life waits to hear of a job. */
export function isInFlight({ state }: RunLife | EvaluationLife): boolean {
  return state === "submitting" || state === "pending" || state === "running" || state === "retrying";
}

const laterAttempt = "a later attempt followed it";

function lostJob({ context }: RunLife | EvaluationLife, reason: string, at: Instant): { id: string; state: string; reason: string; endedAt: Instant } {
  return { id: context.attempts.at(-1)?.jobId ?? "", state: "UNKNOWN", reason, endedAt: at };
}
