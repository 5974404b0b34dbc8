import { appendFile, chmod, cp, link, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { TrainingReading } from "../../../src/domain/optimizer.ts";
import { epochMs } from "../../../src/domain/time.ts";
import { torchtuneOptimizer } from "../../../src/optimizers/torchtune/torchtune.ts";

let folder = "";
let optimizer = torchtuneOptimizer();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nightshift-training-"));
  optimizer = torchtuneOptimizer();
});
afterEach(() => rm(folder, { recursive: true }));

describe("the output of a training", () => {
  test("is that of the job asked about", async () => {
    await putOutput("artifacts/slurm-1.out", "cancelled");
    await putOutput("artifacts/slurm-11.out", "completed");
    expect((await read({ jobId: "1" })).failure?.cause).toBe("cancelled");
    expect(await read({ jobId: "11" })).toMatchObject({ output: join(folder, "artifacts/slurm-11.out"), totalSteps: 40, epochs: 2, stepsPerEpoch: 20, checkpointLines: 2 });
  });

  test("is none while the job has written nothing, whatever lies beside it", async () => {
    await putOutput("artifacts/slurm-1.out", "completed");
    expect(await read({ jobId: "2" })).toEqual({ checkpointLines: 0, checkpoints: [] });
  });

  test("is that of the job even if it says nothing of a training", async () => {
    await putOutput("artifacts/slurm-1.out", "out-of-memory");
    await putOutput("artifacts/slurm-2.out", "completed");
    expect(await read({ jobId: "1" })).toMatchObject({ output: join(folder, "artifacts/slurm-1.out"), failure: { cause: "out of memory" } });
  });

  test("is the newest one of a training when nobody knows the job", async () => {
    await putOutput("artifacts/slurm-10.out", "completed", 1000);
    await putOutput("slurm-9.out", "cancelled", 2000);
    await put("artifacts/slurm-11.out", "│capitalization (50 samples): │\naccuracy: 0.88\n", 3000);
    expect((await read()).output).toBe(join(folder, "slurm-9.out"));
  });

  test("is that of the later job where a copy lost the times", async () => {
    for (const id of [9, 101, 10, 100, 99, 11]) await putOutput(`artifacts/slurm-${id}.out`, "completed", 1000);
    expect((await read()).output).toBe(join(folder, "artifacts/slurm-101.out"));
  });

  test("is read on where it was moved to at the end", async () => {
    await put("slurm-1.out", bar(1));
    expect((await read({ jobId: "1" })).totalSteps).toBe(1);
    await mkdir(join(folder, "artifacts"));
    await rename(join(folder, "slurm-1.out"), join(folder, "artifacts/slurm-1.out"));
    await appendFile(join(folder, "artifacts/slurm-1.out"), bar(2));
    expect(await read({ jobId: "1" })).toMatchObject({ output: join(folder, "artifacts/slurm-1.out"), totalSteps: 2 });
  });

  test("begins anew when the job was requeued", async () => {
    await put("slurm-1.out", `${bar(1)}${bar(2)}${bar(3)}`);
    await read({ jobId: "1" });
    await writeFile(join(folder, "slurm-1.out"), bar(1));
    expect((await read({ jobId: "1" })).totalSteps).toBe(1);
  });

  test("is the one with the progress where the script parts output and errors", async () => {
    await put("slurm-1.out", "done\n");
    await putOutput("slurm-1.err", "completed");
    expect((await read({ jobId: "1" })).output).toBe(join(folder, "slurm-1.err"));
  });

  test("is one of a name that the script chose", async () => {
    await putOutput("artifacts/rank8_lr1e-3-7.out", "diverged");
    expect(await read({ jobId: "7" })).toMatchObject({ finalLoss: Number.NaN, divergedAtStep: 5 });
  });

  test("says when it was changed last", async () => {
    await putOutput("slurm-1.out", "completed", 1_795_253_500);
    expect(epochMs((await read()).changedAt ?? "")).toBe(1_795_253_500_000);
  });
});

