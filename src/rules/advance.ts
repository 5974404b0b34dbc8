import { advanceEvaluation, advanceExperiment, advanceRun, beginEvaluation, beginExperiment, beginRun } from "../../machines/lives.ts";
import { evaluationKey } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { EvaluationLife, ExperimentState, RunLife } from "../domain/state.ts";
import { hearEvaluation } from "./hear-evaluation.ts";
import { hearExperiment } from "./hear-experiment.ts";
import { hearRun } from "./hear-run.ts";
import { honourRequests } from "./honour-requests.ts";

/**
 * Moves an experiment's state as far as the facts carry it.
 *
 * Pure: the same state and facts give the same answer. What one unit's move lets another do (a training that ends, its
 * evaluations that may begin) happens in the same call: the pass is repeated until nothing moves any more.
 *
 * @returns The same object when nothing moved.
 */
export function advance(state: ExperimentState, facts: Facts): ExperimentState {
  let current = honourRequests(withUnits(state, facts), facts.requests);
  // Each turn moves at least one unit one state onward, and no life is longer than this.
  for (let turn = 0; turn < 12; turn += 1) {
    const next = advanceOnce(current, facts);
    if (next === current) return current;
    current = next;
  }
  return current;
}

/** A state for an experiment that nightshift has none of: held, nothing begun. */
export function beginState(facts: Pick<Facts, "experiment" | "nonce" | "now">): ExperimentState {
  return {
    experiment: facts.experiment.name, id: `${facts.experiment.name.replace(/[^A-Za-z0-9._-]+/gu, "_").slice(0, 60)}-${facts.nonce}`,
    revision: 0, monitoringStarted: facts.now, life: beginExperiment(), runs: {}, evaluations: {}, units: {},
  };
}

function advanceOnce(state: ExperimentState, facts: Facts): ExperimentState {
  const life = advanced(state.life, hearExperiment(state, facts), advanceExperiment);
  const named = { runs: new Map(facts.experiment.runs.map((run) => [run.name, run])), evaluations: new Map(facts.experiment.evaluations.map((evaluation) => [evaluationKey(evaluation), evaluation])) };
  const runs = mapChanged(state.runs, (name, before) => {
    const run = named.runs.get(name);
    return run === undefined ? before : advanced(before, hearRun(run, before, life, facts), advanceRun);
  });
  const evaluations = mapChanged(state.evaluations, (key, before) => {
    const evaluation = named.evaluations.get(key);
    return evaluation === undefined ? before : advanced(before, hearEvaluation(evaluation, before, runs, life, facts), advanceEvaluation);
  });
  return life === state.life && runs === state.runs && evaluations === state.evaluations ? state : { ...state, life, runs, evaluations };
}

// Units that the summary names and the state does not know yet. What the summary no longer names is kept: it has happened.
function withUnits(state: ExperimentState, { experiment }: Facts): ExperimentState {
  const runs: Record<string, RunLife> = { ...state.runs };
  const evaluations: Record<string, EvaluationLife> = { ...state.evaluations };
  for (const run of experiment.runs) runs[run.name] ??= beginRun();
  for (const evaluation of experiment.evaluations) evaluations[evaluationKey(evaluation)] ??= beginEvaluation();
  const units = { ...state.units, ...Object.fromEntries(experiment.evaluations.map((evaluation) => [evaluationKey(evaluation), evaluation])) };
  const isNew = Object.keys(runs).length > Object.keys(state.runs).length || Object.keys(evaluations).length > Object.keys(state.evaluations).length;
  return isNew || state.experiment !== experiment.name ? { ...state, experiment: experiment.name, runs, evaluations, units } : state;
}

function advanced<Life, Observation>(life: Life, observation: Observation | undefined, step: (life: Life, observation: Observation) => Life): Life {
  return observation === undefined ? life : step(life, observation);
}

function mapChanged<Value>(record: Readonly<Record<string, Value>>, change: (key: string, value: Value) => Value): Readonly<Record<string, Value>> {
  const entries = Object.entries(record).map(([key, value]) => [key, change(key, value)] as const);
  return entries.every(([key, value]) => record[key] === value) ? record : Object.fromEntries(entries);
}
