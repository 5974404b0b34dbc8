import { join } from "node:path";

import { stringify } from "yaml";

import { ensureFolder, writeFileDurably } from "../system/durable-file.ts";
import { encodeAdapter, layerNames } from "./checkpoint.ts";
import { trainingConfig, wordsFile } from "./job-files.ts";
import type { TrainingConfig } from "./job-files.ts";
import type { Base } from "./model.ts";
import { createProgressBar } from "./progress-bar.ts";
import type { ProgressBar } from "./progress-bar.ts";
import { readJobFile } from "./read-job-file.ts";
import { readBase } from "./read-model.ts";
import { stepsPerEpoch, train } from "./training.ts";
import type { TrainingStep } from "./training.ts";

/** Fine-tunes the demo's model as a configuration says, telling about it in torchtune's words. */
export async function runTraining(configPath: string, print: (text: string) => void): Promise<void> {
  const config = await readJobFile(configPath, trainingConfig);
  print(`Running NightshiftDemoRecipe with resolved config:\n\n${stringify(config, { sortMapEntries: true })}\n`);
  print(`Setting manual seed to local seed ${config.seed}. Local seed is seed + rank = ${config.seed} + 0\n`);
  const words = await readJobFile(config.dataset.data_files, wordsFile);
  const base = await readBase(config.checkpointer.checkpoint_dir);
  print("Model is initialized with precision float32.\nOptimizer and loss are initialized.\n");

  const plan = {
    seed: config.seed,
    rank: config.model.lora_rank,
    alpha: config.model.lora_alpha,
    learningRate: config.optimizer.lr,
    batchSize: config.batch_size,
    epochs: config.epochs,
  };
  const steps = stepsPerEpoch(words.train, plan);
  const bars = new EpochBars(steps, print);
  bars.begin(0);
  for (const step of train(base, words.train, plan)) {
    bars.show(step);
    if (step.step < steps) continue;
    saveCheckpoint(config, base, step, print);
    if (step.epoch < plan.epochs - 1) bars.begin(step.epoch + 1);
  }
  bars.close();
}

/** The bars of the epochs, one after the other; as in torchtune each one is begun before the one before it is closed. */
class EpochBars {
  readonly #steps: number;
  readonly #print: (text: string) => void;
  #bar: ProgressBar | undefined;
  #beganAt = 0;

  constructor(steps: number, print: (text: string) => void) {
    this.#steps = steps;
    this.#print = print;
  }

  begin(epoch: number): void {
    const next = createProgressBar(this.#steps, epoch > 0);
    this.#print(next.refresh("", 0, 0));
    this.close();
    this.#bar = next;
    this.#beganAt = performance.now();
  }

  show({ epoch, step, loss }: TrainingStep): void {
    const description = `${epoch + 1}|${epoch * this.#steps + step}|Loss: ${Math.fround(loss)}`;
    this.#print(this.#bar?.refresh(description, step, performance.now() - this.#beganAt) ?? "");
  }

  close(): void {
    this.#print(this.#bar?.close(performance.now() - this.#beganAt) ?? "");
  }
}

function saveCheckpoint(config: TrainingConfig, base: Base, { epoch, adapter }: TrainingStep, print: (text: string) => void): void {
  const beganAt = performance.now();
  print("Starting checkpoint save...\n");
  const folder = join(config.output_dir, `epoch_${epoch}`);
  ensureFolder(folder);
  const description = {
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    target_modules: layerNames,
    peft_type: "LORA",
    base_model_name_or_path: config.checkpointer.checkpoint_dir,
  };
  const files = [
    ["adapter_model.safetensors", encodeAdapter(adapter, base)],
    ["adapter_config.json", `${JSON.stringify(description, null, 2)}\n`],
  ] as const;
  for (const [name, content] of files) {
    writeFileDurably(join(folder, name), content);
    print(`Adapter checkpoint of size ${(content.length / 2 ** 30).toFixed(2)} GiB saved to ${join(folder, name)}\n`);
  }
  if (epoch === config.epochs - 1) print("Saving final epoch checkpoint.\n");
  print(`Checkpoint saved in ${((performance.now() - beganAt) / 1000).toFixed(2)} seconds.\n`);
}
