import type { AnyStateMachine } from "xstate";

import { evaluationMachine } from "../../machines/evaluation.ts";
import { experimentMachine } from "../../machines/experiment.ts";
import { type Ignored, ignoredByEvaluation, ignoredByExperiment, ignoredByRun } from "../../machines/ignored.ts";
import { advanceEvaluation, advanceExperiment, advanceRun } from "../../machines/lives.ts";
import { runMachine } from "../../machines/run.ts";
import { evaluationObservations, evaluationStates, experimentObservations, experimentStates, runObservations, runStates, type Words } from "../../machines/words.ts";
import type { Life } from "../../src/domain/state.ts";
import { type AnyObservation, evaluationSamples, experimentSamples, runSamples } from "./observations.ts";

/** A machine with all that is said about it, its types forgotten, for tests that go through all of them alike. */
export interface Described {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly states: Words<string>;
  readonly observations: Words<string>;
  readonly ignored: readonly Ignored[];
  /** One of each observation. */
  readonly samples: Readonly<Record<string, AnyObservation>>;
  readonly advance: (life: Life<string, object>, observation: AnyObservation) => Life<string, object>;
}

export const machines: readonly Described[] = [
  {
    name: "run", machine: runMachine, states: runStates, observations: runObservations, ignored: ignoredByRun,
    samples: runSamples, advance: advanceRun as Described["advance"],
  },
  {
    name: "evaluation", machine: evaluationMachine, states: evaluationStates, observations: evaluationObservations, ignored: ignoredByEvaluation,
    samples: evaluationSamples, advance: advanceEvaluation as Described["advance"],
  },
  {
    name: "experiment", machine: experimentMachine, states: experimentStates, observations: experimentObservations, ignored: ignoredByExperiment,
    samples: experimentSamples, advance: advanceExperiment as Described["advance"],
  },
];
