import type { AnyStateMachine } from "xstate";

import { listWays } from "../../machines/diagram.ts";
import { evaluationMachine } from "../../machines/evaluation.ts";
import { experimentMachine } from "../../machines/experiment.ts";
import { runMachine } from "../../machines/run.ts";
import type { Attempt, ExperimentState, Life } from "../../src/domain/state.ts";

/** Whether a person has intervened: some ways of the machines lead through a request only. */
export interface Intervention {
  readonly byPerson: boolean;
}

/**
 * Says what is wrong about two states of one experiment of which the second came later, whatever happened in between.
 *
 * From one stored state to a later one any number of steps may have been taken, so a change is legal if the machine has
 * some way from the one to the other. An attempt is never changed into another one, and never forgotten.
 */
export function findIllegalSteps(before: ExperimentState, after: ExperimentState, { byPerson }: Intervention): readonly string[] {
  const step = (name: string, machine: AnyStateMachine, from: Life<string, unknown>, to: Life<string, unknown> | undefined): string[] => {
    if (to === undefined) return [`${name} is not there any more`];
    return canReach(machine, from.state, to.state, byPerson) ? [] : [`${name}: from ${from.state} to ${to.state}`];
  };
  return [
    ...(after.id === before.id ? [] : [`the state is another one: ${before.id}, then ${after.id}`]),
    ...(after.revision >= before.revision ? [] : [`the revision went back from ${before.revision} to ${after.revision}`]),
    ...step("the experiment", experimentMachine, before.life, after.life),
    ...Object.entries(before.runs).flatMap(([name, life]) => [...step(name, runMachine, life, after.runs[name]), ...findLostAttempts(name, life.context.attempts, after.runs[name]?.context.attempts)]),
    ...Object.entries(before.evaluations).flatMap(([key, life]) => [...step(key, evaluationMachine, life, after.evaluations[key]), ...findLostAttempts(key, life.context.attempts, after.evaluations[key]?.context.attempts)]),
  ];
}

/** Whether a machine has a way from one of its states to another, by what happens of itself or also by what a person asks for. */
export function canReach(machine: AnyStateMachine, from: string, to: string, byPerson: boolean): boolean {
  const ways = listWays(machine).filter(({ observation }) => byPerson || !personal.has(observation));
  const reached = new Set([from]);
  for (const state of reached) for (const way of ways) if (way.from === state) reached.add(way.to);
  return reached.has(to);
}

const personal: ReadonlySet<string> = new Set([
  "run.released", "run.stopped", "evaluation.released", "evaluation.stopped", "experiment.stopped", "work.appeared", "cancel.asked", "retry.asked", "job.withdrawn", "job.found",
]);

function findLostAttempts(name: string, before: readonly Attempt[], after: readonly Attempt[] = []): readonly string[] {
  return before.flatMap(({ key, jobId }, index) => {
    const now = after[index];
    if (now?.key !== key) return [`${name}: attempt ${index + 1} was ${key} and is ${now?.key ?? "gone"}`];
    return jobId !== undefined && now.jobId === undefined ? [`${name}: attempt ${index + 1} has lost its job ${jobId}`] : [];
  });
}
