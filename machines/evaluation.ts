import { assertEvent, assign, setup } from "xstate";

import type { EvaluationObservation } from "../src/domain/observation.ts";
import type { EvaluationContext } from "../src/domain/state.ts";
import { elapsedMs } from "../src/domain/time.ts";
import {
  failureOf, isInDoubt, isLost, mayTryAgain, withAbsence, withCancelAsked, withCancellation, withDoubt, withEnd, withFoundJob, withJob, withMiss, withNewAttempt, withPending, withRetry, withStart,
} from "./attempts.ts";

// The verdict on a job's end, the same wherever the end is heard. First guard that holds decides.
const ended = [
  { guard: "logIsGood", target: "scored", actions: "noteScored" },
  { guard: "jobWasLost", target: "retrying", actions: "noteLoss" },
  { guard: "wasCancelled", target: "cancelled", actions: "noteFailed" },
  { guard: "logMayAppear", target: "running", actions: "noteAwaited" },
  { target: "failed", actions: "noteFailed" },
] as const;

/**
 * The life of an evaluation: one task on one checkpoint, from blocked to scored.
 *
 * The log's own status decides, not the job: scripts that end with their monitor's exit code make a job FAILED beside a
 * perfect log, and inspect-ai exits with 0 when its task went wrong. The job's end only says when to look.
 *
 * Invariant: `submitting` is stored, with the key of its attempt, before anything is submitted.
 * Invariant: a log that appears late is still a result: `failed` and `cancelled` listen for it.
 */
