import { z } from "zod";

import type { Run, RunType } from "../domain/experiment.ts";
import { check, type Complain } from "./complaints.ts";
import { whyNoFolderName } from "./folder-names.ts";
import type { YamlPath } from "./parse-yaml.ts";
import { cleaned, listed, shown } from "./shown.ts";

/** A run with the number of epochs that its own parameters ask for. */
export interface ParsedRun {
  readonly run: Run;
  readonly epochs?: number;
}

/** Parses the `runs` list; entries with an error are left out. */
export function parseRuns(value: unknown, complain: Complain): readonly ParsedRun[] {
  const entries = check(z.array(z.unknown(), { error: "a list of runs" }).nullish(), value, ["runs"], complain);
  if (entries === undefined || entries === null || entries.length === 0) {
    if (value === undefined || value === null || Array.isArray(value)) complain("warning", ["runs"], { message: "no runs are listed, so there is nothing to do" });
    return [];
  }
  const names = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const parsed = parseRun(entry, ["runs", index], complain);
    if (parsed === undefined) return [];
    const first = names.get(parsed.run.name);
    if (first === undefined) names.set(parsed.run.name, index);
    else {
      complain("error", ["runs", index, "name"], {
        message: `two runs are called ${shown(parsed.run.name)}`, expected: `a name that runs[${first}] does not have`,
      });
    }
    return first === undefined ? [parsed] : [];
  });
}

const scalar = z.string({ error: "a text" });

const runShape = z.looseObject({
  name: z.string({ error: "the run's name" }),
  type: z.string({ error: "fine-tuned, control or eval-only" }),
  model: z.union([scalar, z.looseObject({ name: scalar }).transform(({ name }) => name)], { error: "a model's name" }).nullish(),
  parameters: z.record(z.string(), z.unknown(), { error: "a map of parameters" }).nullish(),
}, { error: "a map with name, type, model and parameters" });

function parseRun(entry: unknown, path: YamlPath, complain: Complain): ParsedRun | undefined {
  const shape = check(runShape, entry, path, complain);
  if (shape === undefined) return undefined;
  const { name, model } = shape;
  const whyNot = whyNoFolderName(name);
  if (whyNot !== undefined) {
    complain("error", [...path, "name"], { message: `a run's name is the name of its folder, and this one ${whyNot}`, expected: "a name such as rank8_lr1e-5", found: shown(name) });
  }
  const type = types.get(shape.type.trim().toLowerCase().replace(/[\s_]+/gu, "-"));
  if (type === undefined) {
    complain("error", [...path, "type"], { message: `the type of run ${shown(name)} is not known`, expected: listed(runTypes), found: shown(shape.type) });
  }
  if (whyNot !== undefined || type === undefined) return undefined;
  const parameters = Object.fromEntries(Object.entries(shape.parameters ?? {}).map(([key, value]) => [cleaned(key), cleaned(written(value))]));
  const checkpointPath = shape.parameters?.["checkpoint_path"];
  const hasCheckpoint = typeof checkpointPath === "string" && checkpointPath.trim() !== "";
  if (type === "eval-only" && !hasCheckpoint) {
    complain("error", [...path, "parameters"], {
      message: `run ${shown(name)} is eval-only but says nowhere where its weights are`, expected: "parameters.checkpoint_path",
    });
  }
  const epochs = parameters["epochs"];
  return {
    run: {
      name, type, parameters,
      ...(model === undefined || model === null ? {} : { model: cleaned(model) }),
      ...(type === "eval-only" && hasCheckpoint ? { checkpointPath: checkpointPath.trim() } : {}),
    },
    ...(epochs !== undefined && /^[1-9]\d{0,5}$/u.test(epochs) ? { epochs: Number(epochs) } : {}),
  };
}

const runTypes = ["fine-tuned", "control", "eval-only"] as const satisfies readonly RunType[];

// Spellings met in hand-written files beside the ones that the tools write.
const types: ReadonlyMap<string, RunType> = new Map<string, RunType>([
  ...runTypes.map((type): [string, RunType] => [type, type]),
  ["finetuned", "fine-tuned"], ["fine-tune", "fine-tuned"], ["finetune", "fine-tuned"], ["evalonly", "eval-only"],
]);

/** A value as it would be written in one line; what is nested deeper than anybody reads is cut. */
function written(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "null";
  if (depth > 3) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => written(item, depth + 1)).join(", ")}]`;
  return `{${Object.entries(value).map(([key, item]) => `${key}: ${written(item, depth + 1)}`).join(", ")}}`;
}
