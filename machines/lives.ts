import { dequal } from "dequal";
import { type AnyStateMachine, initialTransition, transition } from "xstate";

import type { EvaluationObservation, ExperimentObservation, RunObservation } from "../src/domain/observation.ts";
import type { EvaluationLife, ExperimentLife, Life, RunLife } from "../src/domain/state.ts";
import { evaluationMachine } from "./evaluation.ts";
import { experimentMachine } from "./experiment.ts";
import { runMachine } from "./run.ts";

/**
 * The only place where a state changes: a life and one observation in, the next life out, through XState's pure
 * `transition`. XState's actors are not used: what they restore from disk runs its promises again and loses its timers.
 *
 * Invariant: a life that did not change is the same object (`===`).
 * Invariant: a life is plain JSON, without keys that hold `undefined`, so that a stored one and a fresh one are equal.
 */

/** Begins the life of a run: `waiting`. */
export function beginRun(): RunLife {
  return lifeOf(initialTransition(runMachine)[0]);
}

/**
 * Moves a run by one observation.
 *
 * @returns The same object when the observation says nothing new to this state.
 * @throws {RangeError} When the machine has no such state: stored lives are checked where they are read.
 */
export function advanceRun(life: RunLife, observation: RunObservation): RunLife {
  demandState(life, runMachine);
  const [next] = transition(runMachine, runMachine.resolveState({ value: life.state, context: life.context }), observation);
  return changedLife(life, next);
}

/** Begins the life of an evaluation: `blocked`. */
export function beginEvaluation(): EvaluationLife {
  return lifeOf(initialTransition(evaluationMachine)[0]);
}

/** Moves an evaluation by one observation, as {@link advanceRun} does a run. */
export function advanceEvaluation(life: EvaluationLife, observation: EvaluationObservation): EvaluationLife {
  demandState(life, evaluationMachine);
  const [next] = transition(evaluationMachine, evaluationMachine.resolveState({ value: life.state, context: life.context }), observation);
  return changedLife(life, next);
}

/** Begins the life of an experiment: `held`. */
export function beginExperiment(): ExperimentLife {
  return lifeOf(initialTransition(experimentMachine)[0]);
}

/** Moves an experiment by one observation, as {@link advanceRun} does a run. */
export function advanceExperiment(life: ExperimentLife, observation: ExperimentObservation): ExperimentLife {
  demandState(life, experimentMachine);
  const [next] = transition(experimentMachine, experimentMachine.resolveState({ value: life.state, context: life.context }), observation);
  return changedLife(life, next);
}

interface Snapshot<State, Context> {
  readonly value: State;
  readonly context: Context;
}

function demandState({ state }: Life<string, unknown>, machine: AnyStateMachine): void {
  if (Object.hasOwn(machine.states, state)) return;
  throw new RangeError(`the ${machine.id} machine has no state ${JSON.stringify(state)} (expected ${Object.keys(machine.states).join(", ")})`);
}

function changedLife<State extends string, Context>(life: Life<State, Context>, next: Snapshot<State, Context>): Life<State, Context> {
  // Where no transition is taken, XState hands back the very context it was given: the usual case, and free.
  if (next.value === life.state && next.context === life.context) return life;
  const changed = lifeOf(next);
  return dequal(changed, life) ? life : changed;
}

function lifeOf<State extends string, Context>({ value, context }: Snapshot<State, Context>): Life<State, Context> {
  return { state: value, context: withoutUndefined(context) };
}

function withoutUndefined<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutUndefined) as Value;
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutUndefined(inner)])) as Value;
}
