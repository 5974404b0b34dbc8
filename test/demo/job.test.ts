import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { build } from "esbuild";
import { execa } from "execa";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { decodeSafetensors } from "../../src/demo/safetensors.ts";
import { writeDemoExperiment } from "../../src/demo/write-experiment.ts";
import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";

const size = { trainWords: 42, testWords: 30, textWords: 60, hiddenSize: 32 };
const steps = 10;
// Programs are started here, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let place: string;
let program: string;
let experiment: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "nightshift-demo-"));
  program = join(place, "the job's program.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../../src/demo/job.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "silent",
    banner: { js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);' },
  });
  experiment = await prepareExperiment("the experiment #1 of 'Ada'", 42);
  await submit(experiment, "rank8_lr1e-3", "finetune.slurm");
});

afterAll(async () => {
  await rm(place, { recursive: true, force: true });
});

describe("a training of the demo", () => {
  test("prints what torchtune prints, and every step once at least", async () => {
    const text = await readFile(join(experiment, "rank8_lr1e-3/artifacts/slurm-1.out"), "utf8");
    expect(text).toMatch(/^Running NightshiftDemoRecipe with resolved config:\n\nbatch_size: 4\n/u);
    const points = Array.from(text.matchAll(/(\d+)\|(\d+)\|Loss: ([0-9.]+)/gu), ([, epoch, step]) => `${epoch}|${step}`);
    expect([...new Set(points)]).toEqual(Array.from({ length: 2 * steps }, (_value, index) => `${index < steps ? 1 : 2}|${index + 1}`));
    expect(text).toContain("\r  0%|          | 0/10 [00:00<?, ?it/s]\r1|1|Loss: ");
    expect(text).toMatch(/it\/s\] *Starting checkpoint save\.\.\.\n/u);
    expect(text).toMatch(/\nCheckpoint saved in \d+\.\d\d seconds\.\n\n\r {2}0%\|/u);
    expect(text).toMatch(/\n\r2\|11\|Loss: [^\n]*\/10 [^\n]*\u001B\[A/u);
    expect(text.match(/^Checkpoint saved in/gmu)).toHaveLength(2);
  });

  test("leaves a checkpoint for each epoch, the second one different from the first", async () => {
    const [first, second] = [await weights(experiment, 0), await weights(experiment, 1)];
    expect([...decodeSafetensors(first)].map(([, { shape }]) => shape)).toEqual([[8, 81], [32, 8], [8, 32], [52, 8]]);
    expect(second.equals(first)).toBe(false);
    expect(JSON.parse(await readFile(join(experiment, "rank8_lr1e-3/artifacts/epoch_1/adapter_config.json"), "utf8"))).toMatchObject({
      r: 8, lora_alpha: 16, peft_type: "LORA", base_model_name_or_path: join(experiment, "base_model"),
    });
  });

  test("gives the same bytes again for the same seed, and others for another", async () => {
    const again = await prepareExperiment("again", 42);
    const other = await prepareExperiment("other", 43);
    for (const folder of [again, other]) await submit(folder, "rank8_lr1e-3", "finetune.slurm");
    expect((await weights(again, 1)).equals(await weights(experiment, 1))).toBe(true);
    expect((await weights(other, 1)).equals(await weights(experiment, 1))).toBe(false);
  });
});

