/** Finds the retired names that a summary uses, each as `experiment.directory (now experiment.dir)`. */
export function findRetiredNames(root: unknown): readonly string[] {
  return retired.filter(([path]) => isUsed(root, path.split("."))).map(([path, today]) => `${path} (${today === undefined ? "retired" : `now ${today}`})`);
}

// `*` stands for each item of a list.
const retired: readonly (readonly [path: string, today?: string])[] = [
  ["experiment.directory", "experiment.dir"],
  ["experiment.type", "experiment.project"],
  ["variables.learning_rate", "variables.lr"],
  ["controls.learning_rate", "controls.lr"],
  ["controls.base_recipe"],
  ["models.base.*.base_recipe"],
  ["data.training.label", "data.training.dataset_label"],
  ["data.data_generation.split", "data.data_generation.split_ratio"],
  ["output.base_directory"],
  ["output.checkpoint_pattern"],
  ["output.output_dir_base"],
  ["output_dir_base"],
  ["runs.*.parameters.learning_rate", "runs.*.parameters.lr"],
  ["evaluation.scorer", "evaluation.scorers"],
  ["evaluation.system_prompt", "controls.system_prompt"],
  ["evaluation.baseline"],
];

function isUsed(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return value !== undefined;
  if (typeof value !== "object" || value === null) return false;
  if (step === "*") return Array.isArray(value) && value.some((item) => isUsed(item, rest));
  return Object.hasOwn(value, step) && isUsed((value as Record<string, unknown>)[step], rest);
}
