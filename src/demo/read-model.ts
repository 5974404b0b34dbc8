import { join } from "node:path";

import { buildBase } from "./base-model.ts";
import { decodeAdapter } from "./checkpoint.ts";
import { adapterConfig, baseModelConfig } from "./job-files.ts";
import type { Adapter, Base } from "./model.ts";
import { JobFailure, readBytes, readJobFile } from "./read-job-file.ts";

/** Builds the base model that a folder's `config.json` describes. */
export async function readBase(folder: string): Promise<Base> {
  const { seed, hidden_size, text_words } = await readJobFile(join(folder, "config.json"), baseModelConfig);
  return buildBase({ seed, hiddenSize: hidden_size, textWords: text_words });
}

/** Reads a checkpoint and the base model that it belongs to. Throws a JobFailure where it is missing or damaged. */
export async function readCheckpoint(folder: string): Promise<{ base: Base; adapter: Adapter }> {
  const path = join(folder, "adapter_model.safetensors");
  const bytes = await readBytes(path, "checkpoint");
  const { r, lora_alpha, base_model_name_or_path } = await readJobFile(join(folder, "adapter_config.json"), adapterConfig);
  const base = await readBase(base_model_name_or_path);
  try {
    return { base, adapter: decodeAdapter(bytes, { rank: r, alpha: lora_alpha }, base) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JobFailure(`Damaged checkpoint: ${path}: ${error.message}`);
  }
}
