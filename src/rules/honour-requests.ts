import { advanceEvaluation, advanceExperiment, advanceRun } from "../../machines/lives.ts";
import type { EvaluationObservation, RunObservation } from "../domain/observation.ts";
import { type Request, unitsMeant } from "../domain/request.ts";
import type { ExperimentState } from "../domain/state.ts";

/**
 * Moves an experiment's state as people asked. What a request names and the state does not know is left alone: what was
 * meant for one unit must never reach all the others.
 *
 * `cancel` and `retry` of a run mean its evaluations too. `retry` of a whole experiment means what failed, was cancelled or
 * skipped in it; of anything named, also what succeeded.
 */
export function honourRequests(state: ExperimentState, requests: readonly Request[]): ExperimentState {
  return requests.reduce(honour, state);
}

function honour(state: ExperimentState, request: Request): ExperimentState {
  const { action, run, by, at } = request;
  switch (action) {
    case "drop": case "run": return run === undefined ? withLife(state, { type: "experiment.armed", at, by, explicit: action === "run" }) : state;
    case "release": return run === undefined ? withLife(state, { type: "experiment.armed", at, by, explicit: true }) : eachUnit(state, request, { type: "run.released", at, by }, { type: "evaluation.released", at, by });
    case "hold": return run === undefined ? withLife(state, { type: "experiment.stopped", at, reason: `held by ${by}` }) : eachUnit(state, request, { type: "run.stopped", at, by }, { type: "evaluation.stopped", at, by });
    case "cancel": return eachUnit(state, request, { type: "cancel.asked", at, by }, { type: "cancel.asked", at, by });
    case "retry": return eachUnit(state, request, { type: "retry.asked", at, by }, { type: "retry.asked", at, by });
  }
}

function withLife(state: ExperimentState, observation: Parameters<typeof advanceExperiment>[1]): ExperimentState {
  const life = advanceExperiment(state.life, observation);
  return life === state.life ? state : { ...state, life };
}

function eachUnit(state: ExperimentState, request: Request, toRun: RunObservation, toEvaluation: EvaluationObservation): ExperimentState {
  const { runs, evaluations } = unitsMeant(state, request);
  const movedRuns = runs.map((name) => [name, advanceRun(state.runs[name] as NonNullable<typeof state.runs[string]>, toRun)] as const);
  const movedEvaluations = evaluations.map((key) => [key, advanceEvaluation(state.evaluations[key] as NonNullable<typeof state.evaluations[string]>, toEvaluation)] as const);
  const isMoved = movedRuns.some(([name, life]) => life !== state.runs[name]) || movedEvaluations.some(([key, life]) => life !== state.evaluations[key]);
  return isMoved ? { ...state, runs: { ...state.runs, ...Object.fromEntries(movedRuns) }, evaluations: { ...state.evaluations, ...Object.fromEntries(movedEvaluations) } } : state;
}
