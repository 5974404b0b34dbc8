import { z } from "zod";

/**
 * The files that the demo's jobs read: shapes of the configurations are those of torchtune and inspect-ai as far as
 * the demo has a use for them; other keys are let through and shown.
 */
export const trainingConfig = z.looseObject({
  output_dir: z.string(),
  batch_size: z.int().positive(),
  epochs: z.int().positive(),
  seed: z.int().nonnegative(),
  model: z.looseObject({ lora_rank: z.int().positive(), lora_alpha: z.number().positive() }),
  checkpointer: z.looseObject({ checkpoint_dir: z.string() }),
  optimizer: z.looseObject({ lr: z.number().positive() }),
  dataset: z.looseObject({ data_files: z.string() }),
});
export type TrainingConfig = z.infer<typeof trainingConfig>;

export const evaluationConfig = z.looseObject({
  task_script: z.string(),
  task_name: z.string(),
  model_path: z.string(),
  model_hf_name: z.string(),
  data_path: z.string(),
  vis_label: z.string(),
  epoch: z.int().nonnegative().nullish(),
  is_finetuned: z.boolean(),
  source_model: z.string(),
  seed: z.int().nonnegative(),
});
export type EvaluationConfig = z.infer<typeof evaluationConfig>;

/** `config.json` of the base model. */
export const baseModelConfig = z.looseObject({
  seed: z.int().nonnegative(),
  hidden_size: z.int().positive(),
  text_words: z.int().nonnegative(),
});

/** `adapter_config.json` of a checkpoint, in PEFT's words. */
export const adapterConfig = z.looseObject({
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  base_model_name_or_path: z.string(),
});

const pair = z.object({ input: z.string().regex(/^[a-z]+$/u), output: z.string().regex(/^[A-Za-z]+$/u) })
  .refine(({ input, output }) => input.length === output.length, "input and output differ in length");

/** `words.json`. */
export const wordsFile = z.looseObject({ train: z.array(pair).min(1), test: z.array(pair).min(1) });
