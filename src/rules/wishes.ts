import { evaluationKey, evaluationTitle } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { ExperimentState, WorkContext } from "../domain/state.ts";
import type { Wish } from "../domain/wish.ts";
import { whyScriptIsNotReady } from "./readiness.ts";

/**
 * Derives what the state asks of the outside: every unit in `submitting` wishes its submission until a job is known.
 *
 * Nothing is wished for an experiment that is not working, nor for an attempt of which nobody knows whether it was
 * submitted. In the order of the summary: trainings first, then evaluations.
 */
export function deriveWishes(state: ExperimentState, facts: Facts): readonly Wish[] {
  if (state.life.state !== "working" || facts.obstacle !== undefined) return [];
  const { experiment, places } = facts;
  const trainings = experiment.runs.map((run) => ({
    kind: "training" as const, title: run.name, life: state.runs[run.name], places: places.runs.get(run.name),
  }));
  const evaluations = experiment.evaluations.map((evaluation) => ({
    kind: "evaluation" as const, title: evaluationTitle(evaluation), life: state.evaluations[evaluationKey(evaluation)],
    places: places.evaluations.get(evaluationKey(evaluation)),
  }));
  return [...trainings, ...evaluations].flatMap(({ kind, title, life, places: where }): Wish[] => {
    const key = life?.state === "submitting" && !isStopped(life.context) ? keyToSubmit(life.context) : undefined;
    // A script that is being edited while it waits in the lane waits a little longer.
    if (key === undefined || where?.script === undefined || whyScriptIsNotReady(facts, where.script, where.scriptCandidates) !== undefined) return [];
    return [{ kind: "submit", title, intent: { key, kind, experimentFolder: experiment.folder, script: where.script, submitFolder: where.submitFolder } }];
  });
}

// What a person stopped while it was in line stays there until it is released.
function isStopped(context: WorkContext & { readonly stoppedBy?: string | undefined }): boolean {
  return context.stoppedBy !== undefined;
}

function keyToSubmit({ attempts }: WorkContext): string | undefined {
  const attempt = attempts.at(-1);
  return attempt === undefined || attempt.unclear !== undefined || attempt.jobId !== undefined ? undefined : attempt.key;
}
