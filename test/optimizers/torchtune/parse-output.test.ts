import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { OutputParser, type OutputReading, parsePoints } from "../../../src/optimizers/torchtune/parse-output.ts";
import type { Progress } from "../../../src/optimizers/torchtune/progress.ts";

interface Truth {
  readonly saved_epochs: readonly number[];
  readonly first: Point | null;
  readonly last: Point | null;
  readonly steps_per_epoch: number | null;
  readonly points: number;
  readonly diverged_at_step: number | null;
  readonly failure: { readonly cause: string; readonly message: string } | null;
}

type Point = readonly [epoch: number, step: number, loss: number | string];

const truths = JSON.parse(readFileSync(fixture("expected.json"), "utf8")) as Record<string, Truth>;

describe.each(Object.entries(truths))("the output %s", (name, truth) => {
  const bytes = readFileSync(fixture(`${name}.out`));

  test("says what was trained", () => {
    const { progress, saves, failure } = read(bytes);
    expect(progress.first).toEqual(pointOf(truth.first));
    expect(progress.last).toEqual(pointOf(truth.last));
    expect(progress.totalSteps).toBe(truth.last?.[1]);
    expect(progress.epochs).toBe(truth.last?.[0]);
    expect(progress.stepsPerEpoch).toBe(truth.last === null ? undefined : truth.steps_per_epoch);
    expect(progress.divergedAtStep).toBe(truth.diverged_at_step ?? undefined);
    expect([...saves.epochs]).toEqual(truth.saved_epochs);
    expect(saves.lines).toBe(truth.saved_epochs.length);
    expect(failure).toEqual(truth.failure ?? undefined);
  });

  test("has each point once in its series", () => {
    const points = parsePoints(bytes.toString());
    expect(points.length).toBe(truth.points);
    expect(points.at(0)).toEqual(pointOf(truth.first));
    expect(points.at(-1)).toEqual(pointOf(truth.last));
  });

  test.each([1, 2, 3, 7, 64, 1000])("says the same when its bytes come %i at a time", (size) => {
    expect(read(bytes, size)).toEqual(read(bytes));
  });

  test("never says less or anything else while it grows", () => {
    const parser = new OutputParser();
    const losses = new Map(parsePoints(bytes.toString()).map(({ epoch, step, loss }) => [`${epoch}|${step}`, loss]));
    const said: Progress[] = [];
    for (let start = 0; start < bytes.length; start += 11) {
      parser.feed(bytes.subarray(start, start + 11));
      said.push(parser.read().progress);
    }
    const steps = said.map(({ totalSteps = 0 }) => totalSteps);
    const wrong = said.filter(({ last }) => last !== undefined && !Object.is(last.loss, losses.get(`${last.epoch}|${last.step}`)));
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(wrong).toEqual([]);
  });
});

describe("an output", () => {
  test("tells which epoch's saving was cut off", () => {
    expect(read(readFileSync(fixture("cut-off.out"))).unfinishedEpoch).toBe(1);
    expect(read(readFileSync(fixture("completed.out"))).unfinishedEpoch).toBeUndefined();
  });

  test.each([
    ["a recipe says that it runs", "Running LoRAFinetuneRecipeSingleDevice with resolved config:\n", true],
    ["a bar shows a loss", "\r1|1|Loss: 0.5: 10%|█| 1/10 [00:00<00:01, 9.00it/s]", true],
    ["an evaluation shows its results", "╭─────╮\n│capitalization (50 samples): │\nmatch\naccuracy  0.880\nreal 28.51\n", false],
    ["it is empty", "", false],
    ["it is binary", "\u0000\u0001\u00FF\uFFFD".repeat(100), false],
  ])("is told apart by what is in it: %s", (_what, text, isTraining) => {
    expect(readText(text).isTraining).toBe(isTraining);
  });

  test("is read up to its last byte, though the next refresh has not ended the line", () => {
    expect(readText("\r1|1|Loss: 0.75: 10%|█| 1/10 [00:00<00:01, 9.00it/s]").progress.last?.loss).toBe(0.75);
    expect(readText("\r1|1|Loss: 0.7").progress.last).toBeUndefined();
  });

  test("forgets what came before a recipe that begins anew", () => {
    const before = `${banner}\r2|80|Loss: 0.1: 10%|█| 1/10 [00:00<00:01, 9.00it/s]Checkpoint saved in 0.1 seconds.\n${kill("JOB REQUEUE")}\n`;
    const again = readText(`${before}${banner}\r1|1|Loss: 0.9: 10%|█| 1/10 [00:00<00:01, 9.00it/s]`);
    expect(again.progress).toMatchObject({ totalSteps: 1, epochs: 1, first: { epoch: 1, step: 1, loss: 0.9 } });
    expect(again.saves.lines).toBe(0);
    expect(again.failure).toBeUndefined();
    expect(parsePoints(`${before}${banner}\r1|1|Loss: 0.9: 10%|`)).toEqual([{ epoch: 1, step: 1, loss: 0.9 }]);
  });

  test("keeps the epoch apart from the step where a resumed training counts its steps from 1 again", () => {
    expect(parsePoints("\r1|1|Loss: 0.9: 1%|\r2|1|Loss: 0.5: 1%|\r2|1|Loss: 0.4: 1%|")).toEqual([{ epoch: 1, step: 1, loss: 0.9 }, { epoch: 2, step: 1, loss: 0.4 }]);
  });

  test.each<[what: string, losses: readonly string[], divergedAtStep: number | undefined, finalLoss: number]>([
    ["never", ["0.5", "0.4"], undefined, 0.4],
    ["and came back", ["0.5", "nan", "0.4"], undefined, 0.4],
    ["at the end", ["0.5", "0.4", "inf"], 3, Infinity],
    ["first to infinity, then to nan", ["0.5", "inf", "nan", "nan"], 2, Number.NaN],
    ["twice", ["nan", "0.4", "nan"], 3, Number.NaN],
  ])("says where training diverged: %s", (_what, losses, divergedAtStep, finalLoss) => {
    const { progress } = readText(losses.map((loss, index) => `\r1|${index + 1}|Loss: ${loss}: 1%|`).join(""));
    expect(progress.divergedAtStep).toBe(divergedAtStep);
    expect(progress.last?.loss).toBe(finalLoss);
  });

  test("of many megabytes without a line break does not fill the memory, nor hide what follows", () => {
    const parser = new OutputParser();
    const piece = new Uint8Array(1_000_000);
    for (let count = 0; count < 5; count++) parser.feed(piece);
    parser.feed(Buffer.from("\n\r1|1|Loss: 0.5: 10%|"));
    expect(parser.read().progress.last?.loss).toBe(0.5);
  });
});

