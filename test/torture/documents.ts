import { readdirSync } from "node:fs";
import { join } from "node:path";

import { namesIn, textOf } from "./files.ts";
import type { StagedExperiment } from "./stage.ts";

/** Says what is wrong in an experiment's state and summary when all is done: results that are missing, or not what the jobs made. */
export function complainAboutDocuments(experiment: StagedExperiment): readonly string[] {
  return [...complainAboutResults(experiment), ...complainAboutSummary(experiment), ...complainAboutLeftovers(experiment)];
}

interface Entry {
  readonly status: string;
  readonly result?: { readonly final_loss?: number; readonly total_steps?: number; readonly checkpoints?: readonly number[]; readonly accuracy?: number; readonly samples?: number };
}

function complainAboutResults({ folder, shape }: StagedExperiment): string[] {
  const text = textOf(join(folder, "eval_jobs.json"));
  if (text === "") return ["there is no eval_jobs.json"];
  const { state, runs, evaluations } = JSON.parse(text) as { state: string; runs: Record<string, Entry>; evaluations: Record<string, Entry> };
  const found = [
    `the experiment is ${state}`,
    ...shape.runs.map((run) => describe(run, runs[run], ({ final_loss, total_steps, checkpoints }) => `loss ${final_loss} steps ${total_steps} epochs ${checkpoints?.join()}`)),
    ...scores(shape).map(({ key }) => describe(key, evaluations[key], ({ accuracy, samples }) => `accuracy ${accuracy} samples ${samples}`)),
  ];
  const epochs = [...Array(shape.epochs).keys()];
  const expected = [
    "the experiment is finished",
    ...shape.runs.map((run) => `${run} COMPLETED: loss ${finalLoss(shape.epochs)} steps ${shape.epochs * 10} epochs ${epochs.join()}`),
    ...scores(shape).map(({ key, accuracy }) => `${key} COMPLETED: accuracy ${accuracy} samples 20`),
  ];
  return found.filter((line, index) => line !== expected[index]).map((line) => `eval_jobs.json: ${line}`);
}

function describe(name: string, entry: Entry | undefined, tell: (result: NonNullable<Entry["result"]>) => string): string {
  if (entry === undefined) return `${name} is not there`;
  return `${name} ${entry.status}: ${entry.result === undefined ? "no result" : tell(entry.result)}`;
}

// What the small experiment's scripts print and write.
function finalLoss(epochs: number): number {
  return (5 - (epochs - 1)) / 10;
}

/** What the evaluations of a small experiment come to, and how documents name them. */
export function scores({ runs, epochs }: StagedExperiment["shape"]): readonly { readonly key: string; readonly accuracy: number; readonly title: string; readonly row: string }[] {
  const ofRuns = runs.flatMap((run) => [...Array(epochs).keys()].map((epoch) => {
    const accuracy = 0.5 + epoch / 4;
    return { key: `${run}_cap_epoch${epoch}`, title: `${run}/cap/epoch${epoch}`, accuracy, row: `${run} cap ${epoch} ${accuracy.toFixed(2)} - - 20` };
  }));
  return [...ofRuns, { key: "base_cap", title: "base/cap", accuracy: 0.1, row: "base cap - 0.10 - - 20" }];
}

function complainAboutSummary({ folder, shape }: StagedExperiment): string[] {
  const rows = textOf(join(folder, "summary.md")).split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|").map((cell) => cell.trim()).join(" ").trim());
  const wanted = [
    ...shape.runs.flatMap((run) => [`${run} Fine-tuned COMPLETED COMPLETED`, `${run} ${finalLoss(shape.epochs).toFixed(3)} ${shape.epochs * 10} ${shape.epochs}`]),
    ...scores(shape).map(({ row }) => row),
  ];
  return wanted.filter((row) => !rows.some((there) => there.startsWith(row))).map((row) => `summary.md has no row: ${row}`);
}

function complainAboutLeftovers({ folder }: StagedExperiment): string[] {
  const left = namesIn(folder).length === 0 ? [] : readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tmp") && !path.startsWith(".nightshift/"))
    .map((path) => `left in the experiment: ${path}`);
  return textOf(join(folder, ".nightshift", ".gitignore")) === "*\n" ? left : [...left, "git sees .nightshift"];
}
