import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { type SmallExperiment, unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { namesIn, textOf } from "./files.ts";
import type { Round } from "./plan.ts";

/** The folders of one round: experiments, the ledgers their jobs keep, and nightshift's own state, all apart from each other. */
export interface Stage {
  readonly folder: string;
  /** The watched folder. */
  readonly root: string;
  readonly stateHome: string;
  readonly experiments: readonly StagedExperiment[];
}

export interface StagedExperiment {
  readonly folder: string;
  /** Where it stands until it is moved into the watched folder. */
  readonly waitingAt: string;
  readonly shape: Required<Pick<SmallExperiment, "runs" | "epochs">>;
  /** One line for each job that works: unit, job id, key. */
  readonly ledger: string;
}

/** Writes the experiments of a round. They stand in their place for `run`, and beside it until they are moved in for `watch`. */
export function setStage(folder: string, { entry, experiments, runs, epochs, jobMs }: Round): Stage {
  const root = join(folder, "root");
  mkdirSync(root, { recursive: true });
  const shape = { runs, epochs };
  const staged = Array.from({ length: experiments }, (_, index) => ({
    folder: join(root, `exp${index + 1}`), waitingAt: join(folder, `exp${index + 1}`), shape, ledger: join(folder, `ledger${index + 1}`),
  }));
  for (const [number, experiment] of staged.entries()) {
    const before = Object.fromEntries(unitsOf(shape).map((unit, index) => [unit, ledgerLine(unit, experiment.ledger, jobMs[(index + number) % jobMs.length] ?? 0)]));
    writeSmallExperiment(experiment.folder, { ...shape, ledger: `${experiment.ledger}.units`, before });
    if (entry === "watch") renameSync(experiment.folder, experiment.waitingAt);
  }
  return { folder, root, stateHome: join(folder, "state"), experiments: staged };
}

/** Moves experiments into the watched folder as soon as its watching is on record, so that they are dropped into it. */
export function moveInWhenWatched({ stateHome, experiments }: Stage): void {
  const outside = experiments.filter(({ waitingAt }) => existsSync(waitingAt));
  if (outside.length === 0 || !namesIn(join(stateHome, "nightshift", "roots")).some((name) => name.endsWith(".json"))) return;
  for (const { waitingAt, folder } of outside) renameSync(waitingAt, folder);
}

/** Whether state and summary of an experiment both say that all is done. */
export function isFinished({ folder, shape }: StagedExperiment): boolean {
  const runs = shape.runs.length + 1;
  return /^ {2}"state": "finished"/mu.test(textOf(join(folder, "eval_jobs.json"))) && textOf(join(folder, "summary.md")).includes(`${runs}/${runs} complete`);
}

export interface LedgerLine {
  readonly unit: string;
  readonly jobId: string;
  readonly key: string;
}

/** Reads what the jobs of an experiment have noted of themselves. */
export function readLedger({ ledger }: StagedExperiment): readonly LedgerLine[] {
  return textOf(ledger).split("\n").filter((line) => line !== "").map((line) => {
    const [unit = "", jobId = "", key = ""] = line.split(" ");
    return { unit, jobId, key };
  });
}

// The key is the name of the folder that the inserted lines name: it comes with the job, not from nightshift's files.
function ledgerLine(unit: string, ledger: string, ms: number): string {
  return `echo "${unit} $SLURM_JOB_ID \${nightshift_dir##*/}" >> '${ledger}'${ms === 0 ? "" : `\nsleep ${ms / 1000}`}`;
}
