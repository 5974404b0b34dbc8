import type { Failure } from "../../src/domain/failure.ts";
import type { EvaluationObservation, ExperimentObservation, JobEnd, RunObservation } from "../../src/domain/observation.ts";
import type { EvaluationResult } from "../../src/domain/state.ts";
import { at } from "../support/builders.ts";

export type AnyObservation = RunObservation | EvaluationObservation | ExperimentObservation;

type Of<Observation extends { type: string }, Type extends Observation["type"]> = Extract<Observation, { readonly type: Type }>;
type Samples<Observation extends { type: string }> = { readonly [Type in Observation["type"]]: Of<Observation, Type> };

// What is said in the walks. Minutes count from noon; a network file system shows files up to a minute late.
const lateMs = 60_000;

/** An attempt is about to be submitted with this key. */
export function intended(key: string, minute = 0): Of<RunObservation, "submission.intended"> {
  return { type: "submission.intended", at: at(minute), key, configHash: "5f1c9d2e6b7a8091", gitCommit: "be0b0fc" };
}

/** The scheduler accepted, with this id. */
export function submitted(id: string, minute = 0): Of<RunObservation, "job.submitted"> {
  return { type: "job.submitted", at: at(minute), id };
}

/** The scheduler shows the job waiting. */
export function pending(id: string, minute = 1, reason?: string): Of<RunObservation, "job.pending"> {
  return { type: "job.pending", at: at(minute), id, state: "PENDING", ...(reason === undefined ? {} : { reason }) };
}

/** The scheduler shows the job running. */
export function started(id: string, minute = 2, dated = true): Of<RunObservation, "job.started"> {
  return { type: "job.started", at: at(minute), id, state: "RUNNING", ...(dated ? { startedAt: at(minute), node: "della-l03g7" } : {}) };
}

/** What else the scheduler can answer, and the end of a retry's pause. */
export const refused = { type: "job.refused", at: at(0), reason: "Invalid account or account/partition combination specified" } as const;
export const postponed = { type: "job.postponed", at: at(0), reason: "QOSMaxSubmitJobPerUserLimit" } as const;
export const missed = { type: "job.missed", at: at(6), reason: "accounting is off" } as const;
export const othersJob = { type: "job.found", at: at(6), id: "77", state: "RUNNING", how: "job 77 was submitted by somebody else from rank4 with finetune.slurm" } as const;
export const withdrawn = { type: "job.withdrawn", at: at(6), by: "ada" } as const;
export const cancelAsked = { type: "cancel.asked", at: at(6), by: "ada" } as const;
export const retryAsked = { type: "retry.asked", at: at(70), by: "ada" } as const;
export const retryDue = { type: "retry.due", at: at(30) } as const;
export const changed = { type: "configuration.changed", at: at(60) } as const;

export function unclear(reason: string, minute = 0): Of<RunObservation, "job.unclear"> {
  return { type: "job.unclear", at: at(minute), reason };
}

/** The training's job is over; heard that many minutes after noon, with checkpoints of these epochs on disk. */
export function trainingEnded(id: string, state: string, minute: number, checkpoints: readonly number[], changes: Partial<JobEnd> & { heardAt?: number; failure?: Failure } = {}): Of<RunObservation, "training.ended"> {
  const { heardAt = minute, failure, ...job } = changes;
  return {
    type: "training.ended", at: at(heardAt), lateMs, job: { id, state, endedAt: at(minute), ...job },
    result: { checkpoints, ...(checkpoints.length === 0 ? {} : { finalLoss: 0.2134, totalSteps: 250, checkpointFolder: "rank4/artifacts" }) },
    ...(failure === undefined ? {} : { failure }),
  };
}

/** The evaluation's job is over, with a log of this status or none. */
export function evaluationEnded(id: string, state: string, minute: number, log?: EvaluationResult, changes: Partial<JobEnd> & { heardAt?: number; failure?: Failure } = {}): Of<EvaluationObservation, "evaluation.ended"> {
  const { heardAt = minute, failure, ...job } = changes;
  return {
    type: "evaluation.ended", at: at(heardAt), lateMs, job: { id, state, endedAt: at(minute), ...job },
    ...(log === undefined ? {} : { result: log }), ...(failure === undefined ? {} : { failure }),
  };
}

