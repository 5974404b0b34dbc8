import { beginEvaluation, beginRun } from "../../machines/lives.ts";
import { evaluationKey, evaluationTitle, type Evaluation, type Experiment, type Run } from "../domain/experiment.ts";
import type { EvaluationLife, ExperimentState, RunLife } from "../domain/state.ts";
import { evaluationStatus, runStatus, type Status } from "../domain/status.ts";

/** An experiment with its state: what every report is made from. */
export interface ExperimentView {
  readonly experiment: Experiment;
  readonly state: ExperimentState;
}

export interface RunUnit {
  readonly run: Run;
  readonly life: RunLife;
  readonly status: Status;
}

export interface EvaluationUnit {
  readonly evaluation: Evaluation;
  readonly key: string;
  /** `{run}/{task}/epoch{N}`. */
  readonly title: string;
  readonly life: EvaluationLife;
  readonly status: Status;
}

/** The experiment's runs in its order, each with its life. One that the state does not know yet waits; a control has nothing to wait for. */
export function runUnits({ experiment, state }: ExperimentView): readonly RunUnit[] {
  return experiment.runs.map((run) => {
    const life = own(state.runs, run.name) ?? beginRun();
    return { run, life, status: run.type === "control" ? "COMPLETED" : runStatus(life) };
  });
}

/** Those of the runs that have a training of their own. */
export function trainingUnits(view: ExperimentView): readonly RunUnit[] {
  return runUnits(view).filter(({ run }) => run.type === "fine-tuned");
}

/** The experiment's evaluations in the order of its matrix, each with its life. One that the state does not know yet waits. */
export function evaluationUnits({ experiment, state }: ExperimentView): readonly EvaluationUnit[] {
  return experiment.evaluations.map((evaluation) => {
    const key = evaluationKey(evaluation);
    const life = own(state.evaluations, key) ?? beginEvaluation();
    return { evaluation, key, title: evaluationTitle(evaluation), life, status: evaluationStatus(life) };
  });
}

/** The experiment's evaluations by the name of their run; a run without any is not in it. */
export function evaluationsByRun(view: ExperimentView): ReadonlyMap<string, readonly EvaluationUnit[]> {
  const byRun = new Map<string, EvaluationUnit[]>();
  for (const unit of evaluationUnits(view)) byRun.set(unit.evaluation.run, [...(byRun.get(unit.evaluation.run) ?? []), unit]);
  return byRun;
}

/** What the state remembers although the experiment no longer names it. */
export function formerUnits({ experiment, state }: ExperimentView): { readonly runs: readonly string[]; readonly evaluations: readonly string[] } {
  const runs = new Set(experiment.runs.map((run) => run.name));
  const evaluations = new Set(experiment.evaluations.map(evaluationKey));
  return {
    runs: Object.keys(state.runs).filter((name) => !runs.has(name)).sort(),
    evaluations: Object.keys(state.evaluations).filter((key) => !evaluations.has(key)).sort(),
  };
}

/** The name of a run or an evaluation as people read it. */
export function titleOf(unit: RunUnit | EvaluationUnit): string {
  return "run" in unit ? unit.run.name : unit.title;
}

// A run may be called `constructor`.
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