describe("the checkpoints of a training", () => {
  test("are the epochs with weights, in the order of their numbers", async () => {
    for (const epoch of [10, 0, 9, 2]) await put(`artifacts/epoch_${epoch}/adapter_model.safetensors`, "weights", 1_795_253_500 + epoch);
    const { checkpoints } = await read({ jobIsOver: true });
    expect(checkpoints.map(({ epoch }) => epoch)).toEqual([0, 2, 9, 10]);
    expect(checkpoints[3]).toMatchObject({ path: join(folder, "artifacts/epoch_10"), complete: true });
    expect(epochMs(checkpoints[3]?.savedAt ?? "")).toBe(1_795_253_510_000);
  });

  test.each([
    "adapter_model.safetensors", "adapter_model.pt", "model.safetensors", "model-00001-of-00001.safetensors", "ft-model-00001-of-00001.safetensors",
    "pytorch_model-00001-of-00002.bin", "hf_model_0001_0.pt", "meta_model_0.pt", "adapter_weights/adapter_model.pt",
  ])("count by the weights %s", async (name) => {
    await put(`artifacts/epoch_0/${name}`, "weights");
    expect((await read()).checkpoints.map(({ epoch }) => epoch)).toEqual([0]);
  });

  test.each([
    "slurm-30.out", "gpu_metrics.csv", "adapter_config.json", "config.json", "tokenizer.json", "model.safetensors.index.json", "training_args.bin",
    "recipe_state.pt", "original/model.safetensors", "adapter_model/x.json", "model.safetensors.tmp",
  ])("do not count by the file %s", async (name) => {
    await put(`artifacts/epoch_0/${name}`, "no weights");
    expect((await read()).checkpoints).toEqual([]);
  });

  test("do not count by empty files, folders with a name of weights, or folders of other names", async () => {
    await put("artifacts/epoch_0/adapter_model.safetensors", "");
    await mkdir(join(folder, "artifacts/epoch_1/adapter_model.pt"), { recursive: true });
    await put("artifacts/epoch_02/adapter_model.pt", "weights");
    await put("artifacts/step_50/adapter_model.pt", "weights");
    expect((await read()).checkpoints).toEqual([]);
  });

  test("lie flat in the folder of a torchtune before 0.5", async () => {
    await put("artifacts/hf_model_0001_0.pt", "weights", 1000);
    await put("artifacts/adapter_0.pt", "weights", 2000);
    await put("artifacts/hf_model_0001_1.pt", "weights", 3000);
    await put("artifacts/recipe_state.pt", "state");
    const { checkpoints } = await read();
    expect(checkpoints.map(({ epoch, path, savedAt = "" }) => [epoch, path, epochMs(savedAt)])).toEqual([[0, join(folder, "artifacts"), 2_000_000], [1, join(folder, "artifacts"), 3_000_000]]);
  });

  test("are taken from the first folder that has any", async () => {
    await put("artifacts/epoch_0/adapter_model.pt", "weights");
    await put("ck-out/epoch_0/adapter_model.pt", "weights");
    await put("ck-out/epoch_1/adapter_model.pt", "weights");
    expect((await read()).checkpoints.map(({ path }) => path)).toEqual([join(folder, "artifacts/epoch_0")]);
  });

  test("are complete one by one, as the output says so", async () => {
    for (const epoch of [0, 1]) await put(`artifacts/epoch_${epoch}/adapter_model.pt`, "weights");
    await put("artifacts/slurm-1.out", `${bar(1)}Starting checkpoint save...\n`);
    expect(await completeEpochs({ jobId: "1" })).toEqual([]);
    await appendFile(join(folder, "artifacts/slurm-1.out"), "Checkpoint saved in 0.02 seconds.\n");
    expect(await completeEpochs({ jobId: "1" })).toEqual([0]);
  });

  test("are complete at the job's end even if no line says so", async () => {
    for (const epoch of [0, 1]) await put(`artifacts/epoch_${epoch}/adapter_model.pt`, "weights");
    expect(await completeEpochs({ jobIsOver: false })).toEqual([]);
    expect(await completeEpochs({ jobIsOver: true })).toEqual([0, 1]);
  });

  test("are not complete when the job died while it wrote them", async () => {
    await putOutput("artifacts/slurm-21.out", "cut-off");
    for (const epoch of [0, 1]) await put(`artifacts/epoch_${epoch}/adapter_model.pt`, "weights", 1000 + epoch);
    expect(await completeEpochs({ jobId: "21", jobIsOver: true })).toEqual([0]);
  });

  test("are not complete when an earlier training in the same folder left them", async () => {
    await putOutput("artifacts/slurm-67.out", "cancelled");
    await put("artifacts/epoch_1/adapter_model.pt", "weights of the training before", 1000);
    await put("artifacts/epoch_0/adapter_model.pt", "weights", 2000);
    expect(await completeEpochs({ jobId: "67", jobIsOver: true })).toEqual([0]);
  });

  test("are not found through links that lead elsewhere", async () => {
    await put("elsewhere/epoch_0/adapter_model.pt", "weights");
    await put("artifacts/epoch_2/adapter_model.pt", "weights");
    await symlink(join(folder, "elsewhere/epoch_0"), join(folder, "artifacts/epoch_0"));
    await mkdir(join(folder, "artifacts/epoch_1"));
    await symlink(join(folder, "elsewhere/epoch_0/adapter_model.pt"), join(folder, "artifacts/epoch_1/adapter_model.pt"));
    await symlink("epoch_2", join(folder, "artifacts/epoch_3"));
    await symlink("epoch_4", join(folder, "artifacts/epoch_4"));
    expect((await read()).checkpoints.map(({ epoch }) => epoch)).toEqual([2, 3]);
  });

  test("are found where the folder itself is a link", async () => {
    await put("scratch/epoch_0/adapter_model.pt", "weights");
    await symlink("scratch", join(folder, "artifacts"));
    expect((await read()).checkpoints.map(({ path }) => path)).toEqual([join(folder, "artifacts/epoch_0")]);
  });
});

