import { z } from "zod";

import { type Evaluation, evaluationKey, isTrained, type Run } from "../domain/experiment.ts";
import { check, type Complain } from "./complaints.ts";
import { whyNoFolderName } from "./folder-names.ts";
import { parseEpochs } from "./parse-epochs.ts";
import type { ParsedRun } from "./parse-runs.ts";
import type { YamlPath } from "./parse-yaml.ts";
import { listed, shown } from "./shown.ts";

/**
 * Parses the `evaluation` section into the evaluations its matrix asks for: run by run, task by task, epoch by epoch.
 *
 * Several entries for one run are taken together. Entries with an error are left out.
 *
 * @param epochs How many epochs a run trains for where it does not say so itself.
 */
export function parseEvaluations(section: unknown, runs: readonly ParsedRun[], epochs: number | undefined, complain: Complain): readonly Evaluation[] {
  const shape = check(sectionShape, section, ["evaluation"], complain);
  if (shape === undefined || shape === null) return [];
  const tasks = shape.tasks ?? [];
  for (const [index, task] of tasks.entries()) complainAboutTask(task, ["evaluation", "tasks", index], complain);
  if (tasks.length > 0 && (shape.matrix ?? []).length === 0) {
    complain("warning", ["evaluation"], { message: "evaluation.matrix is missing, so nothing will be evaluated", advice: "List there which run is evaluated on which tasks" });
  }
  const cells = new Map<string, Cell[]>();
  for (const [index, entry] of (shape.matrix ?? []).entries()) {
    for (const cell of parseEntry(entry, ["evaluation", "matrix", index], { runs, tasks, epochs }, complain)) {
      const ofRun = cells.get(cell.evaluation.run);
      if (ofRun === undefined) cells.set(cell.evaluation.run, [cell]);
      else ofRun.push(cell);
    }
  }
  return distinct([...cells.values()].flatMap(byTask), complain);
}

const scalar = z.string({ error: "a name" });
const taskNames = z.union([scalar.transform((name) => [name]), z.array(z.union([scalar, z.looseObject({ name: scalar }).transform(({ name }) => name)]))], { error: "a list of tasks, each with a name" });
const sectionShape = z.looseObject({
  tasks: taskNames.nullish(),
  matrix: z.array(z.unknown(), { error: "a list of entries with run, tasks and epochs" }).nullish(),
}, { error: "a map with tasks and matrix" }).nullish();
const entryShape = z.looseObject({ run: z.string({ error: "the name of a run" }), tasks: taskNames }, { error: "a map with run, tasks and epochs" });

/** An evaluation and where it is asked for. */
interface Cell {
  readonly evaluation: Evaluation;
  readonly path: YamlPath;
}

interface Known {
  readonly runs: readonly ParsedRun[];
  readonly tasks: readonly string[];
  readonly epochs: number | undefined;
}

function parseEntry(value: unknown, path: YamlPath, known: Known, complain: Complain): readonly Cell[] {
  const entry = check(entryShape, value, path, complain);
  if (entry === undefined) return [];
  const parsed = known.runs.find(({ run }) => run.name === entry.run);
  if (parsed === undefined) {
    complain("error", [...path, "run"], { message: "the matrix names a run that is not in runs", expected: oneOf(known.runs.map(({ run }) => run.name)), found: shown(entry.run) });
  }
  if (entry.tasks.length === 0) complain("warning", [...path, "tasks"], { message: `the matrix evaluates run ${shown(entry.run)} on no task` });
  const tasks = entry.tasks.filter((task, index) => {
    const where = Array.isArray((value as { tasks?: unknown }).tasks) ? [...path, "tasks", index] : [...path, "tasks"];
    return isKnownTask(task, where, known.tasks, complain);
  });
  if (parsed === undefined) return [];
  const epochs = epochsOf(entry["epochs"], parsed.run, path, parsed.epochs ?? known.epochs, complain);
  return tasks.flatMap((task) => epochs.map((epoch) => ({ evaluation: { run: entry.run, task, epoch }, path })));
}

// A file without a list of tasks gives their names in the matrix alone.
function isKnownTask(task: string, path: YamlPath, known: readonly string[], complain: Complain): boolean {
  if (known.length === 0) return complainAboutTask(task, path, complain);
  if (known.includes(task)) return whyNoFolderName(task) === undefined;
  complain("error", path, { message: "the matrix names a task that is not in evaluation.tasks", expected: oneOf(known), found: shown(task) });
  return false;
}

function complainAboutTask(task: string, path: YamlPath, complain: Complain): boolean {
  const whyNot = whyNoFolderName(task);
  if (whyNot === undefined) return true;
  complain("error", path, { message: `a task's name is part of a folder's name, and this one ${whyNot}`, expected: "a name such as capitalization", found: shown(task) });
  return false;
}

function epochsOf(value: unknown, run: Run, path: YamlPath, trained: number | undefined, complain: Complain): readonly (number | null)[] {
  const epochs = parseEpochs(value, [...path, "epochs"], complain);
  if (epochs === undefined) return [];
  if (!isTrained(run)) {
    if (epochs.length > 0) complain("warning", [...path, "epochs"], { message: `run ${shown(run.name)} is not trained here, so its epochs are ignored`, expected: "null" });
    return [null];
  }
  if (epochs.length === 0) {
    complain("error", [...path, "epochs"], {
      message: `nothing says which epochs of run ${shown(run.name)} are evaluated`, expected: `a list such as [${(trained ?? 1) - 1}]`,
      advice: "Epochs are counted from 0; only runs of type control and eval-only have none",
    });
  }
  const late = epochs.filter((epoch) => trained !== undefined && epoch >= trained);
  if (trained !== undefined && late.length > 0) {
    complain("warning", [...path, "epochs"], {
      message: `run ${shown(run.name)} trains for ${trained} epoch${trained === 1 ? "" : "s"}, so there will be no epoch ${late.join(", ")}`,
      expected: trained === 1 ? "0" : `0 to ${trained - 1}`, advice: "Epochs are counted from 0",
    });
  }
  return epochs;
}

function byTask(cells: readonly Cell[]): readonly Cell[] {
  const order = [...new Set(cells.map(({ evaluation }) => evaluation.task))];
  return cells.toSorted((a, b) => order.indexOf(a.evaluation.task) - order.indexOf(b.evaluation.task));
}

function distinct(cells: readonly Cell[], complain: Complain): readonly Evaluation[] {
  const byKey = new Map<string, Evaluation>();
  for (const { evaluation, path } of cells) {
    const key = evaluationKey(evaluation);
    const other = byKey.get(key);
    if (key in Object.prototype) complain("error", path, { message: `an evaluation cannot be called ${shown(key)}`, expected: "another name of its run or its task", found: `run ${shown(evaluation.run)} with task ${shown(evaluation.task)}` });
    else if (other === undefined) byKey.set(key, evaluation);
    else if (other.run === evaluation.run && other.task === evaluation.task) {
      complain("warning", path, { message: `the matrix asks for ${shown(key)} twice; it is done once` });
    } else {
      complain("error", path, {
        message: `two evaluations would both be called ${shown(key)}`, expected: "names of runs and tasks that cannot be mistaken for each other",
        found: `run ${shown(other.run)} with task ${shown(other.task)}, and run ${shown(evaluation.run)} with task ${shown(evaluation.task)}`,
      });
    }
  }
  return [...byKey.values()];
}

function oneOf(names: readonly string[]): string {
  return names.length === 0 ? "none, as there are none" : listed(names.map((name) => shown(name)));
}
