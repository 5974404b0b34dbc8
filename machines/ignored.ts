import type { EvaluationObservation, ExperimentObservation, JobObservation, RunObservation } from "../src/domain/observation.ts";
import type { EvaluationStateName, ExperimentStateName, RunStateName } from "../src/domain/state.ts";

/**
 * Why a state does not listen to an observation. XState drops what a state has no transition for without a word, so that
 * a forgotten pair would look exactly like a decided one: every pair that no machine handles stands here, once.
 */
export interface Ignored<State extends string = string, Observation extends string = string> {
  readonly states: readonly State[];
  readonly observations: readonly Observation[];
  readonly because: string;
}

const answers = ["job.submitted", "job.refused", "job.postponed", "job.unclear", "job.withdrawn"] as const satisfies readonly JobObservation["type"][];
const sightings = ["job.pending", "job.started"] as const satisfies readonly JobObservation["type"][];
const inFlight = ["submitting", "pending", "running"] as const;

export const ignoredByRun: readonly Ignored<RunStateName, RunObservation["type"]>[] = [
  {
    states: ["held"], observations: ["run.waited", "run.readied", "work.found"],
    because: "A person decides when it goes on; what is found or missing meanwhile is looked at again after the release.",
  },
  { states: ["held"], observations: ["run.stopped"], because: "It is held already, and one release is enough." },
  { states: ["waiting", "held"], observations: ["submission.intended"], because: "Only a ready run is submitted." },
  { states: ["ready"], observations: ["run.readied"], because: "It is ready already." },
  { states: ["ready", "retrying"], observations: ["run.released"], because: "Nothing holds it." },
  {
    states: ["ready"], observations: ["work.found", "training.found"],
    because: "Earlier work is looked for while it waits, and anything that stands against its submission makes it wait again.",
  },
  {
    states: ["waiting", "held", "ready"], observations: answers,
    because: "It has no submission that could be answered: the next attempt begins with its intention.",
  },
  {
    states: ["waiting", "held", "ready"], observations: [...sightings, "training.ended"],
    because: "It has no job, or one that was lost and given up.",
  },
  {
    states: ["waiting", "held", "ready", ...inFlight, "trained", "failed", "cancelled"], observations: ["retry.due"],
    because: "Only a lost job is tried again.",
  },
  {
    states: ["waiting", "held", "ready", "retrying"], observations: ["configuration.changed"],
    because: "There is no result that could be out of date, and the next attempt notes what it is submitted with.",
  },
  {
    states: [...inFlight], observations: ["configuration.changed"],
    because: "There is no result yet; once there is, it is compared with what the attempt was submitted with.",
  },
  { states: [...inFlight], observations: ["submission.intended"], because: "One attempt at a time: the next is intended only when the job of this one is over." },
  { states: ["retrying"], observations: ["submission.intended"], because: "The pause after a lost job comes first, since its scheduler may requeue it." },
  {
    states: [...inFlight, "retrying"], observations: ["run.waited", "run.readied"],
    because: "It has been ready: what it waited for is asked again only before another attempt.",
  },
  {
    states: [...inFlight, "retrying"], observations: ["work.found", "training.found"],
    because: "What lies in its folder now may be this attempt's own, and only the job's end says that it is whole.",
  },
  { states: ["pending", "running", "retrying"], observations: answers, because: "Its job is known, so its submission has been answered." },
  {
    states: ["trained", "failed", "cancelled"], observations: ["submission.intended", ...answers, ...sightings, "training.ended"],
    because: "The verdict is spoken, and nothing is submitted again unasked.",
  },
  {
    states: ["failed", "cancelled"], observations: ["run.stopped"], because: "Nothing more is submitted for it or its evaluations anyway.",
  },
  {
    states: ["trained", "failed", "cancelled"], observations: ["run.waited", "run.readied", "work.found"],
    because: "It is over: there is nothing to wait for, to hold or to let go on.",
  },
  { states: ["cancelled"], observations: ["run.released"], because: "Nothing holds it; to run it again is another request than to let it go on." },
  { states: ["trained"], observations: ["training.found"], because: "Its training is known; evaluations look for their checkpoints on disk themselves." },
  { states: ["cancelled"], observations: ["training.found"], because: "A checkpoint beside a cancelled job does not say that the training was whole." },
  {
    states: ["held"], observations: ["job.found"],
    because: "What runs beside it is followed after the release, if it is still there then.",
  },
  { states: ["submitting", "pending", "running", "retrying"], observations: ["job.found"], because: "It has an attempt of its own, and the scheduler shows whose job is whose." },
  { states: ["trained", "failed", "cancelled"], observations: ["job.found"], because: "It is over; what somebody else does again beside it is theirs." },
  { states: ["waiting", "held", "ready"], observations: ["job.missed"], because: "No job of its own can be missed: the next attempt begins with its intention." },
  { states: ["submitting"], observations: ["job.missed"], because: "As long as no id is known, a look-up by the key decides, never an absence." },
  { states: ["retrying"], observations: ["job.missed"], because: "A lost job need not be there." },
  { states: ["trained", "failed", "cancelled"], observations: ["job.missed"], because: "A job that has ended leaves the queue." },
  { states: ["waiting", "held", "ready", ...inFlight, "retrying"], observations: ["retry.asked"], because: "It is still to be done, or being done: there is nothing to do again." },
  { states: ["trained", "failed", "cancelled"], observations: ["cancel.asked"], because: "It is over: there is no job to cancel." },
];

