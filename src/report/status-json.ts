import type { Problem } from "../domain/problem.ts";
import type { Instant } from "../domain/time.ts";
import { completeRuns } from "./run-status.ts";
import { type ExperimentWord, type StatusView, whyExperiment, wordFor } from "./status-view.ts";
import { buildUnitJson, type UnitJson } from "./unit-json.ts";
import { evaluationUnits, runUnits } from "./units.ts";

/** One experiment as `status --json` prints it: the same facts as the table, by name. Absent is what is not known. */
export interface StatusJson {
  readonly name?: string;
  readonly folder: string;
  readonly status: ExperimentWord;
  readonly reason?: string;
  readonly scheduler?: string;
  /** Runs of which nothing is left to do, and runs in all. */
  readonly complete?: number;
  readonly total?: number;
  readonly runs: readonly UnitJson[];
  readonly evaluations: readonly UnitJson[];
  readonly problems: readonly Problem[];
}

/** Builds a plain object of one experiment's status, fit for `JSON.stringify`. */
export function statusJson(view: StatusView, { now }: { readonly now: Instant }): StatusJson {
  const { experiment, state, folder, problems } = view;
  const reason = whyExperiment(view);
  const known = experiment === undefined || state === undefined ? undefined : { experiment, state };
  return {
    ...(experiment === undefined ? {} : { name: experiment.name }), folder, status: wordFor(view), ...(reason === undefined ? {} : { reason }),
    ...(state?.life.context.scheduler === undefined ? {} : { scheduler: state.life.context.scheduler }),
    ...(known === undefined ? {} : { complete: completeRuns(known).length, total: known.experiment.runs.length }),
    runs: known === undefined ? [] : runUnits(known).map((unit) => buildUnitJson(unit, view, now)),
    evaluations: known === undefined ? [] : evaluationUnits(known).map((unit) => buildUnitJson(unit, view, now)),
    problems,
  };
}
