import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { RunPlaces } from "../../../src/domain/places.ts";
import { parseBars } from "../../../src/optimizers/torchtune/parse-bars.ts";
import { parsePoints } from "../../../src/optimizers/torchtune/parse-output.ts";
import { torchtuneOptimizer } from "../../../src/optimizers/torchtune/torchtune.ts";
import { hasRecordings, layOutRecorded, type RecordedExperiment, type RecordedName, recordedNames, type RecordedNumber } from "../../support/recorded-experiments.ts";

describe.skipIf(!hasRecordings)("the recorded trainings", () => {
  const experiments = new Map<RecordedName, RecordedExperiment>();
  beforeAll(async () => {
    for (const name of recordedNames) experiments.set(name, await layOutRecorded(name));
  }, 60_000);
  afterAll(async () => {
    for (const experiment of experiments.values()) await experiment.remove();
  });

  function experiment(name: RecordedName): RecordedExperiment {
    const found = experiments.get(name);
    if (found === undefined) throw new Error(`${name} was not laid out`);
    return found;
  }

  function places(name: RecordedName, run: string): RunPlaces {
    const folder = join(experiment(name).folder, run);
    const artifacts = join(folder, "artifacts");
    return { scriptCandidates: [], submitFolder: folder, outputFolders: [artifacts, folder], checkpointFolders: [artifacts], configFiles: [] };
  }

  const trainings = [
    ["cap_current", "rank2_lr1e-4"], ["cap_current", "rank4_lr2e-4"], ["cap_current", "rank8_lr1e-3"],
    ["cap_fail", "rank8_badkey"], ["cap_fail", "rank8_nan"], ["cap_fail", "rank8_timeout"],
    ["extras", "rank8_lr1e-3"], ["extras", "rank4_lr2e-4"],
  ] as const;

  test("are all the trainings there are", () => {
    const recorded = recordedNames.flatMap((name) => Object.entries(experiment(name).oracle.runs).flatMap(([run, { training }]) => (training === null ? [] : [`${name}/${run}`])));
    expect(recorded.toSorted()).toEqual(trainings.map(([name, run]) => `${name}/${run}`).toSorted());
  });

  describe.each(trainings)("%s/%s", (name, run) => {
    test.each(["by its job's id", "as the newest training output"])("is read with every value of the oracle, found %s", async (how) => {
      const { folder, oracle } = experiment(name);
      const truth = oracle.runs[run]?.training;
      if (truth === undefined || truth === null) throw new Error("no training");
      const question = { places: places(name, run), jobIsOver: true, ...(how === "by its job's id" ? { jobId: truth.job } : {}) };
      const reading = await torchtuneOptimizer().readTraining(question);
      const output = join(folder, truth.output);
      const text = await readFile(output, "utf8");
      const points = parsePoints(text);

      expect(reading.output).toBe(output);
      expect((await stat(output)).size).toBe(truth.output_bytes);
      expect(reading.finalLoss).toBe(numberOf(truth.final_loss));
      expect(reading.last?.loss).toBe(numberOf(truth.final_loss));
      expect(reading.last?.step).toBe(truth.last_step ?? undefined);
      expect(reading.last?.epoch).toBe(truth.last_epoch_printed ?? undefined);
      expect(reading.totalSteps).toBe(truth.last_step ?? undefined);
      expect(reading.epochs).toBe(truth.last_epoch_printed ?? undefined);
      expect(reading.stepsPerEpoch).toBe(truth.steps_per_epoch ?? undefined);
      expect(reading.checkpointLines).toBe(truth.checkpoints_saved_lines);
      expect(reading.failure?.cause === "time limit").toBe(truth.time_limit_line);
      expect(reading.failure?.message.includes("CANCELLED AT") ?? false).toBe(truth.cancelled_line);
      expect(reading.failure?.cause === "error" ? reading.failure.message : null).toBe(truth.traceback_last_line);
      expect(reading.problems).toBeUndefined();

      expect(parseBars(text).bars.length).toBe(truth.raw_matches);
      expect(points.length).toBe(truth.points);
      expect(points[0]?.loss).toBe(numberOf(truth.first));
      expect(points.filter(({ loss }) => Number.isNaN(loss)).length).toBe(truth.nan_points);
      expect(points.findLast(({ loss }) => Number.isFinite(loss))?.loss).toBe(numberOf(truth.last_finite_loss));
      for (const [step, loss] of Object.entries(truth.losses)) {
        expect(points.find((point) => point.step === Number(step))?.loss).toBe(numberOf(loss));
      }
      for (const [epoch, [step, loss]] of Object.entries(truth.loss_by_epoch_end)) {
        expect(points.findLast((point) => point.epoch === Number(epoch))).toEqual({ epoch: Number(epoch), step, loss: numberOf(loss) });
      }
    });

    test("has the checkpoints it saved, and no folder that only an evaluation made", async () => {
      const truth = experiment(name).oracle.runs[run]?.training;
      const { checkpoints } = await torchtuneOptimizer().readTraining({ places: places(name, run), jobIsOver: false });
      const saved = truth?.checkpoints_saved_lines === 0 ? [] : truth?.epoch_dirs;
      expect(checkpoints.map(({ path }) => path)).toEqual(saved?.map((folder) => join(experiment(name).folder, run, "artifacts", folder)));
      expect(checkpoints.map(({ epoch }) => `epoch_${epoch}`)).toEqual(saved);
      expect(checkpoints.every(({ complete }) => complete)).toBe(true);
    });
  });

  test("say when they were saved, though a copied tokenizer is older and an evaluation wrote beside them", async () => {
    const { checkpoints } = await torchtuneOptimizer().readTraining({ places: places("cap_current", "rank2_lr1e-4"), jobIsOver: true });
    expect(checkpoints.map(({ savedAt = "" }) => new Date(savedAt).toISOString())).toEqual(["2026-11-21T09:31:45.203Z", "2026-11-21T09:32:01.775Z"]);
  });

  test.each([
    ["cap_fail", "rank8_timeout", "20", "time limit", /DUE TO TIME LIMIT$/u],
    ["cap_fail", "rank8_badkey", "18", "error", /^TypeError: .*lora_rnk/u],
    ["extras", "rank4_lr2e-4", "67", "cancelled", /^JOB 67 ON n1 CANCELLED AT 2026-11-21T10:06:04$/u],
    ["extras", "rank4_lr2e-4", "68", "out of memory", /^StepId=68\.batch exceeded memory limit/u],
  ] as const)("tell why: %s/%s, job %s", async (name, run, jobId, cause, message) => {
    const { failure } = await torchtuneOptimizer().readTraining({ places: places(name, run), jobId, jobIsOver: true });
    expect(failure).toEqual({ cause, message: expect.stringMatching(message) });
  });

  test.each([
    ["cap_current", "rank8_lr1e-3", "3"], ["cap_fail", "rank8_nan", "19"], ["extras", "rank8_lr1e-3", "65"], ["extras", "rank4_lr2e-4", "69"],
  ] as const)("tell of no failure where SLURM saw none: %s/%s, job %s", async (name, run, jobId) => {
    const { failure } = await torchtuneOptimizer().readTraining({ places: places(name, run), jobId, jobIsOver: true });
    expect(failure).toBeUndefined();
  });

  test("show divergence to nan, which SLURM calls COMPLETED, from its first step on", async () => {
    const reading = await torchtuneOptimizer().readTraining({ places: places("cap_fail", "rank8_nan"), jobId: "19", jobIsOver: true });
    expect(reading).toMatchObject({ finalLoss: Number.NaN, divergedAtStep: 5 });
  });

  test("keep three jobs of one folder apart", async () => {
    const ask = (jobId: string): ReturnType<ReturnType<typeof torchtuneOptimizer>["readTraining"]> =>
      torchtuneOptimizer().readTraining({ places: places("extras", "rank4_lr2e-4"), jobId, jobIsOver: true });
    const [cancelled, killed, rerun] = [await ask("67"), await ask("68"), await ask("69")];
    expect(cancelled).toMatchObject({ totalSteps: 518, checkpointLines: 1 });
    expect(killed.totalSteps).toBeUndefined();
    expect(rerun).toMatchObject({ totalSteps: 800, checkpointLines: 2 });
  });

  test("leave no text of a job whose output folder did not exist", async () => {
    const reading = await torchtuneOptimizer().readTraining({ places: places("extras", "rank8_lr1e-3"), jobId: "64", jobIsOver: true });
    expect(reading.output).toBeUndefined();
    expect(reading.failure).toBeUndefined();
  });

  test.each([["cap_current"], ["cap_fail"]] as const)("are none in the control of %s, where only evaluations wrote", async (name) => {
    const reading = await torchtuneOptimizer().readTraining({ places: places(name, "Tiny-Llama-Copy_base"), jobIsOver: false });
    expect(reading).toEqual({ checkpointLines: 0, checkpoints: [] });
  });
});

function numberOf(value: RecordedNumber): number | undefined {
  if (value === null) return undefined;
  return value === "nan" ? Number.NaN : Number(value);
}
