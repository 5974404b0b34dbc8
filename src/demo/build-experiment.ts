import { cellName } from "../domain/experiment.ts";
import { listEvaluations, runs } from "./plan.ts";
import type { DemoPlan } from "./plan.ts";
import { renderEvaluationConfig, renderSummary, renderTrainingConfig } from "./render-design.ts";
import { renderEvaluationScript, renderTrainingScript } from "./render-scripts.ts";
import { buildWords } from "./words.ts";

/** A file of the experiment, its path relative to the experiment's folder. */
export interface DemoFile {
  readonly path: string;
  readonly text: string;
}

/** Builds the demo's experiment, scaffolded as cruijff_kit does it since May 2026: words, base model, design, scripts. */
export function buildDemoExperiment(plan: DemoPlan): DemoFile[] {
  const { seed, size } = plan;
  const words = renderJson(buildWords(seed, { train: size.trainWords, test: size.testWords }));
  const baseModel = renderJson({ model_type: "nightshift-demo", seed, hidden_size: size.hiddenSize, text_words: size.textWords });
  return [
    { path: "words.json", text: words },
    { path: "base_model/config.json", text: baseModel },
    { path: "experiment_summary.yaml", text: renderSummary(plan, Math.ceil(words.length / 1024)) },
    ...runs.flatMap((run) => [
      { path: `${run.name}/finetune.yaml`, text: renderTrainingConfig(plan, run) },
      { path: `${run.name}/finetune.slurm`, text: renderTrainingScript(plan, run) },
    ]),
    ...listEvaluations().flatMap((evaluation) => {
      const folder = `${evaluation.run}/eval/${cellName(evaluation)}`;
      return [
        { path: `${folder}/eval.yaml`, text: renderEvaluationConfig(plan, evaluation) },
        { path: `${folder}/cell.slurm`, text: renderEvaluationScript(plan, evaluation) },
      ];
    }),
  ];
}

function renderJson(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
