import { join } from "node:path";

import { evaluationKey, type Experiment, isTrained } from "../domain/experiment.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { Places } from "../domain/places.ts";
import type { Design } from "./build-places.ts";

/** Finds the runs and evaluations whose scaffolding is not there. */
export function findMissing(experiment: Experiment, places: Places, design: Design): ExperimentReading["missing"] {
  return {
    training: experiment.runs.filter(isTrained).map(({ name }) => name).filter((name) => !isScaffolded(name, places, design)),
    evaluations: experiment.evaluations.map(evaluationKey).filter((key) => places.evaluations.get(key)?.script === undefined),
  };
}

// Agents and copies bring one file after the other: a script may be there before the configuration it trains with.
function isScaffolded(run: string, places: Places, design: Design): boolean {
  const { script, submitFolder } = places.runs.get(run) ?? {};
  if (script === undefined || submitFolder === undefined) return false;
  return design.script(script)?.needsConfig !== true || design.exists(join(submitFolder, "finetune.yaml"));
}
