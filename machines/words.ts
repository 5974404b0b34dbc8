import type { EvaluationObservation, ExperimentObservation, JobObservation, RunObservation } from "../src/domain/observation.ts";
import type { EvaluationStateName, ExperimentStateName, RunStateName } from "../src/domain/state.ts";

/**
 * What each state and each observation means, in one sentence: the words of the README, and the complete lists that the
 * tables of states and observations are held to.
 */
export type Words<Word extends string> = Readonly<Record<Word, string>>;

export const runStates: Words<RunStateName> = {
  waiting: "Something has to come first: arming, scaffolding, quiet.",
  held: "A person decides, because a person stopped it or because training would write over earlier work.",
  ready: "Nothing stands against its submission; its next attempt may be intended.",
  submitting: "An attempt is stored with its key, and asks the scheduler's lane to be submitted.",
  pending: "Its job is queued, for the first time or after a requeue.",
  running: "Its job runs, or has ended so recently that its checkpoint may still be on its way through a network file system.",
  retrying: "Its job was lost with its machine, and another attempt follows after a pause.",
  trained: "Its checkpoint is there, or it needs no training.",
  failed: "Its last attempt did not succeed, and nothing more happens unasked.",
  cancelled: "Its job was cancelled, and nothing more happens unasked.",
};

export const evaluationStates: Words<EvaluationStateName> = {
  blocked: "Something has to come first: its training, its script, quiet.",
  ready: "Nothing stands against its submission; its next attempt may be intended.",
  submitting: "An attempt is stored with its key, and asks the scheduler's lane to be submitted.",
  pending: "Its job is queued, for the first time or after a requeue.",
  running: "Its job runs, or has ended so recently that its log may still be on its way through a network file system.",
  retrying: "Its job was lost with its machine, and another attempt follows after a pause.",
  scored: "Its log is complete.",
  failed: "There is no complete log, and nothing more happens unasked.",
  cancelled: "It was cancelled, and nothing more happens unasked.",
  skipped: "Its training did not succeed.",
};

export const experimentStates: Words<ExperimentStateName> = {
  held: "Nobody has armed it, or a person or a doubt has stopped it.",
  settling: "It is armed, and waits until it is complete and nothing in it has changed for a while.",
  working: "Its runs and evaluations go their ways.",
  finished: "Every run and every evaluation is over.",
};

const jobObservations: Words<JobObservation["type"]> = {
  "submission.intended": "An attempt with this key is about to be submitted.",
  "job.submitted": "The scheduler took it and gave this id.",
  "job.refused": "The scheduler refused it for good.",
  "job.postponed": "The scheduler is full, or a limit is reached: certainly not submitted.",
  "job.unclear": "Nobody knows whether it was submitted.",
  "job.withdrawn": "It was taken back before it was submitted.",
  "job.missed": "The queue does not hold the job any more, and nobody says how it ended.",
  "job.found": "Somebody else's job from the same script is in the queue.",
  "job.pending": "The scheduler shows the job waiting.",
  "job.started": "The scheduler shows the job with its machine.",
  "cancel.asked": "A person wants it cancelled.",
  "retry.asked": "A person wants it done again.",
  "retry.due": "The pause after a lost job is over.",
};

export const runObservations: Words<RunObservation["type"]> = {
  "run.waited": "Something stands against its submission.",
  "run.readied": "Nothing stands against its submission any more.",
  "work.found": "Pieces of an earlier training lie where it would write.",
  "run.released": "A person lets it go on.",
  "run.stopped": "A person holds it.",
  ...jobObservations,
  "training.ended": "Its job is over, and this is what it left on disk.",
  "training.found": "A whole training stands there without a job's end that would have told.",
  "configuration.changed": "Script or configuration differ from those of its last attempt.",
};

export const evaluationObservations: Words<EvaluationObservation["type"]> = {
  "evaluation.waited": "Something stands against its submission.",
  "evaluation.released": "A person lets it go on.",
  "evaluation.stopped": "A person holds it.",
  "evaluation.readied": "Nothing stands against its submission any more.",
  "training.failed": "Its run has failed or was cancelled.",
  "training.resumed": "Its run has not failed after all.",
  "checkpoint.missed": "Its training is over, but its checkpoint is not there.",
  ...jobObservations,
  "evaluation.ended": "Its job is over, and this is the log it left, if any.",
  "evaluation.found": "A log stands there without a job's end that would have told, or reads differently than before.",
  "configuration.changed": "Script or configuration differ from those of its last attempt.",
};

export const experimentObservations: Words<ExperimentObservation["type"]> = {
  "experiment.armed": "A person lets it begin, by name or by dropping it into a watched folder.",
  "experiment.stopped": "A person holds it, or it shows work that nobody has a record of.",
  "experiment.unsettled": "It is not complete yet, or has just changed.",
  "experiment.settled": "It is complete and quiet.",
  "work.finished": "Every run and every evaluation is over.",
  "work.appeared": "The summary names new work, or something that was over is not any more.",
};
