import { advanceEvaluation, advanceExperiment, advanceRun } from "../../machines/lives.ts";
import type { Evaluation } from "../domain/experiment.ts";
import type { EvaluationObservation, RunObservation } from "../domain/observation.ts";
import type { Request } from "../domain/request.ts";
import type { ExperimentState } from "../domain/state.ts";
import { evaluationStatus, runStatus } from "../domain/status.ts";

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

/** Names the runs and evaluations that a request is about, as they stand in the state. */
export function unitsMeant(state: ExperimentState, { action, run, task, epoch }: Pick<Request, "action" | "run" | "task" | "epoch">): { readonly runs: readonly string[]; readonly evaluations: readonly string[] } {
  const isMeant = (unit: Evaluation | undefined): boolean =>
    unit !== undefined && (run === undefined || unit.run === run) && (task === undefined || unit.task === task) && (epoch === undefined || unit.epoch === epoch);
  const withEvaluations = run === undefined || task !== undefined || action === "cancel" || action === "retry";
  const runs = Object.keys(state.runs).filter((name) => task === undefined && (run === undefined || name === run));
  const evaluations = Object.keys(state.evaluations).filter((key) => withEvaluations && isMeant(state.units[key]));
  if (action !== "retry" || run !== undefined) return { runs, evaluations };
  const hasFailed = (status: string): boolean => status !== "COMPLETED";
  return {
    runs: runs.filter((name) => { const life = state.runs[name]; return life !== undefined && hasFailed(runStatus(life)); }),
    evaluations: evaluations.filter((key) => { const life = state.evaluations[key]; return life !== undefined && hasFailed(evaluationStatus(life)); }),
  };
}
