import { assertEvent, assign, setup } from "xstate";

import type { RunObservation } from "../src/domain/observation.ts";
import type { RunContext } from "../src/domain/state.ts";
import { elapsedMs } from "../src/domain/time.ts";
import {
  failureOf, isInDoubt, isLost, mayTryAgain, withAbsence, withCancelAsked, withCancellation, withDoubt, withEnd, withFoundJob, withJob, withMiss, withNewAttempt, withPending, withRetry, withStart,
} from "./attempts.ts";

// The verdict on a job's end, the same wherever the end is heard. First guard that holds decides.
const ended = [
  { guard: "jobWasLostWhileStopped", target: "held", actions: "noteLossAndHold" },
  { guard: "jobWasLost", target: "retrying", actions: "noteLoss" },
  { guard: "jobWasCancelled", target: "cancelled", actions: "noteFailed" },
  { guard: "checkpointWasSaved", target: "trained", actions: "noteTrained" },
  { guard: "checkpointMayAppear", target: "running", actions: "noteAwaited" },
  { target: "failed", actions: "noteFailed" },
] as const;

/**
 * The life of a run, from its first script to its last checkpoint.
 *
 * Time and the scheduler are outside: this file hears observations and never acts. What must be done follows from the
 * state (src/rules/wishes.ts). A poll may miss `running` altogether, so an end is heard in `pending` as well, and even
 * in `submitting`, when the scheduler's answer was lost and the job is found by its key. A requeued job goes back from
 * `running` to `pending` under the same id.
 *
 * Invariant: `submitting` is stored, with the key of its attempt, before anything is submitted.
 * Invariant: the verdict on a job needs two witnesses, the job and what it left on disk.
 */
