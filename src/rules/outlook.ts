import { evaluationKey, type Experiment } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { ExpectedJob } from "../domain/job.ts";
import type { EvaluationLife, ExperimentState, RunLife } from "../domain/state.ts";
import { evaluationStatus, isOver, runStatus } from "../domain/status.ts";
import { isWaitingForQueue } from "./other-jobs.ts";
import { isSettling } from "./readiness.ts";
import { describeSubmitter } from "./submitters.ts";

/**
 * What is to be expected of an experiment: `done`, when every run and evaluation is over; `busy`, while something is in
 * flight or about to be; `stuck`, when whatever is left waits for a person (a held run, a missing script).
 */
export function outlook(state: ExperimentState, experiment: Experiment): "done" | "busy" | "stuck" {
  const { runs, evaluations } = namedUnits(state, experiment);
  const known = runs.length === experiment.runs.length && evaluations.length === experiment.evaluations.length;
  if (known && runs.every((life) => isOver(runStatus(life))) && evaluations.every((life) => isOver(evaluationStatus(life)))) return "done";
  const moving = ["ready", "submitting", "pending", "running", "retrying"];
  const isBusy = !known || state.life.state === "settling" || [...runs, ...evaluations].some((life) => moving.includes(life.state) || mayMove(life.state, life.context.reason));
  return isBusy ? "busy" : "stuck";
}

/**
 * What is to be expected by somebody who waits, given what forbids submissions just now: `busy` beside another tool that
 * submits, since that one ends; `stuck` where a person has to do something first and no job is left to wait for.
 */
export function outlookNow(state: ExperimentState, { experiment, obstacle, reading, now, lateMs }: Facts): ReturnType<typeof outlook> {
  const expected = outlook(state, experiment);
  if (obstacle === undefined || expected === "done") return expected;
  if (describeSubmitter(reading, now, lateMs) === obstacle) return "busy";
  const { runs, evaluations } = namedUnits(state, experiment);
  return [...runs, ...evaluations].some((life) => life.state === "pending" || life.state === "running") ? "busy" : "stuck";
}

// A quiet period ends by itself, and so does the silence of a cluster; everything else that keeps a unit waiting needs a run
// in flight or a person.
function mayMove(state: string, reason: string | undefined): boolean {
  return (state === "waiting" || state === "blocked") && (isSettling(reason) || isWaitingForQueue(reason));
}

/**
 * Whether any job is, or may be, with the scheduler, so that it must be asked: a lost one may come back. Jobs of units
 * that the summary no longer names run on, but nobody waits for them.
 */
export function hasJobs(state: ExperimentState, experiment: Experiment): boolean {
  const { runs, evaluations } = namedUnits(state, experiment);
  return [...runs, ...evaluations].some(({ state: name }) => jobStates.has(name));
}

/** The attempts whose jobs are waited for: what a scheduler is asked about. */
export function expectedJobs(state: ExperimentState, experiment: Experiment): readonly ExpectedJob[] {
  const { runs, evaluations } = namedUnits(state, experiment);
  return [...runs, ...evaluations].filter(({ state: name }) => jobStates.has(name)).flatMap(({ context }) => {
    const last = context.attempts.at(-1);
    return last === undefined ? [] : [{ key: last.key, intendedAt: last.intendedAt, ...(last.jobId === undefined ? {} : { id: last.jobId }) }];
  });
}

const jobStates: ReadonlySet<string> = new Set(["submitting", "pending", "running", "retrying"]);

/** The lives of what the summary names: what it no longer names is kept in the state, and nobody waits for it. */
export function namedUnits(state: ExperimentState, experiment: Experiment): { readonly runs: readonly RunLife[]; readonly evaluations: readonly EvaluationLife[] } {
  return {
    runs: experiment.runs.flatMap((run) => state.runs[run.name] ?? []),
    evaluations: experiment.evaluations.flatMap((evaluation) => state.evaluations[evaluationKey(evaluation)] ?? []),
  };
}
