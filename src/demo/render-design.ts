import { Scalar, stringify } from "yaml";

import type { Evaluation } from "../domain/experiment.ts";
import { control, epochs, model, placesOf, runs, task, training } from "./plan.ts";
import type { DemoPlan, DemoRun } from "./plan.ts";

/** Renders `experiment_summary.yaml`. */
export function renderSummary({ finalFolder, program, seed, date, size }: DemoPlan, sizeKb: number): string {
  const { words, baseModel } = placesOf(finalFolder);
  return `# Written by \`nightshift demo\` with seed ${seed}.\n${render({
    experiment: {
      name: finalFolder.slice(finalFolder.lastIndexOf("/") + 1),
      project: task,
      question: "How much does the learning rate change how well a tiny model learns to capitalize words?",
      date,
      hypothesis: "With twice the learning rate the model has learnt the rule for rarer letters, too.",
      purpose: "Shows nightshift at work, with a real training and real evaluations.",
      dir: finalFolder,
    },
    tools: { preparation: "torchtune", evaluation: "inspect-ai" },
    variables: { lr: runs.map(({ learningRate }) => exponential(learningRate)) },
    controls: {
      system_prompt: "",
      prompt: "{input}",
      dataset_type: "text_completion",
      epochs: epochs.length,
      batch_size: training.batchSize,
      gradient_accumulation_steps: 1,
      validation_during_training: false,
      lora_rank: training.rank,
      lora_alpha: training.alpha,
      seed,
    },
    models: { base: [{ name: model, path: baseModel }] },
    data: {
      training: {
        path: words,
        dataset_label: "words",
        format: "json",
        size_kb: sizeKb,
        splits: { train: size.trainWords, validation: 0, test: size.testWords },
      },
    },
    runs: [
      ...runs.map(({ name, learningRate }) => ({ name, type: "fine-tuned", model, parameters: { lr: exponential(learningRate) } })),
      { name: control, type: "control", model, parameters: {} },
    ],
    evaluation: {
      seed,
      scorers: [{ name: "match", params: { location: "exact", ignore_case: false } }],
      tasks: [{ name: task, script: program, description: "Capitalize each of the held-out words.", dataset: words }],
      matrix: [
        ...runs.map(({ name }) => ({ run: name, vis_label: name, tasks: [task], epochs })),
        { run: control, vis_label: control, tasks: [task], epochs: null },
      ],
    },
  })}`;
}

/** Renders a run's `finetune.yaml`. */
export function renderTrainingConfig({ finalFolder, seed }: DemoPlan, { name, learningRate }: DemoRun): string {
  const { artifacts, baseModel, words } = placesOf(finalFolder);
  return render({
    my_wandb_run_name: name,
    output_dir: artifacts(name),
    batch_size: training.batchSize,
    epochs: epochs.length,
    seed,
    model: { lora_rank: training.rank, lora_alpha: training.alpha },
    checkpointer: { checkpoint_dir: baseModel },
    optimizer: { lr: exponential(learningRate) },
    dataset: { data_files: words, field: "train" },
  });
}

/** Renders the `eval.yaml` of one evaluation. */
export function renderEvaluationConfig({ finalFolder, program, seed }: DemoPlan, { run, epoch }: Evaluation): string {
  const { artifacts, modelPath, words } = placesOf(finalFolder);
  return render({
    task_script: `${program}@${task}`,
    task_name: task,
    model_path: modelPath({ run, task, epoch }),
    model_hf_name: epoch === null ? `nightshift/${run}_control` : `nightshift/${run}_epoch_${epoch}`,
    output_dir: artifacts(run),
    data_path: words,
    vis_label: run,
    ...(epoch === null ? {} : { epoch: epoch }),
    is_finetuned: epoch !== null,
    source_model: model,
    prompt: "{input}",
    system_prompt: "",
    scorers: [{ name: "match" }],
    seed,
  });
}

// All strings quoted: readers of YAML 1.1 take a bare date for a date.
function render(content: unknown): string {
  return stringify(content, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0, aliasDuplicateObjects: false });
}

// `1e-3`, the way people write learning rates.
function exponential(value: number): Scalar<number> {
  const scalar = new Scalar(value);
  scalar.format = "EXP";
  return scalar;
}
