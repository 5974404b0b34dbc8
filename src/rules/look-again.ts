import { retryDelayMs } from "../../machines/budgets.ts";
import type { Facts } from "../domain/facts.ts";
import type { ExperimentState } from "../domain/state.ts";
import { elapsedMs } from "../domain/time.ts";
import { hasJobs, namedUnits } from "./outlook.ts";
import { isSettling, settleLeftMs } from "./readiness.ts";
import { describeSubmitter } from "./submitters.ts";

/** When an experiment must be looked at again though nothing is heard; `undefined` when only an event can change anything. */
export function lookAgainMs(state: ExperimentState, facts: Facts, pollMs: number): number | undefined {
  const due = [
    hasJobs(state, facts.experiment) || isWaitingForQueue(state, facts) ? pollMs : undefined,
    isBesideSubmitter(state, facts) ? pollMs : undefined,
    [...facts.trainings.values()].some(({ isBehind }) => isBehind === true) ? 50 : undefined,
    mayStillSettle(state, facts) ? Math.max(50, settleLeftMs(facts)) : undefined,
    ...retriesDueMs(state, facts),
  ].filter((ms) => ms !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

// A cluster that does not answer, or whose queue holds something that must end first.
function isWaitingForQueue({ life }: ExperimentState, { queue, scheduler }: Facts): boolean {
  return scheduler === "slurm" && queue !== undefined && (life.state === "working" || life.state === "settling");
}

// Nobody tells when another tool has ended.
function isBesideSubmitter({ life }: ExperimentState, { reading, now, lateMs }: Facts): boolean {
  return (life.state === "working" || life.state === "settling") && describeSubmitter(reading, now, lateMs) !== undefined;
}

// Only of what can still move: a time that has come for a unit of which nobody asks any more would be now, for ever.
function mayStillSettle(state: ExperimentState, { experiment }: Facts): boolean {
  const { runs, evaluations } = namedUnits(state, experiment);
  return isSettling(state.life.context.reason)
    || (state.life.state === "working" && [...runs, ...evaluations].some(({ context }) => isSettling(context.reason)));
}

function retriesDueMs(state: ExperimentState, { experiment, now }: Facts): number[] {
  if (state.life.state !== "working") return [];
  const { runs, evaluations } = namedUnits(state, experiment);
  return [...runs, ...evaluations].flatMap(({ state: name, context }) => {
    const endedAt = context.attempts.at(-1)?.endedAt;
    return name === "retrying" ? [Math.max(50, retryDelayMs - (endedAt === undefined ? 0 : elapsedMs(endedAt, now)))] : [];
  });
}