/** A log stands there that was not heard of through a job's end. */
export function logFound(log: EvaluationResult, how: string, failure?: Failure): Of<EvaluationObservation, "evaluation.found"> {
  return { type: "evaluation.found", at: at(90), result: log, how, ...(failure === undefined ? {} : { failure }) };
}

/** A log of this status. */
export function aLog(logStatus: EvaluationResult["logStatus"], accuracy?: number): EvaluationResult {
  return { logStatus, log: "rank4/eval/logs/2026-11-21_cap.eval", task: "cap", model: "hf/rank4_epoch_0", samples: 50, ...(accuracy === undefined ? {} : { accuracy }) };
}

// One of each, for the tests that go through all pairs.
const jobSamples = {
  "submission.intended": intended("rank4-2-bbbbbbbb", 40),
  "job.submitted": submitted("102", 40),
  "job.refused": refused,
  "job.postponed": postponed,
  "job.unclear": unclear("sbatch did not answer within 60 s", 41),
  "job.withdrawn": withdrawn,
  "job.missed": missed,
  "job.found": othersJob,
  "cancel.asked": cancelAsked,
  "retry.asked": retryAsked,
  "job.pending": pending("102", 42, "Priority"),
  "job.started": started("102", 43),
  "retry.due": retryDue,
} as const;

export const runSamples: Samples<RunObservation> = {
  ...jobSamples,
  "run.waited": { type: "run.waited", at: at(1), reason: "its script is missing: rank4/finetune.slurm" },
  "run.readied": { type: "run.readied", at: at(1) },
  "work.found": { type: "work.found", at: at(1), reason: "earlier work stands there" },
  "run.released": { type: "run.released", at: at(1), by: "ada" },
  "run.stopped": { type: "run.stopped", at: at(1), by: "ada" },
  "training.ended": trainingEnded("102", "COMPLETED", 50, [0, 1]),
  "training.found": { type: "training.found", at: at(1), result: { checkpoints: [0, 1] }, how: "trained before" },
  "configuration.changed": changed,
};

export const evaluationSamples: Samples<EvaluationObservation> = {
  ...jobSamples,
  "evaluation.waited": { type: "evaluation.waited", at: at(1), reason: "waits for the training of rank4" },
  "evaluation.readied": { type: "evaluation.readied", at: at(1) },
  "evaluation.released": { type: "evaluation.released", at: at(1), by: "ada" },
  "evaluation.stopped": { type: "evaluation.stopped", at: at(1), by: "ada" },
  "training.failed": { type: "training.failed", at: at(1), reason: "the training of rank4 failed (time limit)" },
  "training.resumed": { type: "training.resumed", at: at(1) },
  "checkpoint.missed": { type: "checkpoint.missed", at: at(1), failure: { cause: "no checkpoint", message: "its checkpoint is missing: rank4/artifacts/epoch_0" } },
  "evaluation.ended": evaluationEnded("102", "COMPLETED", 50, aLog("success", 0.8)),
  "evaluation.found": logFound(aLog("success", 0.7), "evaluated before"),
  "configuration.changed": changed,
};

export const experimentSamples: Samples<ExperimentObservation> = {
  "experiment.armed": { type: "experiment.armed", at: at(0), by: "ada", explicit: true },
  "experiment.stopped": { type: "experiment.stopped", at: at(1), reason: "held by ada" },
  "experiment.unsettled": { type: "experiment.unsettled", at: at(1), reason: "settling: waits until nothing has changed for 30 s" },
  "experiment.settled": { type: "experiment.settled", at: at(2), scheduler: "local" },
  "work.finished": { type: "work.finished", at: at(60) },
  "work.appeared": { type: "work.appeared", at: at(90) },
};