describe("the lines about checkpoints", () => {
  const adapter = (epoch: number): string => `Adapter checkpoint of size 0.02 GiB saved to /out/epoch_${epoch}/adapter_model.pt\n`;
  const bar = (epoch: number): string => `\r${epoch}|10|Loss: 0.5: 10%|`;

  test.each<[what: string, text: string, epochs: readonly number[]]>([
    ["name the epoch in a path", `Starting checkpoint save...\n${adapter(3)}Checkpoint saved in 1.00 seconds.\n`, [3]],
    ["name no epoch: the trained one counts", `${bar(2)}Starting checkpoint save...\nCheckpoint saved in 1.00 seconds.\n`, [1]],
    ["stand alone: they count up", "Checkpoint saved in 1.00 seconds.\nCheckpoint saved in 1.00 seconds.\n", [0, 1]],
    ["are repeated by every rank", `${bar(1)}Saving checkpoint took 3.21 secs\nSaving checkpoint took 3.22 secs\n`, [0]],
    ["are those of torchtune 0.7", `${bar(1)}Starting checkpoint save...\nModel checkpoint saved to /out/epoch_1\nCheckpoint saved in 1.00 seconds.\n`, [1]],
    ["are those of torchtune 0.4", "Model checkpoint of size 2.30 GiB saved to /out/hf_model_0001_2.pt\nSaving checkpoint took 3.21 secs\n", [2]],
    ["tell of the recipe's state as well", `${adapter(0)}Recipe checkpoint of size 0.04 GiB saved to /out/recipe_state/recipe_state.pt\nCheckpoint saved in 1.00 seconds.\n`, [0]],
    ["stop before the end", `Starting checkpoint save...\n${adapter(0)}`, []],
    ["tell of an asynchronous save", `${bar(1)}Saving asynchronous checkpoint took 0.1 secs\n`, []],
    ["are glued to a bar and a cursor code", `${bar(1)} 1/10 [00:00<00:01, 9.00it/s]\u001B[AStarting checkpoint save...\nCheckpoint saved in 1.00 seconds.\n`, [0]],
  ])("count when they %s", (_what, text, epochs) => {
    expect([...readText(text).saves.epochs]).toEqual(epochs);
  });
});

const kitData = fileURLToPath(new URL("../../../../shared/data/cruijff-kit/", import.meta.url));

describe.skipIf(!existsSync(kitData))("the users' own samples", () => {
  test.each([
    ["synthetic/slurm-tqdm-upstream-recipe-2epochs.out", 80, { epoch: 2, step: 80, loss: 0.17259217923892986 }, [0, 1], undefined],
    ["synthetic/slurm-tqdm-nightly-recipe-2epochs.out", 16, { epoch: 2, step: 80, loss: 0.17259217923892986 }, [0, 1], undefined],
    ["synthetic/slurm-cuda-oom-midepoch2.out", 11, { epoch: 2, step: 55, loss: 0.38242171641907063 }, [0], "GPU out of memory"],
    ["fixtures/summarize/slurm_training_output.txt", 16, { epoch: 2, step: 500, loss: 0.26427456736564636 }, [0, 1], undefined],
  ])("are read: %s", (file, points, last, epochs, cause) => {
    const bytes = readFileSync(`${kitData}${file}`);
    const reading = read(bytes, 5);
    expect(parsePoints(bytes.toString()).length).toBe(points);
    expect(reading.progress.last).toEqual(last);
    expect([...reading.saves.epochs]).toEqual(epochs);
    expect(reading.failure?.cause).toBe(cause);
  });
});

const banner = "Running LoRAFinetuneRecipeSingleDevice with resolved config:\n\nbatch_size: 4\n\n";

function kill(reason: string): string {
  return `slurmstepd: error: *** JOB 20 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO ${reason} ***`;
}

function read(bytes: Uint8Array, size = bytes.length): OutputReading {
  const parser = new OutputParser();
  for (let start = 0; start < bytes.length; start += size) parser.feed(bytes.subarray(start, start + size));
  return parser.read();
}

function readText(text: string): OutputReading {
  return read(Buffer.from(text));
}

function pointOf(point: Point | null): object | undefined {
  return point === null ? undefined : { epoch: point[0], step: point[1], loss: Number(point[2] === "inf" ? Infinity : point[2]) };
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/torchtune/${name}`, import.meta.url));
}
