import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { unitsOf } from "../support/small-experiment.ts";
import { namesIn, textOf } from "./files.ts";
import type { Stage } from "./stage.ts";

/** What a worked-through experiment came to, judged from the files alone. */
export interface Verdict {
  readonly units: number;
  /** Jobs that the scheduler took. */
  readonly submissions: number;
  /** Lines in the jobs' ledger beyond one for each unit. */
  readonly duplicates: number;
  /** Units without a line in the ledger. */
  readonly lost: number;
  /** What is wrong, each a sentence. */
  readonly complaints: readonly string[];
}

/** Judges a stage on which everything has come to rest. */
export function judge(stage: Stage): Verdict {
  const wanted = unitsOf(stage.shape);
  const done = textOf(stage.ledger).split("\n").flatMap((line) => line.split(" ")[0] || []);
  const spool = join(stage.stateHome, "nightshift", "local", hostname(), "jobs");
  const submissions = namesIn(spool).filter((name) => /^\d+$/u.test(name)).length;
  const times = wanted.map((unit) => ({ unit, count: done.filter((line) => line === unit).length }));
  return {
    units: wanted.length, submissions,
    duplicates: times.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0),
    lost: times.filter(({ count }) => count === 0).length,
    complaints: [
      ...times.filter(({ count }) => count !== 1).map(({ unit, count }) => `${unit}: ${count} lines in the ledger`),
      ...(submissions === wanted.length ? [] : [`${submissions} jobs for ${wanted.length} units`]),
      ...complainAboutState(stage),
      ...complainAboutSummary(stage),
      ...complainAboutLogs(stage),
      ...complainAboutLeftovers(stage),
    ],
  };
}

interface Entry {
  readonly status: string;
  readonly attempts: readonly object[];
  readonly result?: { readonly final_loss?: number; readonly total_steps?: number; readonly checkpoints?: readonly number[]; readonly accuracy?: number; readonly samples?: number };
}

function complainAboutState({ experiment, shape }: Stage): string[] {
  const text = textOf(join(experiment, "eval_jobs.json"));
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
    ...shape.runs.map((run) => `${run} COMPLETED in 1 attempt: loss ${finalLoss(shape.epochs)} steps ${shape.epochs * 10} epochs ${epochs.join()}`),
    ...scores(shape).map(({ key, accuracy }) => `${key} COMPLETED in 1 attempt: accuracy ${accuracy} samples 20`),
  ];
  return found.filter((line, index) => line !== expected[index]).map((line) => `eval_jobs.json: ${line}`);
}

function describe(name: string, entry: Entry | undefined, tell: (result: NonNullable<Entry["result"]>) => string): string {
  if (entry === undefined) return `${name} is not there`;
  const attempts = `${entry.attempts.length} attempt${entry.attempts.length === 1 ? "" : "s"}`;
  return `${name} ${entry.status} in ${attempts}: ${entry.result === undefined ? "no result" : tell(entry.result)}`;
}

// What the small experiment's scripts print and write.
function finalLoss(epochs: number): number {
  return (5 - (epochs - 1)) / 10;
}

function scores({ runs, epochs }: Stage["shape"]): readonly { readonly key: string; readonly accuracy: number; readonly title: string; readonly row: string }[] {
  const ofRuns = runs.flatMap((run) => [...Array(epochs).keys()].map((epoch) => {
    const accuracy = 0.5 + epoch / 4;
    return { key: `${run}_cap_epoch${epoch}`, title: `${run}/cap/epoch${epoch}`, accuracy, row: `${run} cap ${epoch} ${accuracy.toFixed(2)} - - 20` };
  }));
  return [...ofRuns, { key: "base_cap", title: "base/cap", accuracy: 0.1, row: "base cap - 0.10 - - 20" }];
}

function complainAboutSummary({ experiment, shape }: Stage): string[] {
  const rows = textOf(join(experiment, "summary.md")).split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|").map((cell) => cell.trim()).join(" ").trim());
  const wanted = [
    ...shape.runs.flatMap((run) => [`${run} Fine-tuned COMPLETED COMPLETED`, `${run} ${finalLoss(shape.epochs).toFixed(3)} ${shape.epochs * 10} ${shape.epochs}`]),
    ...scores(shape).map(({ row }) => row),
  ];
  return wanted.filter((row) => !rows.some((there) => there.startsWith(row))).map((row) => `summary.md has no row: ${row}`);
}

// What has happened is told once, whoever saw it happen.
function complainAboutLogs({ experiment, shape }: Stage): string[] {
  const wanted = {
    "run-experiment.log": ["DISCOVER_EXPERIMENT", "ARMED", "OPTIMIZATION_START", "EVALUATION_START", "OPTIMIZATION_COMPLETE", "EVALUATION_COMPLETE", "COMPLETE", "## Run Experiment Complete"],
    "run-torchtune.log": [...shape.runs.map((run) => `SUBMIT_JOB: ${run}`), "ALL_SUBMITTED", "ALL_COMPLETE"],
    "run-inspect.log": [...scores(shape).map(({ title }) => `SUBMIT_EVAL: ${title}`), "ALL_SUBMITTED", "ALL_COMPLETE"],
  };
  return Object.entries(wanted).flatMap(([file, blocks]) => {
    const heads = textOf(join(experiment, file)).split("\n").map((line) => line.replace(/^\[[^\]]*\] /u, ""));
    return blocks.map((block) => ({ block, times: heads.filter((head) => head === block || head.startsWith(`${block}: `)).length }))
      .filter(({ times }) => times !== 1).map(({ block, times }) => `${file}: ${times} times ${block}`);
  });
}

function complainAboutLeftovers({ experiment }: Stage): string[] {
  const left = readdirSync(experiment, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tmp") && !path.startsWith(".nightshift/"))
    .map((path) => `left in the experiment: ${path}`);
  return textOf(join(experiment, ".nightshift", ".gitignore")) === "*\n" ? left : [...left, "git sees .nightshift"];
}
