import { isDeepStrictEqual } from "node:util";
import { initialTransition, transition } from "xstate";

import type { EvaluationObservation, ExperimentObservation, RunObservation } from "../src/domain/observation.ts";
import type { EvaluationLife, ExperimentLife, RunLife } from "../src/domain/state.ts";
import { evaluationMachine } from "./evaluation.ts";
import { experimentMachine } from "./experiment.ts";
import { runMachine } from "./run.ts";

export function beginRun(): RunLife { const [s] = initialTransition(runMachine); return { state: s.value, context: s.context }; }
export function beginEvaluation(): EvaluationLife { const [s] = initialTransition(evaluationMachine); return { state: s.value, context: s.context }; }
export function beginExperiment(): ExperimentLife { const [s] = initialTransition(experimentMachine); return { state: s.value, context: s.context }; }
export function advanceRun(life: RunLife, event: RunObservation): RunLife {
  const [s] = transition(runMachine, runMachine.resolveState({ value: life.state, context: life.context }), event);
  return s.value === life.state && isDeepStrictEqual(s.context, life.context) ? life : { state: s.value, context: s.context };
}
export function advanceEvaluation(life: EvaluationLife, event: EvaluationObservation): EvaluationLife {
  const [s] = transition(evaluationMachine, evaluationMachine.resolveState({ value: life.state, context: life.context }), event);
  return s.value === life.state && isDeepStrictEqual(s.context, life.context) ? life : { state: s.value, context: s.context };
}
export function advanceExperiment(life: ExperimentLife, event: ExperimentObservation): ExperimentLife {
  const [s] = transition(experimentMachine, experimentMachine.resolveState({ value: life.state, context: life.context }), event);
  return s.value === life.state && isDeepStrictEqual(s.context, life.context) ? life : { state: s.value, context: s.context };
}