describe("an evaluation of the demo", () => {
  test("leaves one log, whose accuracy is what its samples add up to", async () => {
    const { exitCode, output } = await submit(experiment, "rank8_lr1e-3/eval/capitalization_epoch1", "cell.slurm");
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining("nightshift/rank8_lr1e-3_epoch_1") as string });
    const { header, samples } = await readLog(join(experiment, "rank8_lr1e-3/eval/capitalization_epoch1/logs"));
    expect(header).toMatchObject({ status: "success", eval: { metadata: { epoch: 1, is_finetuned: true }, model_args: { model_path: join(experiment, "rank8_lr1e-3/artifacts/epoch_1") } } });
    const words = JSON.parse(await readFile(join(experiment, "words.json"), "utf8")) as { test: { input: string; output: string }[] };
    expect(samples.map(({ input, target }) => ({ input, output: target }))).toEqual(words.test);
    const right = samples.filter(({ target, output }) => output.completion === target).length;
    expect(header.results.scores[0]?.metrics.accuracy.value).toBe(right / samples.length);
  });

  test("takes the base model as it is for the control", async () => {
    const { exitCode } = await submit(experiment, "nightshift-demo_base/eval/capitalization", "cell.slurm");
    expect(exitCode).toBe(0);
    const { header } = await readLog(join(experiment, "nightshift-demo_base/eval/capitalization/logs"));
    expect(header.eval.metadata).toEqual({ is_finetuned: false, source_model: "nightshift-demo" });
    expect(header.results.scores[0]?.metrics.accuracy.value).toBeLessThan(0.2);
  });

  const checkpoint = "rank8_lr1e-3/artifacts/epoch_0";
  test.each<[what: string, message: string, spoil: (folder: string) => Promise<void>]>([
    ["a missing checkpoint", "Error: No checkpoint: FOLDER/rank8_lr1e-3/artifacts/epoch_0/adapter_model.safetensors does not exist", async () => {}],
    ["a checkpoint that was cut off", "Error: Damaged checkpoint: FOLDER/rank8_lr1e-3/artifacts/epoch_0/adapter_model.safetensors: the data of tensor", async (folder) => {
      const bytes = await weights(experiment, 0);
      await mkdir(join(folder, checkpoint), { recursive: true });
      await writeFile(join(folder, checkpoint, "adapter_model.safetensors"), bytes.subarray(0, -1));
      await writeFile(join(folder, checkpoint, "adapter_config.json"), JSON.stringify({ r: 8, lora_alpha: 16, base_model_name_or_path: join(folder, "base_model") }));
    }],
    ["words that are no words", "Error: FOLDER/words.json: test.0.input: Invalid string", async (folder) => {
      await writeFile(join(folder, "words.json"), '{"train": [{"input": "a", "output": "A"}], "test": [{"input": "two words", "output": "Two words"}]}');
    }],
    ["a configuration that is no YAML", "Error: eval.yaml: ", async (folder) => {
      await writeFile(join(folder, "rank8_lr1e-3/eval/capitalization_epoch0/eval.yaml"), "task_name: [");
    }],
    ["a configuration without a seed", "Error: eval.yaml: seed: Invalid input: expected number, received undefined", async (folder) => {
      const path = join(folder, "rank8_lr1e-3/eval/capitalization_epoch0/eval.yaml");
      await writeFile(path, (await readFile(path, "utf8")).replace(/^seed:.*$/mu, ""));
    }],
  ])("of %s fails, says why in one line, and leaves no log", async (what, message, spoil) => {
    const folder = await prepareExperiment(what, 42);
    await spoil(folder);
    const { exitCode, output } = await submit(folder, "rank8_lr1e-3/eval/capitalization_epoch0", "cell.slurm");
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([expect.stringContaining(message.replace("FOLDER", folder))]);
    await expect(stat(join(folder, "rank8_lr1e-3/eval/capitalization_epoch0/logs"))).rejects.toThrow("ENOENT");
  });
});

test.each([[["sing", "--config", "x"]], [["train", "--config", "x", "--fast"]]])("The job program shows its usage when called with %j", async (args) => {
  const { exitCode, stderr } = await execa(process.execPath, [program, ...args], { reject: false });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^Usage: demo-job train --config/u) as string });
});

/** Writes an experiment somewhere and moves it in whole to where it belongs. */
async function prepareExperiment(name: string, seed: number): Promise<string> {
  const finalFolder = join(place, name);
  const staging = await mkdtemp(join(place, "staging-"));
  await writeDemoExperiment(staging, { finalFolder, node: process.execPath, program, seed, size });
  await rename(staging, finalFolder);
  return finalFolder;
}

/** Does with a script what a scheduler would: the output's folder, the working folder, no PATH to find another Node on. */
async function submit(folder: string, workFolder: string, name: string): Promise<{ exitCode: number | undefined; output: string }> {
  const cwd = join(folder, workFolder);
  const script = parseSbatchScript(await readFile(join(cwd, name), "utf8"));
  const outputPath = script.options.get("output")?.replace("%j", "1") ?? "";
  await mkdir(dirname(outputPath), { recursive: true });
  const { exitCode } = await execa("/bin/sh", [name], { cwd, reject: false, stdout: { file: outputPath }, stderr: { file: outputPath }, env: { PATH: "/bin:/usr/bin" }, extendEnv: false });
  return { exitCode, output: await readFile(outputPath, "utf8") };
}

async function weights(folder: string, epoch: number): Promise<Buffer> {
  return readFile(join(folder, `rank8_lr1e-3/artifacts/epoch_${epoch}/adapter_model.safetensors`));
}

interface Header {
  readonly status: string;
  readonly eval: { readonly metadata: object };
  readonly results: { readonly scores: readonly { readonly metrics: { readonly accuracy: { readonly value: number } } }[] };
}

interface Sample {
  readonly id: number;
  readonly input: string;
  readonly target: string;
  readonly output: { readonly completion: string };
}

async function readLog(folder: string): Promise<{ header: Header; samples: Sample[] }> {
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  const members = unzipSync(await readFile(join(folder, names.join())));
  const parseMember = (name: string): unknown => JSON.parse(strFromU8(members[name] ?? new Uint8Array()));
  const samples = Object.keys(members).filter((name) => name.startsWith("samples/")).map(parseMember) as Sample[];
  return { header: parseMember("header.json") as Header, samples: samples.toSorted((a, b) => a.id - b.id) };
}
