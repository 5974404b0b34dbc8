import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { textOf } from "../support/fake-slurm/cluster-files.ts";
import { type SmallExperiment, unitsOf } from "../support/small-experiment.ts";
import type { Row } from "./row.ts";
import { openStage, type Stage } from "./stage.ts";

// One training and two evaluations.
const smallest = { runs: ["rank4"], epochs: 1 } as const;

/** Plays rows, several at a time: most of it is waiting. */
export function playAll(rows: readonly Row[]): void {
  describe.concurrent("faults", () => {
    test.for(rows.map((row) => [row.fault, row] as const))("%s", { timeout: 240_000 }, async ([, row], { skip }) => {
      if (row.whyNot !== undefined) process.stderr.write(`SKIPPED: ${row.fault}: ${row.whyNot}\n`);
      skip(row.whyNot !== undefined, row.whyNot);
      await play(row);
    });
  });
}

async function play({ play: playIt, shape: changes, folder, ends, ran = {}, sentence }: Row): Promise<void> {
  const shape = { ...smallest, ...changes };
  const stage = openStage(shape);
  const experiment = folder === undefined ? stage.experiment : join(stage.root, folder);
  try {
    await inTime(playIt(stage), stage);
    const told = `${stage.said()}\n${readReports(experiment)}`;
    const isSaid = patternOf(sentence).test(squeezed(told));
    expect({ ends: readEnds(experiment), ran: countRuns(stage, shape), said: isSaid ? sentence : `not said, but:\n${told.slice(-4000)}` }).toEqual({ ends, ran, said: sentence });
  } finally {
    await stage.close();
  }
}

// What was said so far is what tells why something hangs.
async function inTime(played: Promise<void>, stage: Stage): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`not over after 200 s; so far:\n${stage.said().slice(-4000)}`)), 200_000); });
  await Promise.race([played, tooLate]).finally(() => clearTimeout(timer));
}

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
  const { state, runs, evaluations } = JSON.parse(textOf(file)) as StoredUnits;
  const units = [
    ...Object.entries(runs).map(([name, { status }]) => [name, status] as const),
    ...Object.values(evaluations).map(({ run, task, epoch, status }) => [epoch === null ? `${run}/${task}` : `${run}/${task}/${epoch}`, status] as const),
  ];
  return { experiment: state, ...Object.fromEntries(units.filter(([, status]) => status !== "COMPLETED")) };
}

function countRuns({ ledger }: Stage, shape: Omit<SmallExperiment, "ledger">): Record<string, number> {
  const begun = textOf(ledger).split("\n").flatMap((line) => line.split(" ")[0] || []);
  const units = [...new Set([...unitsOf(shape), ...begun])];
  return Object.fromEntries(units.map((unit) => [unit, begun.filter((one) => one === unit).length] as const).filter(([, count]) => count !== 1));
}

function readReports(experiment: string): string {
  const names = existsSync(experiment) ? readdirSync(experiment).filter((name) => /^(?:run-.*\.log|summary\.md)$/u.test(name)) : [];
  return names.map((name) => textOf(join(experiment, name))).join("\n");
}