export const ignoredByEvaluation: readonly Ignored<EvaluationStateName, EvaluationObservation["type"]>[] = [
  { states: ["blocked"], observations: ["submission.intended"], because: "Only a ready evaluation is submitted." },
  { states: ["ready"], observations: ["evaluation.readied"], because: "It is ready already." },
  {
    states: ["ready"], observations: ["training.failed", "evaluation.found"],
    because: "Both are looked for while it is blocked, and anything that stands against its submission blocks it again.",
  },
  {
    states: ["blocked", "ready"], observations: answers,
    because: "It has no submission that could be answered: the next attempt begins with its intention.",
  },
  {
    states: ["blocked", "ready"], observations: [...sightings, "evaluation.ended"],
    because: "It has no job, or one that was lost and given up.",
  },
  {
    states: ["blocked", "ready", ...inFlight, "scored", "failed", "cancelled", "skipped"], observations: ["retry.due"],
    because: "Only a lost job is tried again.",
  },
  {
    states: ["blocked", "ready", "retrying", "skipped"], observations: ["configuration.changed"],
    because: "There is no result that could be out of date, and the next attempt notes what it is submitted with.",
  },
  {
    states: [...inFlight], observations: ["configuration.changed"],
    because: "There is no result yet; once there is, it is compared with what the attempt was submitted with.",
  },
  {
    states: ["blocked", "ready", ...inFlight, "retrying", "scored", "failed", "cancelled"], observations: ["training.resumed"],
    because: "Only an evaluation that was skipped for its training comes back with it.",
  },
  { states: [...inFlight], observations: ["submission.intended"], because: "One attempt at a time: the next is intended only when the job of this one is over." },
  { states: ["retrying"], observations: ["submission.intended"], because: "The pause after a lost job comes first, since its scheduler may requeue it." },
  {
    states: [...inFlight, "retrying"], observations: ["evaluation.waited", "evaluation.readied"],
    because: "It has been ready: what it waited for is asked again only before another attempt.",
  },
  {
    states: [...inFlight, "retrying"], observations: ["training.failed"],
    because: "Its checkpoint was complete when it was intended, and stays that whatever becomes of its training.",
  },
  {
    states: [...inFlight], observations: ["checkpoint.missed"],
    because: "The checkpoint was there when it was intended; a job that misses it now says so in its log.",
  },
  { states: ["retrying"], observations: ["checkpoint.missed"], because: "It is asked again when the retry is ready." },
  { states: [...inFlight], observations: ["evaluation.found"], because: "The log may be this attempt's own, and is read for good when its job is over." },
  { states: ["pending", "running", "retrying"], observations: answers, because: "Its job is known, so its submission has been answered." },
  {
    states: ["scored", "failed", "cancelled"], observations: ["submission.intended", ...answers, ...sightings, "evaluation.ended"],
    because: "The verdict is spoken, and nothing is submitted again unasked; only the log itself can still correct it.",
  },
  {
    states: ["scored", "failed", "cancelled"], observations: ["evaluation.waited", "evaluation.readied", "training.failed", "checkpoint.missed"],
    because: "It is over: what an evaluation needs before it begins does not concern it any more.",
  },
  {
    states: ["skipped"], observations: ["submission.intended", ...answers, ...sightings, "evaluation.ended"],
    because: "Nothing of it is with the scheduler: it is skipped while it is blocked.",
  },
  {
    states: ["skipped"], observations: ["evaluation.waited", "evaluation.readied", "training.failed", "checkpoint.missed"],
    because: "Its training did not succeed; the rest matters only when that goes on.",
  },
  { states: ["submitting", "pending", "running", "retrying"], observations: ["job.found"], because: "It has an attempt of its own, and the scheduler shows whose job is whose." },
  { states: ["scored", "failed", "cancelled", "skipped"], observations: ["job.found"], because: "It is over; what somebody else does again beside it is theirs." },
  { states: ["blocked", "ready"], observations: ["job.missed"], because: "No job of its own can be missed: the next attempt begins with its intention." },
  { states: ["submitting"], observations: ["job.missed"], because: "As long as no id is known, a look-up by the key decides, never an absence." },
  { states: ["retrying"], observations: ["job.missed"], because: "A lost job need not be there." },
  { states: ["scored", "failed", "cancelled", "skipped"], observations: ["job.missed"], because: "A job that has ended leaves the queue." },
  { states: ["blocked", "ready", ...inFlight, "retrying"], observations: ["retry.asked"], because: "It is still to be done, or being done: there is nothing to do again." },
  { states: ["scored", "failed", "cancelled", "skipped"], observations: ["cancel.asked"], because: "It is over: there is no job to cancel." },
  { states: ["skipped"], observations: ["retry.asked"], because: "Its training did not succeed: that is what has to be done again." },
  { states: ["scored", "failed", "cancelled", "skipped"], observations: ["evaluation.stopped", "evaluation.released"], because: "Nothing is submitted for it any more that could be held." },
];

export const ignoredByExperiment: readonly Ignored<ExperimentStateName, ExperimentObservation["type"]>[] = [
  {
    states: ["held"], observations: ["experiment.unsettled", "experiment.settled", "work.finished", "work.appeared"],
    because: "Only a person lets it begin; whatever stands in it is looked at after that.",
  },
  { states: ["working", "finished"], observations: ["experiment.armed"], because: "It is armed already." },
  {
    states: ["settling"], observations: ["work.finished", "work.appeared"],
    because: "What there is to do is counted only when it has settled.",
  },
  {
    states: ["working", "finished"], observations: ["experiment.unsettled", "experiment.settled"],
    because: "It has settled before; from then on each run and each evaluation waits for its own script to be quiet.",
  },
  { states: ["working"], observations: ["work.appeared"], because: "It is at work: what is new in the summary begins by itself." },
  { states: ["finished"], observations: ["work.finished"], because: "It is finished already." },
];
