import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { textOf } from "../support/fake-slurm/cluster-files.ts";
import { type SmallExperiment, unitsOf } from "../support/small-experiment.ts";
import { openStage, type Stage } from "./stage.ts";

/** One fault: what goes wrong, and the three things that are held to it when it is played. */
export interface Row {
  /** What goes wrong, in a phrase. */
  readonly fault: string;
  /** What nightshift does about it, in a phrase. */
  readonly answer: string;
  /** What the user sees, in `nightshift status`, in a log or as it happens. `…` stands for names, numbers, times and paths. */
  readonly sentence: string;
  /** The experiment's state at the end (`none` where none was ever written), and the status of each unit that is not COMPLETED. */
  readonly ends: Readonly<Record<string, string>> & { readonly experiment: string };
  /** How often the jobs themselves say that a unit was begun with, where that is not once. */
  readonly ran?: Readonly<Record<string, number>>;
  readonly shape?: Omit<SmallExperiment, "ledger">;
  /** Where the experiment stands in the end, in the watched folder, where that is not where it stood in the beginning. */
  readonly folder?: string;
  /** Why it cannot be played on this machine. */
  readonly whyNot?: string | undefined;
  readonly play: (stage: Stage) => Promise<void>;
}

/** One training and two evaluations: what a fault is tried on, unless its row says otherwise. */
export const smallest = { runs: ["rank4"], epochs: 1 } as const;

/** Plays all rows of a topic. */
export function playAll(topic: string, rows: readonly Row[]): void {
  describe.concurrent(topic, () => {
    for (const row of rows) {
      if (row.whyNot !== undefined) process.stderr.write(`SKIPPED: ${row.fault}: ${row.whyNot}\n`);
      test.skipIf(row.whyNot !== undefined)(row.fault, { timeout: 120_000 }, async () => {
        const shape = { ...smallest, ...row.shape };
        const stage = openStage(shape);
        try {
          await inTime(row.play(stage), stage);
          const experiment = row.folder === undefined ? stage.experiment : join(stage.root, row.folder);
          const ends = readEnds(experiment);
          const told = `${stage.said()}\n${readLogs(experiment)}`;
          const isSaid = patternOf(row.sentence).test(squeezed(told));
          expect({ ends, ran: countRuns(stage, shape), said: isSaid ? row.sentence : `not said, but:\n${told.slice(-4000)}` }).toEqual({ ends: row.ends, ran: row.ran ?? {}, said: row.sentence });
        } finally {
          if (process.env["TELL"] !== undefined) writeFileSync(join(process.env["TELL"], `${row.fault.replaceAll(/[^A-Za-z0-9]+/gu, " ").slice(0, 60)}.txt`), `${stage.said()}\n${readLogs(stage.experiment)}\n${textOf(stage.ledger)}\n${["sbatch", "squeue", "sacct", "scontrol"].map((name) => `${name} ${stage.cluster.calls(name as "sbatch").length}`).join()}\n`);
          await stage.close();
        }
      });
    }
  });
}

// What it said so far is what tells why it hangs.
async function inTime(play: Promise<void>, stage: Stage): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`not over after 90 s; so far:\n${stage.said().slice(-4000)}`)), 90_000); });
  await Promise.race([play, tooLate]).finally(() => clearTimeout(timer));
}

/** What a sentence of the table matches. */
function patternOf(sentence: string): RegExp {
  const words = squeezed(sentence).split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(words.join(".{0,600}?"), "u");
}

// A table on a terminal breaks its sentences into lines.
function squeezed(text: string): string {
  return text.replaceAll(/\s+/gu, " ");
}

interface StoredUnits {
  readonly state: string;
  readonly runs: Readonly<Record<string, { readonly status: string }>>;
  readonly evaluations: Readonly<Record<string, { readonly run: string; readonly task: string; readonly epoch: number | null; readonly status: string }>>;
}

function readEnds(experiment: string): Record<string, string> {
  const file = join(experiment, "eval_jobs.json");
  if (!existsSync(file)) return { experiment: "none" };
  const { state, runs, evaluations } = parseState(textOf(file));
  const units = [
    ...Object.entries(runs).map(([name, { status }]) => [name, status] as const),
    ...Object.values(evaluations).map(({ run, task, epoch, status }) => [epoch === null ? `${run}/${task}` : `${run}/${task}/${epoch}`, status] as const),
  ];
  return { experiment: state, ...Object.fromEntries(units.filter(([, status]) => status !== "COMPLETED")) };
}

function parseState(text: string): StoredUnits {
  try {
    return JSON.parse(text) as StoredUnits;
  } catch {
    return { state: "unreadable", runs: {}, evaluations: {} };
  }
}

function countRuns({ ledger }: Stage, shape: Omit<SmallExperiment, "ledger">): Record<string, number> {
  const begun = textOf(ledger).split("\n").flatMap((line) => line.split(" ")[0] || []);
  const units = new Set([...unitsOf(shape), ...begun]);
  return Object.fromEntries([...units].map((unit) => [unit, begun.filter((one) => one === unit).length] as const).filter(([, count]) => count !== 1));
}

function readLogs(experiment: string): string {
  const names = existsSync(experiment) ? readdirSync(experiment).filter((name) => /^(?:run-.*\.log|summary\.md)$/u.test(name)) : [];
  return names.map((name) => textOf(join(experiment, name))).join("\n");
}