export const evaluationMachine = setup({
  types: { context: {} as EvaluationContext, events: {} as EvaluationObservation },
  guards: {
    isInDoubt: ({ context }) => isInDoubt(context),
    logIsGood: ({ event }) => { assertEvent(event, ["evaluation.ended", "evaluation.found"]); return event.result?.logStatus === "success"; },
    jobWasLost: ({ context, event }) => { assertEvent(event, "evaluation.ended"); return isLost(event.job) && mayTryAgain(context); },
    wasCancelled: ({ event }) => { assertEvent(event, "evaluation.ended"); return event.job.state === "CANCELLED" || event.result?.logStatus === "cancelled"; },
    logMayAppear: ({ event }) => {
      assertEvent(event, "evaluation.ended");
      const isComplete = event.result !== undefined && event.result.logStatus !== "started";
      return !isComplete && event.job.state === "COMPLETED" && elapsedMs(event.job.endedAt, event.at) < event.lateMs;
    },
  },
  actions: {
    noteReason: assign(({ event }) => { assertEvent(event, ["evaluation.waited", "training.failed"]); return { reason: event.reason }; }),
    noteReady: assign({ reason: "ready to be submitted" }),
    noteTrainingResumed: assign({ reason: "its training goes on" }),
    noteMissing: assign(({ event }) => { assertEvent(event, "checkpoint.missed"); return { failure: event.failure, reason: undefined }; }),
    beginAttempt: assign(({ context, event }) => { assertEvent(event, "submission.intended"); return withNewAttempt(context, event); }),
    noteJob: assign(({ context, event }) => { assertEvent(event, "job.submitted"); return withJob(context, event); }),
    notePending: assign(({ context, event }) => { assertEvent(event, "job.pending"); return withPending(context, event); }),
    noteStart: assign(({ context, event }) => { assertEvent(event, "job.started"); return withStart(context, event); }),
    noteDoubt: assign(({ context, event }) => { assertEvent(event, "job.unclear"); return withDoubt(context, event); }),
    noteAbsence: assign(({ context, event }) => { assertEvent(event, "evaluation.released"); return { ...withAbsence(context, event.by), stoppedBy: undefined }; }),
    noteStop: assign(({ event }) => { assertEvent(event, "evaluation.stopped"); return { stoppedBy: event.by }; }),
    clearStop: assign({ stoppedBy: undefined }),
    noteMiss: assign(({ context, event }) => { assertEvent(event, "job.missed"); return withMiss(context, event); }),
    noteFoundJob: assign(({ context, event }) => { assertEvent(event, "job.found"); return withFoundJob(context, event); }),
    noteCancelAsked: assign(({ context, event }) => { assertEvent(event, "cancel.asked"); return withCancelAsked(context, event); }),
    noteCancellation: assign(({ context, event }) => { assertEvent(event, ["cancel.asked", "job.withdrawn"]); return withCancellation(context, event.by); }),
    noteRetry: assign(({ context, event }) => { assertEvent(event, "retry.asked"); return { ...withRetry(context, event), result: undefined, stoppedBy: undefined }; }),
    notePostponed: assign(({ event }) => { assertEvent(event, "job.postponed"); return { reason: `the scheduler asks to wait: ${event.reason}` }; }),
    noteRefusal: assign(({ event }) => {
      assertEvent(event, "job.refused");
      return { reason: undefined, failure: { cause: event.cause ?? "submission refused" as const, message: event.reason } };
    }),
    noteLoss: assign(({ context, event }) => { assertEvent(event, "evaluation.ended"); return withEnd(context, event.job, `job ${event.job.id} was lost (${event.job.state}), another attempt follows`, undefined); }),
    noteAwaited: assign(({ context, event }) => { assertEvent(event, "evaluation.ended"); return withEnd(context, event.job, "the job is over, its log is not visible yet", undefined); }),
    noteScored: assign(({ context, event }) => {
      assertEvent(event, "evaluation.ended");
      const odd = event.job.state === "COMPLETED" ? undefined : `the log is complete although job ${event.job.id} ended ${event.job.state}`;
      return { ...withEnd(context, event.job, odd, undefined), result: event.result };
    }),
    noteFailed: assign(({ context, event }) => {
      assertEvent(event, "evaluation.ended");
      return { ...withEnd(context, event.job, undefined, event.failure ?? failureOf(event.job)), result: event.result };
    }),
    noteFound: assign(({ event }) => {
      assertEvent(event, "evaluation.found");
      return { result: event.result, adopted: event.how, reason: undefined, failure: event.failure };
    }),
    noteNewReading: assign(({ event }) => { assertEvent(event, "evaluation.found"); return { result: event.result, failure: undefined, reason: event.how }; }),
    noteStale: assign({ stale: true }),
  },
}).createMachine({
  id: "evaluation",
  initial: "blocked",
  context: { attempts: [] },
  states: {
    blocked: {
      on: {
        "job.found": { target: "pending", actions: "noteFoundJob" },
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": { actions: "clearStop" },
        "evaluation.found": [
          { guard: "logIsGood", target: "scored", actions: "noteFound" },
          { target: "failed", actions: "noteFound" },
        ],
        "training.failed": { target: "skipped", actions: "noteReason" },
        "checkpoint.missed": { target: "failed", actions: "noteMissing" },
        "evaluation.waited": { actions: "noteReason" },
        "evaluation.readied": { target: "ready", actions: "noteReady" },
      },
    },
    ready: {
      on: {
        "job.found": { target: "pending", actions: "noteFoundJob" },
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": { actions: "clearStop" },
        "submission.intended": { target: "submitting", actions: "beginAttempt" },
        "evaluation.waited": { target: "blocked", actions: "noteReason" },
        "checkpoint.missed": { target: "failed", actions: "noteMissing" },
      },
    },
    submitting: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.withdrawn": { target: "cancelled", actions: "noteCancellation" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": [{ guard: "isInDoubt", target: "ready", actions: "noteAbsence" }, { actions: "clearStop" }],
        "job.submitted": { target: "pending", actions: "noteJob" },
        "job.refused": { target: "failed", actions: "noteRefusal" },
        "job.postponed": { actions: "notePostponed" },
        "job.unclear": { actions: "noteDoubt" },
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "evaluation.ended": ended,
      },
    },
    pending: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.missed": { actions: "noteMiss" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": { actions: "clearStop" },
        "job.pending": { actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "evaluation.ended": ended,
      },
    },
    running: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.missed": { actions: "noteMiss" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": { actions: "clearStop" },
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { actions: "noteStart" },
        "evaluation.ended": ended,
      },
    },
    retrying: {
      on: {
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "evaluation.stopped": { actions: "noteStop" },
        "evaluation.released": { actions: "clearStop" },
        "retry.due": { target: "ready", actions: "noteReady" },
        // Not lost after all: schedulers requeue the jobs of a lost node by themselves, under the same id, seconds after
        // they have reported them lost.
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "evaluation.ended": ended,
        "evaluation.found": { guard: "logIsGood", target: "scored", actions: "noteNewReading" },
      },
    },
    scored: {
      on: {
        "retry.asked": { target: "blocked", actions: "noteRetry" },
        "evaluation.found": { guard: "logIsGood", actions: "noteNewReading" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
    failed: {
      on: {
        "retry.asked": { target: "blocked", actions: "noteRetry" },
        "evaluation.found": { guard: "logIsGood", target: "scored", actions: "noteNewReading" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
    cancelled: {
      on: {
        "retry.asked": { target: "blocked", actions: "noteRetry" },
        "evaluation.found": { guard: "logIsGood", target: "scored", actions: "noteNewReading" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
    skipped: {
      on: {
        "training.resumed": { target: "blocked", actions: "noteTrainingResumed" },
        "evaluation.found": { guard: "logIsGood", target: "scored", actions: "noteFound" },
      },
    },
  },
});
