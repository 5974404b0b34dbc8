import { relative, resolve } from "node:path";

import { type Evaluation, evaluationKey, evaluationTitle } from "../domain/experiment.ts";
import type { ExperimentReading } from "../domain/experiment-reading.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Places } from "../domain/places.ts";
import type { Problem } from "../domain/problem.ts";
import { evaluationsNamed } from "../rules/job-names.ts";
import type { Design } from "./build-places.ts";
import type { DesignUnits } from "./design-units.ts";
import type { ReadDesign } from "./read-design.ts";
import { listed, shown } from "./shown.ts";

/** Says what is missing of the scaffolding. `evaluations` are all of the experiment. */
export function missingParts(missing: ExperimentReading["missing"], evaluations: readonly Evaluation[]): readonly Problem[] {
  const { training } = missing;
  const titles = evaluations.filter((evaluation) => missing.evaluations.includes(evaluationKey(evaluation))).map(evaluationTitle);
  const parts = [
    ...(training.length === 0 ? [] : [`training of ${listed(training)}`]),
    ...(titles.length === 0 ? [] : [`evaluation of ${listed(titles)}`]),
  ];
  if (parts.length === 0) return [];
  return [{
    severity: "warning", message: `scaffolding is incomplete: nothing to submit yet for the ${parts.join(" and the ")}`,
    advice: training.length === 0 ? "Can proceed with optimization only; run the scaffold-experiment skill for the evaluations" : "Run the scaffold-experiment skill",
  }];
}

/** Says which scripts stand there but will not be submitted. Paths are relative. */
export function strayScriptProblems(strays: readonly string[]): readonly Problem[] {
  const named = strays.slice(0, 20).map((file): Problem => ({
    severity: "warning", message: "nothing in the summary asks for this script, so it will not be submitted", file: plainLine(file),
  }));
  const rest = strays.length - named.length;
  return rest === 0 ? named : [...named, { severity: "warning", message: `nothing in the summary asks for ${rest} more scripts either` }];
}

/** Says which scripts and configurations cannot be used, and what is odd about the others. */
export function faultProblems(units: DesignUnits, design: ReadDesign, folder: string): readonly Problem[] {
  return [...new Set([...units.values()].flat())].flatMap((path): readonly Problem[] => {
    const file = relative(folder, path);
    const { fault } = design.content(path) ?? {};
    if (fault !== undefined) return [{ severity: "error", message: `this ${fault}`, file }];
    if (!path.endsWith(".slurm")) return (design.config(path)?.problems ?? []).map((problem) => ({ ...problem, file }));
    const refusal = design.script(path)?.fault;
    return refusal === undefined ? [] : [{ severity: "error", message: "sbatch would refuse this script", file, line: 1, column: 1, found: refusal }];
  });
}

/** Says which runs would save over each other's checkpoints. */
export function sharedOutputProblems({ runs }: Places, design: Design, folder: string): readonly Problem[] {
  const owners = new Map<string, string>();
  return [...runs].flatMap(([run, { configFiles, submitFolder }]): readonly Problem[] => {
    const config = configFiles.map((file) => ({ file, ...design.config(file) })).find(({ outputDir }) => outputDir !== undefined);
    if (config?.outputDir === undefined) return [];
    const saved = resolve(submitFolder, config.outputDir);
    const owner = owners.get(saved);
    owners.set(saved, owner ?? run);
    return owner === undefined ? [] : [{
      severity: "error", message: `runs ${owner} and ${run} would save into the same folder`, file: relative(folder, config.file), ...config.outputDirPlace,
      expected: "an output_dir of its own", found: saved,
    }];
  });
}

/** Says which scripts have their jobs called like those of another evaluation: a log without an epoch would be taken for that one's. */
export function misnamedJobProblems({ evaluations: places }: Places, evaluations: readonly Evaluation[], folder: string): readonly Problem[] {
  return evaluations.flatMap((evaluation): readonly Problem[] => {
    const { script, jobName } = places.get(evaluationKey(evaluation)) ?? {};
    if (script === undefined || jobName === undefined || evaluationsNamed(jobName, [evaluation]).length > 0) return [];
    const named = evaluationsNamed(jobName, evaluations.filter(({ run }) => run === evaluation.run));
    return named.length === 0 ? [] : [{
      severity: "warning", message: "this script has its job called like that of another evaluation", file: relative(folder, script),
      expected: `a job name of ${evaluationTitle(evaluation)}`, found: `${shown(jobName)}, of ${listed(named.map(evaluationTitle))}`,
      advice: "Correct its #SBATCH --job-name, and see whether the rest of it was copied as well",
    }];
  });
}
