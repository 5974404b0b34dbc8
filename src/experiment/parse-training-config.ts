import type { Problem } from "../domain/problem.ts";
import { valueAt } from "./complaints.ts";
import { interpolate } from "./interpolate.ts";
import { parseYaml, type Place } from "./parse-yaml.ts";
import { shown } from "./shown.ts";

/** What a run's `finetune.yaml` or `setup_finetune.yaml` says about where its outputs go. */
export interface TrainingConfig {
  /** torchtune's `output_dir`, with `epoch_N` in it. */
  readonly outputDir?: string;
  readonly outputDirPlace?: Place;
  /** Of setup_finetune.yaml until 2026-06: the folder with `ck-out-{run}` in it. */
  readonly outputDirBase?: string;
  /** Warnings: the tool that reads the file will have its own say. */
  readonly problems: readonly Problem[];
}

/** Parses the text of a training's configuration. */
export function parseTrainingConfig(text: string, file: string): TrainingConfig {
  const yaml = parseYaml(text, file);
  const problems: Problem[] = yaml.problems.map((problem) => ({ ...problem, severity: "warning" }));
  const outputDir = textAt("output_dir", yaml.value);
  const outputDirBase = textAt("output_dir_base", yaml.value);
  const resolved = outputDir === undefined ? undefined : interpolate(outputDir, yaml.value);
  if (outputDir !== undefined && resolved === undefined) {
    problems.push({
      severity: "warning", message: "nobody can tell from here where output_dir is, so checkpoints are looked for in the usual places",
      file, ...yaml.placeOf(["output_dir"]), expected: "a path", found: shown(outputDir),
    });
  }
  return {
    ...(resolved === undefined ? {} : { outputDir: resolved, outputDirPlace: yaml.placeOf(["output_dir"]) }),
    ...(outputDirBase === undefined || outputDirBase.includes("$") ? {} : { outputDirBase }),
    problems,
  };
}

function textAt(key: string, value: unknown): string | undefined {
  const text = valueAt(value, [key]);
  return typeof text === "string" && text.trim() !== "" ? text.trim() : undefined;
}
