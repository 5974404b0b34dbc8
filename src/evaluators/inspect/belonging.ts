import type { Evaluation } from "../../domain/experiment.ts";
import type { LogHeader } from "./log/log-header.ts";
import { epochsNamed } from "./log-epoch.ts";

/**
 * Finds the evaluations, of those that share a folder, that a log may be of.
 *
 * More than one means that it cannot be told; none that it is of something else. Runs and tasks are compared by what is
 * most telling of the evidence there is, see below; epochs must be equal, and a log that names none fits only where no
 * other epoch of its task is evaluated.
 */
export function evaluationsOf(log: LogHeader, evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const ofTask = evaluationsOfTask(log, evaluations);
  const [epoch] = epochsNamed(log);
  return epoch === undefined ? ofTask : ofTask.filter((evaluation) => evaluation.epoch === null || evaluation.epoch === epoch.value);
}

/** Finds the evaluations of the run and task that a log may be of, whatever the epoch. */
export function evaluationsOfTask(log: LogHeader, evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const [runs, tasks] = [new Set(possibleRuns(log)), new Set(taskNames(log))];
  const named = evaluations.filter(({ run, task }) => runs.has(run) || tasks.has(`${task}_${run}`));
  // What names no run at all may be of any.
  const ofRun = named.length === 0 ? evaluations : named;
  return bestOf(ofRun.map((evaluation) => ({ evaluation, evidence: taskEvidence(log, evaluation) })));
}

// Whole names only: `rank8` is no part of `rank80`.
function possibleRuns({ model, modelArgs, taskArgs }: LogHeader): readonly string[] {
  const { model_path: path } = modelArgs;
  const { vis_label: label } = taskArgs;
  return [
    ...model.split(/[/\\]/u).map((part) => part.replace(/_epoch_\d+$/u, "")),
    ...(typeof path === "string" ? path.split(/[/\\]/u).map((part) => part.replace(/^ck-out-/u, "")) : []),
    ...(typeof label === "string" ? [label.replace(/ \([^()]*\)$/u, "")] : []),
  ];
}

/** How telling a log's names are for a task, the most telling first. */
const grades = ["label", "argument", "name", "prefix", "none"] as const;

interface Rated {
  readonly evaluation: Evaluation;
  readonly evidence: (typeof grades)[number];
}

function bestOf(rated: readonly Rated[]): readonly Evaluation[] {
  const grade = grades.find((candidate) => rated.some(({ evidence }) => evidence === candidate));
  if (grade === undefined || grade === "none") return [];
  const best = rated.filter(({ evidence }) => evidence === grade).map(({ evaluation }) => evaluation);
  if (grade !== "prefix") return best;
  const longest = Math.max(...best.map(({ task }) => task.length));
  return best.filter(({ task }) => task.length === longest);
}

/**
 * How well a log's names fit an evaluation's task.
 *
 * Task files name their tasks as they like. The usual ones name them `{task}_{label}`, where the label is the run, or
 * `{run} ({task})` where a run has several tasks; and one task file may serve several tasks that differ by its
 * arguments alone (`words_5L.json`, `words_7L.json` for `capitalization_5L`, `capitalization_7L`).
 */
function taskEvidence(log: LogHeader, { task, run }: Evaluation): Rated["evidence"] {
  const label = labelledTask(log);
  if (label === task) return "label";
  if (label?.startsWith(`${task}_`) === true) return "none";
  const names = taskNames(log);
  const differences = names.flatMap((name) => (task.startsWith(`${name}_`) ? [task.slice(name.length + 1)] : []));
  const told = differences.filter((difference) => isAmong(difference, argumentWords(log)));
  // A word without a digit in it ("test") may stand in an argument for many reasons.
  if (told.some((difference) => /\d/u.test(difference))) return "argument";
  if (told.length > 0 || names.includes(task) || names.includes(`${task}_${run}`)) return "name";
  return names.some((name) => name.startsWith(`${task}_`)) ? "prefix" : "none";
}

function labelledTask({ task }: LogHeader): string | undefined {
  return /\(([^()]+)\)$/u.exec(task)?.[1];
}

/** What the log may be calling its task, without packages and, where the label is known, without it. */
function taskNames({ task, registryName, taskArgs }: LogHeader): readonly string[] {
  const names = [task, ...(registryName === undefined ? [] : [registryName])].map((name) => name.slice(name.lastIndexOf("/") + 1));
  const label = taskArgs["vis_label"];
  if (typeof label !== "string" || !task.endsWith(`_${label}`)) return names;
  return [...names, task.slice(0, -label.length - 1)];
}

/** The words in the task's arguments and its data set's name; of paths only the last part, or a folder's name would count. */
function argumentWords({ taskArgs, datasetName }: LogHeader): ReadonlySet<string> {
  const texts = [...Object.values(taskArgs), datasetName].filter((value) => typeof value === "string" || typeof value === "number");
  return new Set(texts.flatMap((text) => wordsOf(String(text).split("/").at(-1) ?? "")));
}

function isAmong(difference: string, words: ReadonlySet<string>): boolean {
  return wordsOf(difference).every((word) => words.has(word));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}