describe("what may not be read", () => {
  test.skipIf(process.getuid?.() === 0)("is a problem with its path, and hides nothing else", async () => {
    await put("artifacts/epoch_0/adapter_model.pt", "weights");
    await put("artifacts/epoch_1/adapter_model.pt", "weights");
    await putOutput("artifacts/slurm-1.out", "completed");
    await chmod(join(folder, "artifacts/epoch_0"), 0);
    await chmod(join(folder, "artifacts/slurm-1.out"), 0);
    const reading = await read({ jobId: "1", jobIsOver: true });
    await chmod(join(folder, "artifacts/epoch_0"), 0o755);
    expect(reading.checkpoints.map(({ epoch }) => epoch)).toEqual([1]);
    expect(reading.problems?.map(({ file }) => file)).toEqual([join(folder, "artifacts/slurm-1.out"), join(folder, "artifacts/epoch_0")]);
  });

  test("is nothing where a file stands in a folder's place", async () => {
    await put("artifacts", "a file");
    expect(await read()).toEqual({ checkpointLines: 0, checkpoints: [] });
  });

  test("is passed over where a folder bears an output's name", async () => {
    await mkdir(join(folder, "artifacts/slurm-1.out"), { recursive: true });
    await putOutput("slurm-1.out", "completed");
    expect((await read({ jobId: "1" })).output).toBe(join(folder, "slurm-1.out"));
  });

  test("is read twice at no harm where a file has two names", async () => {
    await putOutput("slurm-1.out", "completed");
    await link(join(folder, "slurm-1.out"), join(folder, "slurm-2.out"));
    const [first, second] = await Promise.all([read({ jobId: "1" }), read({ jobId: "2" })]);
    expect([first.checkpointLines, second.checkpointLines]).toEqual([2, 2]);
  });
});

function read(question: { readonly jobId?: string; readonly jobIsOver?: boolean } = {}): Promise<TrainingReading> {
  const artifacts = join(folder, "artifacts");
  const places = { scriptCandidates: [], submitFolder: folder, outputFolders: [artifacts, folder], checkpointFolders: [artifacts, join(folder, "ck-out")], configFiles: [] };
  return optimizer.readTraining({ places, jobIsOver: false, ...question });
}

async function completeEpochs(question: { readonly jobId?: string; readonly jobIsOver?: boolean }): Promise<readonly number[]> {
  return (await read(question)).checkpoints.filter(({ complete }) => complete).map(({ epoch }) => epoch);
}

async function put(path: string, content: string, seconds?: number): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  if (seconds !== undefined) await utimes(join(folder, path), seconds, seconds);
}

async function putOutput(path: string, fixture: string, seconds?: number): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(fileURLToPath(new URL(`../../../fixtures/torchtune/${fixture}.out`, import.meta.url)), join(folder, path));
  if (seconds !== undefined) await utimes(join(folder, path), seconds, seconds);
}

function bar(step: number): string {
  return `\r1|${step}|Loss: 0.5:  10%|█  | ${step}/50 [00:01<00:09, 4.10it/s]`;
}
