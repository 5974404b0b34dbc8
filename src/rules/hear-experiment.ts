import type { Facts } from "../domain/facts.ts";
import type { ExperimentObservation } from "../domain/observation.ts";
import type { ExperimentState } from "../domain/state.ts";
import { describeOthersJob } from "./other-jobs.ts";
import { outlook } from "./outlook.ts";
import { whyUnsettled } from "./readiness.ts";

/** What the facts say to the experiment as a whole in its present state. */
export function hearExperiment({ life, ...state }: ExperimentState, facts: Facts): ExperimentObservation | undefined {
  const at = facts.now;
  switch (life.state) {
    case "held": return undefined;
    case "settling": {
      const trace = life.context.armedExplicitly === true || hasAttempts(state) ? undefined : facts.reading.traces[0] ?? describeOthersJob(facts);
      if (trace !== undefined) return { type: "experiment.stopped", at, reason: `it shows work that is not in its state: ${trace}` };
      // The outputs of a job that somebody else has running grow all the time: then only the design must be quiet.
      const settled = describeOthersJob(facts) === undefined ? facts : { ...facts, changedMs: facts.designChangedMs };
      const reason = facts.obstacle ?? whyUnsettled(settled);
      // The scheduler is chosen with the settings of who submits to it, and for good.
      if (reason === undefined && facts.submitsNothing === true && life.context.scheduler === undefined) return undefined;
      if (reason === undefined) return { type: "experiment.settled", at, scheduler: facts.scheduler };
      return life.context.reason === reason ? undefined : { type: "experiment.unsettled", at, reason };
    }
    case "working": return outlook({ life, ...state }, facts.experiment) === "done" ? { type: "work.finished", at } : undefined;
    case "finished": return outlook({ life, ...state }, facts.experiment) === "done" ? undefined : { type: "work.appeared", at };
  }
}

function hasAttempts({ runs, evaluations }: Pick<ExperimentState, "runs" | "evaluations">): boolean {
  return [...Object.values(runs), ...Object.values(evaluations)].some(({ context }) => context.attempts.length > 0);
}
