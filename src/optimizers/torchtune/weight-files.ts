/** The epoch of a folder that may hold a checkpoint (`epoch_10`), 0-based; undefined for any other name. */
export function parseEpochFolder(name: string): number | undefined {
  const epoch = /^epoch_(0|[1-9]\d*)$/u.exec(name)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

/**
 * Whether a file in an epoch's folder is weights, a whole model's or an adapter's.
 *
 * torchtune's names: `model-00001-of-00001.safetensors` or `.bin` (0.5: `ft-model-...`), `adapter_model.safetensors`,
 * `adapter_model.pt`; Hugging Face's: `model.safetensors`, `pytorch_model.bin`. Their index
 * (`model.safetensors.index.json`) and the state that a trainer keeps to resume are not.
 */
export function isWeightFile(name: string): boolean {
  if (/^(?:recipe_state|training_\w+|optimizer|scheduler|rng_state|tokenizer)\b/u.test(name)) return false;
  return /\.(?:safetensors|bin)$/u.test(name) || /^(?:ft-)?(?:model|adapter|pytorch_model|hf_model|meta_model|torchtune_model)(?:[-_][\w-]*)?\.pth?$/u.test(name);
}

/** The epoch of weights that lie flat in the output folder, as torchtune wrote them before 0.5: `hf_model_0001_1.pt`, `adapter_1.pt`. */
export function parseFlatWeights(name: string): number | undefined {
  const epoch = /^(?:hf_model_\d+|model-\d+-of-\d+|meta_model|torchtune_model|adapter)_(\d+)\.(?:pt|bin|safetensors)$/u.exec(name)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}
