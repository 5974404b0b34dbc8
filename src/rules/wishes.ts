import { evaluationKey, evaluationTitle } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { ExperimentState } from "../domain/state.ts";
import type { Wish } from "../domain/wish.ts";
import { whyScriptIsNotReady } from "./readiness.ts";

/**
 * Derives what the state asks of the outside: every unit in `submitting` wishes its submission until a job is known, and
 * every job that a person wants cancelled wishes that until it is over.
 *
 * Also an attempt of which nobody knows whether it was submitted wishes its submission: the protocol looks it up first,
 * and submits it again only when there certainly is no job. Nothing is submitted for an experiment that is not working.
 * In the order of the summary: trainings first, then evaluations.
 */
export function deriveWishes(state: ExperimentState, facts: Facts): readonly Wish[] {
  const { experiment, places } = facts;
  const maySubmit = state.life.state === "working" && facts.obstacle === undefined;
  const trainings = experiment.runs.map((run) => ({
    kind: "training" as const, title: run.name, life: state.runs[run.name], places: places.runs.get(run.name),
  }));
  const evaluations = experiment.evaluations.map((evaluation) => ({
    kind: "evaluation" as const, title: evaluationTitle(evaluation), life: state.evaluations[evaluationKey(evaluation)],
    places: places.evaluations.get(evaluationKey(evaluation)),
  }));
  return [...trainings, ...evaluations].flatMap(({ kind, title, life, places: where }): Wish[] => {
    const attempt = life?.context.attempts.at(-1);
    if (life === undefined || attempt === undefined || !inFlight.has(life.state)) return [];
    const { key, jobId, cancelledBy } = attempt;
    const script = where?.script ?? where?.scriptCandidates[0] ?? "";
    const earlierKeys = life.context.attempts.slice(0, -1).flatMap((earlier) => (earlier.adoptedFrom === undefined ? [earlier.key] : []));
    const intent = {
      key, kind, experimentFolder: experiment.folder, script, submitFolder: where?.submitFolder ?? experiment.folder,
      ...(facts.settings.insertLines ? {} : { isPlain: true }), ...(earlierKeys.length === 0 ? {} : { earlierKeys }),
    };
    if (cancelledBy !== undefined) return [{ kind: "cancel", title, intent: { ...intent, by: cancelledBy, ...(jobId === undefined ? {} : { id: jobId }) } }];
    const isWished = maySubmit && life.state === "submitting" && jobId === undefined && life.context.stoppedBy === undefined;
    // A script that is being edited while it waits in the lane waits a little longer.
    const mayGo = where?.script !== undefined && whyScriptIsNotReady(facts, where.script, where.scriptCandidates) === undefined;
    return isWished && mayGo ? [{ kind: "submit", title, intent }] : [];
  });
}

const inFlight: ReadonlySet<string> = new Set(["submitting", "pending", "running"]);
