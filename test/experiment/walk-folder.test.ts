import { chmodSync, lstatSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { traceOf } from "../../src/experiment/traces.ts";
import { walkFolder } from "../../src/experiment/walk-folder.ts";
import { addFiles, tempTree } from "./temp-tree.ts";

describe("the newest change in a folder", () => {
  test("is the last time a file arrived, whatever time it carries", async () => {
    const folder = tempTree({ "old.json": "" });
    utimesSync(join(folder, "old.json"), 1, 1);
    expect((await walkFolder(folder)).newestChangeMs).toBe(lstatSync(join(folder, "old.json")).ctimeMs);
  });

  test("is not the time in the future that a file was given", async () => {
    const folder = tempTree({ "later.json": "" });
    utimesSync(join(folder, "later.json"), 4_102_444_800, 4_102_444_800);
    expect((await walkFolder(folder)).newestChangeMs).toBe(lstatSync(join(folder, "later.json")).ctimeMs);
  });

  test.each([
    ["eval_jobs.json"], ["summary.md"], ["run-experiment.log"], ["logs/run-inspect.log"], ["logs/run-torchtune.log"], ["logs/summarize-experiment.log"],
    ["analysis/report.md"], [".nightshift/lease"], [".nightshift-77-1.tmp"], [".git/index"],
  ])("is not nightshift's own in %s", async (path) => {
    expect((await walkFolder(tempTree({ [path]: "" }))).newestChangeMs).toBe(0);
  });

  test.each([
    ["experiment_summary.yaml"], ["logs/other.log"], ["rank8/summary.md"], ["rank8/artifacts/epoch_0/adapter_model.safetensors"], ["empty/"], ["rank8/logs/run-inspect.log"],
  ])("is that of %s", async (path) => {
    const folder = tempTree({ [path]: "" });
    expect((await walkFolder(folder)).newestChangeMs).toBeGreaterThanOrEqual(lstatSync(join(folder, path)).ctimeMs);
  });

  test("is none in a folder that is gone", async () => {
    expect(await walkFolder(join(tempTree(), "gone"))).toMatchObject({ newestChangeMs: 0, traces: [], problems: [] });
  });
});

describe("signs of work", () => {
  test.each([
    ["rank8/artifacts/epoch_0/adapter_model.safetensors", "a checkpoint's weights"], ["rank8/artifacts/epoch_11/model-00001-of-00001.safetensors", "a checkpoint's weights"],
    ["outputs/ck-out-rank8/epoch_1/hf_model_0001_0.pt", "a checkpoint's weights"], ["rank8/artifacts/slurm-12.out", "the output of a job"], ["rank8/slurm-12.out", "the output of a job"],
    ["rank8/eval/cap/logs/2026_cap (a b)_x.eval", "the log of an evaluation"], ["rank8/eval/logs/2026_x.json", "the log of an evaluation"],
    ["logs/run-torchtune.state.json", "a record of submissions"], ["jobs.json", "a record of submissions"],
    ["rank8/artifacts/hf_model_0001_1.pt", "a checkpoint's weights"], ["ck-out-rank8/adapter_0.pt", "a checkpoint's weights"],
    ["rank8/artifacts/epoch_0/adapter_config.json", undefined], ["rank8/artifacts/epoch_0/gpu_metrics.csv", undefined], ["models/adapter_model.safetensors", undefined],
    ["words.json", undefined], ["logs/scaffold-experiment.log", undefined], ["rank8/jobs.json", undefined], ["rank8/eval/cap/eval.yaml", undefined], ["eval_jobs.json", undefined],
  ])("%s", (path, kind) => {
    expect(traceOf(path)?.kind).toBe(kind);
  });

  test("are told once for each folder, in order, and not found behind links", async () => {
    const folder = tempTree({
      "b/artifacts/epoch_0/adapter_model.pt": "", "b/artifacts/epoch_0/adapter_model.safetensors": "", "b/artifacts/slurm-2.out": "", "b/artifacts/slurm-1.out": "", "a/eval/logs/x.eval": "",
    });
    symlinkSync(join(folder, "b"), join(folder, "c"));
    expect((await walkFolder(folder)).traces).toEqual([
      "a/eval/logs/x.eval is the log of an evaluation", "b/artifacts/epoch_0/adapter_model.pt is a checkpoint's weights", "b/artifacts/slurm-1.out is the output of a job",
    ]);
  });
});

test("links are noted and not followed, even those that lead round in circles", async () => {
  const folder = tempTree({ "rank8/finetune.slurm": "" });
  symlinkSync(folder, join(folder, "rank8", "up"));
  symlinkSync("/nowhere/finetune.slurm", join(folder, "broken.slurm"));
  const { links, designPaths } = await walkFolder(folder);
  expect([...links].toSorted()).toEqual(["broken.slurm", "rank8/up"]);
  expect([...designPaths]).toEqual(["rank8/finetune.slurm"]);
});

test.skipIf(process.getuid?.() === 0)("a folder that nobody may read is a warning", async () => {
  const folder = tempTree({ "rank8/artifacts/slurm-1.out": "" });
  chmodSync(join(folder, "rank8"), 0);
  const { problems } = await walkFolder(folder);
  chmodSync(join(folder, "rank8"), 0o755);
  expect(problems).toMatchObject([{ severity: "warning", file: "rank8" }]);
});

test("a folder with many files is walked as well", async () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_none, index) => [`rank8/artifacts/wandb/f${index}`, ""]));
  const folder = tempTree(many);
  addFiles(folder, { "rank8/eval/cap.slurm": "" });
  expect([...(await walkFolder(folder)).designPaths]).toEqual(["rank8/eval/cap.slurm"]);
});
