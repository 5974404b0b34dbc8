import { z } from "zod";

import type { Experiment, FolderHints } from "../domain/experiment.ts";
import type { Problem } from "../domain/problem.ts";
import { check, type Complain, complaints, valueAt } from "./complaints.ts";
import { parseEvaluations } from "./parse-evaluations.ts";
import { parseRuns } from "./parse-runs.ts";
import { parseTool } from "./parse-tools.ts";
import { parseYaml } from "./parse-yaml.ts";
import { findRetiredNames } from "./retired-names.ts";
import { cleaned, shown } from "./shown.ts";

/** What an `experiment_summary.yaml` says. */
export interface ParsedSummary {
  /** Absent when there is an error among the problems. */
  readonly experiment?: Experiment;
  readonly problems: readonly Problem[];
  /** Retired names that the file uses, each with the name of today. */
  readonly aliases: readonly string[];
}

/**
 * Parses the text of an `experiment_summary.yaml` of any generation.
 *
 * People and language models write these by hand, so unknown keys, nulls and retired names are fine; what would change
 * which jobs run is an error. Every problem has its line and column.
 *
 * @param place.file What problems call the file.
 * @param place.folder The experiment's folder, absolute.
 */
export function parseSummary(text: string, { file, folder }: { readonly file: string; readonly folder: string }): ParsedSummary {
  const yaml = parseYaml(text, file);
  const { problems, complain } = complaints(yaml, file);
  const isBroken = problems.some(({ severity }) => severity === "error");
  if (isBroken || !isMap(yaml.value)) {
    if (!isBroken) complainAboutShape(yaml.value, complain);
    return { problems, aliases: [] };
  }
  const root = yaml.value;
  const textAt = (...path: string[]): string | undefined => {
    const value = check(optionalText, valueAt(root, path), path, complain, "warning") ?? "";
    return value.trim() === "" ? undefined : value.trim();
  };
  const name = textAt("experiment", "name");
  if (name === undefined) complain("warning", ["experiment"], { message: "experiment.name is missing; the folder's name is used instead" });
  const question = textAt("experiment", "question");
  const hints = buildHints(textAt);
  const optimizer = parseTool("preparation", root["tools"], complain);
  const evaluator = parseTool("evaluation", root["tools"], complain);
  const epochs = parseEpochs(valueAt(root, ["controls", "epochs"]), complain);
  const runs = parseRuns(root["runs"], complain);
  const evaluations = parseEvaluations(root["evaluation"], runs, epochs, complain);
  const aliases = findRetiredNames(root);
  if (problems.some(({ severity }) => severity === "error")) return { problems, aliases };
  return {
    experiment: {
      name: name === undefined ? folder.slice(folder.lastIndexOf("/") + 1) : cleaned(name),
      folder, optimizer, evaluator, runs: runs.map(({ run }) => run), evaluations,
      ...(question === undefined ? {} : { question: cleaned(question) }),
      ...(epochs === undefined ? {} : { epochs }),
      ...(hints === undefined ? {} : { hints }),
    },
    problems, aliases,
  };
}

const optionalText = z.string({ error: "a text" }).nullish();

function complainAboutShape(value: unknown, complain: Complain): void {
  if (value === null || value === undefined) {
    complain("error", [], { message: "the file is empty", advice: "It may still be on its way; else run the design-experiment skill" });
  } else complain("error", [], { message: "the file is not an experiment's summary", expected: "a map with experiment, runs and evaluation", found: shown(value) });
}

// Where the outputs' folder was written down has changed with every generation of the tools.
function buildHints(textAt: (...path: string[]) => string | undefined): FolderHints | undefined {
  const directory = textAt("experiment", "dir") ?? textAt("experiment", "directory");
  const outputBase = textAt("output", "base_directory");
  const outputDirBase = textAt("output", "output_dir_base") ?? textAt("output_dir_base") ?? textAt("controls", "output_dir_base");
  const hints = {
    ...(directory === undefined ? {} : { directory }),
    ...(outputBase === undefined ? {} : { outputBase }),
    ...(outputDirBase === undefined ? {} : { outputDirBase }),
  };
  return Object.keys(hints).length === 0 ? undefined : hints;
}

function parseEpochs(value: unknown, complain: Complain): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && /^[1-9]\d{0,5}$/u.test(value)) return Number(value);
  complain("warning", ["controls", "epochs"], { message: "controls.epochs cannot be read, so the epochs of the matrix are not checked against it", expected: "a number such as 2", found: shown(value) });
  return undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
