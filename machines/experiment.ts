import { assertEvent, assign, setup } from "xstate";

import type { ExperimentObservation } from "../src/domain/observation.ts";
import type { ExperimentContext } from "../src/domain/state.ts";

/**
 * The life of an experiment: whether nightshift may submit for it at all.
 *
 * An experiment begins `held`: only a person arms it. Armed is not ready: agents write the summary minutes before the
 * scripts, and copies arrive in pieces, so it settles first. From `working` on, its runs and evaluations go their own ways.
 *
 * Invariant: in `held` and `settling` nothing is ever submitted.
 */
export const experimentMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- XState takes the type of the context from here
  types: { context: {} as ExperimentContext, events: {} as ExperimentObservation },
  guards: {
    isNamedFirst: ({ context, event }) => { assertEvent(event, "experiment.armed"); return event.explicit && context.armedExplicitly !== true; },
  },
  actions: {
    noteArmed: assign(({ event }) => { assertEvent(event, "experiment.armed"); return { armedBy: event.by, armedAt: event.at, armedExplicitly: event.explicit, reason: `armed: ${event.by}` }; }),
    noteReason: assign(({ event }) => { assertEvent(event, ["experiment.stopped", "experiment.unsettled"]); return { reason: event.reason }; }),
    noteSettled: assign(({ context, event }) => {
      assertEvent(event, "experiment.settled");
      return { reason: undefined, startedAt: context.startedAt ?? event.at, scheduler: context.scheduler ?? event.scheduler };
    }),
    noteFinished: assign(({ event }) => { assertEvent(event, "work.finished"); return { reason: undefined, finishedAt: event.at }; }),
    noteReopened: assign({ reason: "new work appeared", finishedAt: undefined }),
  },
}).createMachine({
  id: "experiment",
  initial: "held",
  context: { reason: "not armed by a person yet" },
  states: {
    held: {
      on: {
        "experiment.armed": { target: "settling", actions: "noteArmed" },
        "experiment.stopped": { actions: "noteReason" },
      },
    },
    settling: {
      on: {
        "experiment.armed": { guard: "isNamedFirst", actions: "noteArmed" },
        "experiment.unsettled": { actions: "noteReason" },
        "experiment.settled": { target: "working", actions: "noteSettled" },
        "experiment.stopped": { target: "held", actions: "noteReason" },
      },
    },
    working: {
      on: {
        "work.finished": { target: "finished", actions: "noteFinished" },
        "experiment.stopped": { target: "held", actions: "noteReason" },
      },
    },
    finished: {
      on: {
        "work.appeared": { target: "settling", actions: "noteReopened" },
        "experiment.stopped": { target: "held", actions: "noteReason" },
      },
    },
  },
});
