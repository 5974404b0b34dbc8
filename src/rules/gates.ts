import type { Evaluation } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { RunLife } from "../domain/state.ts";

/** Why `evaluate_after` does not let an evaluation begin yet, in one sentence, or `undefined` when it does. */
export function whyGateIsShut(evaluation: Evaluation, runs: Readonly<Record<string, RunLife>>, facts: Facts): string | undefined {
  const run = runs[evaluation.run];
  if (run === undefined) return `its run ${evaluation.run} is not known`;
  if (run.context.stoppedBy !== undefined) return `its run ${evaluation.run} is held by ${run.context.stoppedBy}`;
  switch (facts.settings.evaluateAfter) {
    case "run":
      return run.state === "trained" ? undefined : `waits for the training of ${evaluation.run}`;
    case "all": {
      const training = Object.entries(runs).filter(([, life]) => !isOver(life)).map(([name]) => name);
      if (training.length > 0) return `waits for all trainings: ${training.join(", ")}`;
      return run.state === "trained" ? undefined : `waits for the training of ${evaluation.run}`;
    }
    case "checkpoint":
      return run.state === "trained" || hasCheckpoint(evaluation, facts) ? undefined : `waits for the checkpoint of ${evaluation.run} at epoch ${evaluation.epoch}`;
  }
}

// A held run is a person's to decide about; the others do not wait for that.
function isOver({ state }: RunLife): boolean {
  return state === "trained" || state === "failed" || state === "cancelled" || state === "held";
}

function hasCheckpoint({ run, epoch }: Evaluation, facts: Facts): boolean {
  return facts.trainings.get(run)?.checkpoints.some((checkpoint) => checkpoint.epoch === epoch && checkpoint.complete) ?? false;
}
