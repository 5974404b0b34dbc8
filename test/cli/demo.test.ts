import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";

import { writeDemoExperiment } from "../../src/demo/write-experiment.ts";
import { eventually } from "../support/eventually.ts";
import { rowsOf } from "../support/markdown.ts";
import { type Ended, fast, openWorkplace, textOf } from "../support/workplace.ts";

/** A Python that has inspect-ai: `python3 -m venv V && V/bin/pip install inspect-ai`, then NIGHTSHIFT_INSPECT_PYTHON=V/bin/python. */
const python = process.env["NIGHTSHIFT_INSPECT_PYTHON"] ?? "";
// One seed takes both cores for half a minute.
const seeds = process.env["SWEEP"] === "all" ? [14, 15] : [14];
if (python === "") process.stderr.write("SKIPPED: NIGHTSHIFT_INSPECT_PYTHON names no Python with inspect-ai, so the demo's logs are not opened by it\n");
if (seeds.length === 1) process.stderr.write("SKIPPED: the demo is run with one seed; SWEEP=all runs it with another one as well\n");

describe("nightshift demo", () => {
  const place = openWorkplace();
  const experimentOf = (seed: number): string => join(place.folder, `demo-${seed}`, "capitalization_demo");
  const ended = new Map<number, Ended>();

  beforeAll(async () => {
    await Promise.all(seeds.map(async (seed) => ended.set(seed, await place.nightshift(["demo", `demo-${seed}`, "--seed", String(seed)]))));
  }, 240_000);

  test.each(seeds)("with seed %i works everything through, prints the summary and says where things are", (seed) => {
    const { code, out, err } = ended.get(seed) as Ended;
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(textOf(join(experimentOf(seed), "summary.md")));
    expect(out).toContain(`Look again with: nightshift status ${experimentOf(seed)}`);
    expect(textOf(join(experimentOf(seed), "summary.md"))).toContain("**Status:** 3/3 complete");
  });

  test.each(seeds)("with seed %i shows what fine-tuning did: numbers of a real training", (seed) => {
    const { accuracies: [slow0, slow1, fast0, fast1, control], losses: [slow, fast] } = numbersOf(experimentOf(seed));
    expect(control).toBeLessThan(0.2);
    expect(slow1).toBeGreaterThan(slow0);
    expect(fast1).toBeGreaterThan(fast0);
    expect(Math.abs(slow - fast) / Math.max(slow, fast)).toBeGreaterThan(0.1);
  });

  test.skipIf(seeds.length === 1)("with another seed changes every number", () => {
    const [one, other] = [14, 15].map((seed) => numbersOf(experimentOf(seed))).map(({ accuracies, losses }) => [...accuracies, ...losses]);
    expect(one?.filter((number, index) => number === other?.[index])).toEqual([]);
  });

  test.skipIf(python === "")("leaves logs that the real inspect-ai opens", async () => {
    const logs = Object.values(stateOf(experimentOf(14)).evaluations).map(({ result }) => join(experimentOf(14), result?.log ?? ""));
    const { stdout: header } = await execa(python, ["-m", "inspect_ai", "log", "dump", "--header-only", logs[0] ?? ""]);
    expect(JSON.parse(header)).toMatchObject({ status: "success", eval: { task: "capitalization" }, results: { total_samples: 400 } });
    // One process for them all: it needs seconds to start.
    const { stdout } = await execa(python, ["-c", readAll, ...logs]);
    expect(JSON.parse(stdout)).toEqual(logs.map(() => ["success", "capitalization", 400, 400]));
  }, 120_000);
});

describe("the demo's experiment, smaller, with one evaluation that waits until its checkpoint is gone", () => {
  const place = openWorkplace();
  const experiment = join(place.root, "tampered");
  const [waiting, gate] = [join(place.folder, "waiting"), join(place.folder, "gate")];

  test("that evaluation fails, the others do not, and the summary says so", async () => {
    await writeDemoExperiment(experiment, {
      node: process.execPath, program: join(import.meta.dirname, "../../dist/demo-job.js"), seed: 15, size: { trainWords: 40, testWords: 20, textWords: 20, hiddenSize: 32 },
    });
    const cell = join(experiment, "rank8_lr1e-3/eval/capitalization_epoch0/cell.slurm");
    writeFileSync(cell, textOf(cell).replace(/^cd /mu, `: > '${waiting}'\n${place.waitFor(gate)}\ncd `));
    const run = place.start(["run", experiment, ...fast]);
    await eventually(() => existsSync(waiting), "the evaluation", 60_000);
    rmSync(join(experiment, "rank8_lr1e-3/artifacts/epoch_0"), { recursive: true });
    writeFileSync(gate, "");
    expect(await run.ended).toMatchObject({ code: 1, out: expect.stringContaining("4/5 evaluations completed successfully") as string });
    const summary = textOf(join(experiment, "summary.md"));
    expect(summary).toContain("**Status:** 2/3 complete");
    expect(rowsOf(summary.slice(summary.indexOf("## Incomplete Runs"))).slice(1)).toEqual([
      ["rank8_lr1e-3", "Evaluation capitalization (epoch 0)", "FAILED", expect.any(String)],
    ]);
  }, 120_000);
});

const readAll = `
import json, sys
from inspect_ai.log import read_eval_log
logs = [read_eval_log(path) for path in sys.argv[1:]]
print(json.dumps([[log.status, log.eval.task, log.results.completed_samples, len(log.samples)] for log in logs]))
`;

interface State {
  readonly runs: Readonly<Record<string, { readonly result?: { readonly final_loss?: number } }>>;
  readonly evaluations: Readonly<Record<string, { readonly result?: { readonly log: string } }>>;
}

function stateOf(experiment: string): State {
  return JSON.parse(textOf(join(experiment, "eval_jobs.json"))) as State;
}

// As a reader of summary.md sees them: two trainings, their two epochs each, and the control.
function numbersOf(experiment: string): { readonly losses: readonly [number, number]; readonly accuracies: readonly [number, number, number, number, number] } {
  const summary = textOf(join(experiment, "summary.md"));
  const column = (title: string, index: number): number[] => rowsOf(summary.slice(summary.indexOf(`## ${title}`))).slice(1).map((row) => Number(row[index]));
  const [losses, accuracies] = [column("Training Results", 1), column("Evaluation Results", 3)];
  expect([losses.length, accuracies.length]).toEqual([2, 5]);
  return { losses: losses as [number, number], accuracies: accuracies as [number, number, number, number, number] };
}