export const runMachine = setup({
  types: { context: {} as RunContext, events: {} as RunObservation },
  guards: {
    jobWasLostWhileStopped: ({ context, event }) => { assertEvent(event, "training.ended"); return isLost(event.job) && context.stoppedBy !== undefined; },
    jobWasLost: ({ context, event }) => { assertEvent(event, "training.ended"); return isLost(event.job) && mayTryAgain(context); },
    jobWasCancelled: ({ event }) => { assertEvent(event, "training.ended"); return event.job.state === "CANCELLED"; },
    checkpointWasSaved: ({ event }) => { assertEvent(event, "training.ended"); return event.job.state === "COMPLETED" && event.result.checkpoints.length > 0; },
    checkpointMayAppear: ({ event }) => {
      assertEvent(event, "training.ended");
      return event.job.state === "COMPLETED" && elapsedMs(event.job.endedAt, event.at) < event.lateMs;
    },
    foundFailed: ({ context, event }) => { assertEvent(event, "work.found"); return context.released !== true && event.failed !== undefined; },
    isInDoubt: ({ context }) => isInDoubt(context),
    wasFoundFailed: ({ context }) => context.adopted !== undefined,
    wasNotReleased: ({ context }) => context.released !== true,
    lacksOnlyItsCheckpoint: ({ context, event }) => {
      assertEvent(event, "training.found");
      return context.failure?.cause === "no checkpoint" && event.result.checkpoints.length > 0;
    },
  },
  actions: {
    noteReason: assign(({ event }) => { assertEvent(event, ["run.waited", "work.found"]); return { reason: event.reason }; }),
    noteHold: assign(({ event }) => { assertEvent(event, "run.stopped"); return { reason: `held by ${event.by}`, stoppedBy: event.by }; }),
    noteStop: assign(({ event }) => { assertEvent(event, "run.stopped"); return { stoppedBy: event.by }; }),
    clearStop: assign({ stoppedBy: undefined }),
    noteRelease: assign(({ event }) => { assertEvent(event, "run.released"); return { reason: `released by ${event.by}`, released: true, stoppedBy: undefined, failure: undefined, adopted: undefined, result: undefined }; }),
    noteReady: assign({ reason: "ready to be submitted" }),
    beginAttempt: assign(({ context, event }) => { assertEvent(event, "submission.intended"); return withNewAttempt(context, event); }),
    noteJob: assign(({ context, event }) => { assertEvent(event, "job.submitted"); return withJob(context, event); }),
    notePending: assign(({ context, event }) => { assertEvent(event, "job.pending"); return withPending(context, event); }),
    noteStart: assign(({ context, event }) => { assertEvent(event, "job.started"); return withStart(context, event); }),
    noteDoubt: assign(({ context, event }) => { assertEvent(event, "job.unclear"); return withDoubt(context, event); }),
    noteAbsence: assign(({ context, event }) => { assertEvent(event, "run.released"); return { ...withAbsence(context, event.by), stoppedBy: undefined }; }),
    noteMiss: assign(({ context, event }) => { assertEvent(event, "job.missed"); return withMiss(context, event); }),
    noteFoundJob: assign(({ context, event }) => { assertEvent(event, "job.found"); return withFoundJob(context, event); }),
    noteCancelAsked: assign(({ context, event }) => { assertEvent(event, "cancel.asked"); return withCancelAsked(context, event); }),
    noteCancellation: assign(({ context, event }) => { assertEvent(event, ["cancel.asked", "job.withdrawn"]); return withCancellation(context, event.by); }),
    noteRetry: assign(({ context, event }) => { assertEvent(event, "retry.asked"); return { ...withRetry(context, event), result: undefined, released: true, stoppedBy: undefined }; }),
    notePostponed: assign(({ event }) => { assertEvent(event, "job.postponed"); return { reason: `the scheduler asks to wait: ${event.reason}` }; }),
    noteRefusal: assign(({ event }) => {
      assertEvent(event, "job.refused");
      return { reason: undefined, failure: { cause: event.cause ?? "submission refused" as const, message: event.reason } };
    }),
    noteLossAndHold: assign(({ context, event }) => {
      assertEvent(event, "training.ended");
      return withEnd(context, event.job, `job ${event.job.id} was lost (${event.job.state}); held by ${context.stoppedBy ?? "a person"}`, undefined);
    }),
    noteLoss: assign(({ context, event }) => { assertEvent(event, "training.ended"); return withEnd(context, event.job, `job ${event.job.id} was lost (${event.job.state}), another attempt follows`, undefined); }),
    noteAwaited: assign(({ context, event }) => { assertEvent(event, "training.ended"); return withEnd(context, event.job, "the job is over, its checkpoint is not visible yet", undefined); }),
    noteTrained: assign(({ context, event }) => { assertEvent(event, "training.ended"); return { ...withEnd(context, event.job, undefined, undefined), result: event.result }; }),
    noteFailed: assign(({ context, event }) => {
      assertEvent(event, "training.ended");
      const failure = event.job.state === "COMPLETED"
        ? event.failure ?? { cause: "no checkpoint" as const, message: `job ${event.job.id} ended well but saved no checkpoint` }
        : event.failure ?? failureOf(event.job);
      return { ...withEnd(context, event.job, undefined, failure), result: event.result };
    }),
    noteFound: assign(({ event }) => { assertEvent(event, "training.found"); return { result: event.result, adopted: event.how, reason: undefined, failure: undefined }; }),
    noteFoundFailed: assign(({ event }) => { assertEvent(event, "work.found"); return { ...event.failed, adopted: event.reason, reason: undefined }; }),
    noteStale: assign({ stale: true }),
  },
}).createMachine({
  id: "run",
  initial: "waiting",
  context: { attempts: [] },
  states: {
    waiting: {
      on: {
        "job.found": { target: "pending", actions: "noteFoundJob" },
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "training.found": { target: "trained", actions: "noteFound" },
        "work.found": [
          { guard: "foundFailed", target: "failed", actions: "noteFoundFailed" },
          { guard: "wasNotReleased", target: "held", actions: "noteReason" },
        ],
        "run.waited": { actions: "noteReason" },
        "run.readied": { target: "ready", actions: "noteReady" },
        "run.stopped": { target: "held", actions: "noteHold" },
        "run.released": { actions: "noteRelease" },
      },
    },
    held: {
      on: {
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "run.released": { target: "waiting", actions: "noteRelease" },
        "training.found": { target: "trained", actions: "noteFound" },
      },
    },
    ready: {
      on: {
        "job.found": { target: "pending", actions: "noteFoundJob" },
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "submission.intended": { target: "submitting", actions: "beginAttempt" },
        "run.waited": { target: "waiting", actions: "noteReason" },
        "run.stopped": { target: "held", actions: "noteHold" },
      },
    },
    submitting: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.withdrawn": { target: "cancelled", actions: "noteCancellation" },
        "job.submitted": { target: "pending", actions: "noteJob" },
        "job.refused": { target: "failed", actions: "noteRefusal" },
        "job.postponed": { actions: "notePostponed" },
        "job.unclear": { actions: "noteDoubt" },
        "run.stopped": { actions: "noteStop" },
        "run.released": [{ guard: "isInDoubt", target: "ready", actions: "noteAbsence" }, { actions: "clearStop" }],
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "training.ended": ended,
      },
    },
    pending: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.missed": { actions: "noteMiss" },
        "run.stopped": { actions: "noteStop" },
        "run.released": { actions: "clearStop" },
        "job.pending": { actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "training.ended": ended,
      },
    },
    running: {
      on: {
        "cancel.asked": { actions: "noteCancelAsked" },
        "job.missed": { actions: "noteMiss" },
        "run.stopped": { actions: "noteStop" },
        "run.released": { actions: "clearStop" },
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { actions: "noteStart" },
        "training.ended": ended,
      },
    },
    retrying: {
      on: {
        "cancel.asked": { target: "cancelled", actions: "noteCancellation" },
        "retry.due": { target: "ready", actions: "noteReady" },
        "run.stopped": { target: "held", actions: "noteHold" },
        // Not lost after all: schedulers requeue the jobs of a lost node by themselves, under the same id, seconds after
        // they have reported them lost.
        "job.pending": { target: "pending", actions: "notePending" },
        "job.started": { target: "running", actions: "noteStart" },
        "training.ended": ended,
      },
    },
    trained: {
      on: {
        "retry.asked": { target: "waiting", actions: "noteRetry" },
        "run.stopped": { actions: "noteStop" },
        "run.released": { actions: "clearStop" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
    failed: {
      on: {
        "retry.asked": { target: "waiting", actions: "noteRetry" },
        "training.found": { guard: "lacksOnlyItsCheckpoint", target: "trained", actions: "noteFound" },
        // Somebody else's failure: a person may let it be trained again here, over what it left.
        "run.released": { guard: "wasFoundFailed", target: "waiting", actions: "noteRelease" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
    cancelled: {
      on: {
        "retry.asked": { target: "waiting", actions: "noteRetry" },
        "configuration.changed": { actions: "noteStale" },
      },
    },
  },
});
