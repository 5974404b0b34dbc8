import { describe, expect, test } from "vitest";

import type { Experiment, FolderHints } from "../../src/domain/experiment.ts";
import type { EvaluationPlaces, RunPlaces } from "../../src/domain/places.ts";
import { buildPlaces } from "../../src/experiment/build-places.ts";
import { designPaths } from "../../src/experiment/layouts.ts";
import { parseScript } from "../../src/experiment/parse-script.ts";
import { parseTrainingConfig } from "../../src/experiment/parse-training-config.ts";

const home = "/experiments/cap";

const experiment: Experiment = {
  name: "cap", folder: home, optimizer: "torchtune", evaluator: "inspect-ai",
  runs: [
    { name: "rank8", type: "fine-tuned", parameters: {} },
    { name: "base", type: "control", parameters: {} },
    { name: "prior", type: "eval-only", parameters: {}, checkpointPath: "/earlier/rank8/artifacts/epoch_1" },
  ],
  evaluations: [
    { run: "rank8", task: "cap", epoch: 0 }, { run: "rank8", task: "cap", epoch: 1 }, { run: "base", task: "cap", epoch: null }, { run: "prior", task: "cap", epoch: null },
  ],
};

/** Places in a folder where these files stand, by path relative to it. */
function placesWith(files: Readonly<Record<string, string>>, hints: FolderHints = {}) {
  const texts = new Map(Object.entries(files).map(([path, text]) => [`${home}/${path}`, text]));
  return buildPlaces({ ...experiment, hints }, {
    exists: (path) => texts.has(path),
    script: (path) => parseScript(texts.get(path) ?? ""),
    config: (path) => parseTrainingConfig(texts.get(path) ?? "", path),
  });
}

function runWith(files: Readonly<Record<string, string>>, hints: FolderHints = {}): RunPlaces {
  const run = placesWith(files, hints).runs.get("rank8");
  expect(run).toBeDefined();
  return run as RunPlaces;
}

function evaluationWith(key: string, files: Readonly<Record<string, string>>): EvaluationPlaces {
  const evaluation = placesWith(files).evaluations.get(key);
  expect(evaluation).toBeDefined();
  return evaluation as EvaluationPlaces;
}

function script(...lines: readonly string[]): string {
  return ["#!/bin/bash", ...lines, ""].join("\n");
}

describe("a training", () => {
  test("of today has its script and its checkpoints in its own folder", () => {
    expect(runWith({ "rank8/finetune.slurm": script("#SBATCH --output=/experiments/cap/rank8/artifacts/slurm-%j.out"), "rank8/finetune.yaml": "output_dir: /experiments/cap/rank8/artifacts/\n" })).toEqual({
      script: "/experiments/cap/rank8/finetune.slurm", scriptCandidates: ["/experiments/cap/rank8/finetune.slurm"], submitFolder: "/experiments/cap/rank8",
      outputFolders: ["/experiments/cap/rank8/artifacts", "/experiments/cap/rank8"], checkpointFolders: ["/experiments/cap/rank8/artifacts"],
      configFiles: ["/experiments/cap/rank8/finetune.yaml"],
    });
  });

  test("that is not scaffolded yet has a place for its script", () => {
    const { script: none, scriptCandidates, submitFolder, checkpointFolders } = runWith({});
    expect({ none, scriptCandidates, submitFolder, checkpointFolders }).toEqual({
      none: undefined, scriptCandidates: ["/experiments/cap/rank8/finetune.slurm"], submitFolder: "/experiments/cap/rank8", checkpointFolders: ["/experiments/cap/rank8/artifacts"],
    });
  });

  test.each<[string, Readonly<Record<string, string>>, FolderHints, readonly string[]]>([
    ["its output_dir, before all others", { "rank8/finetune.yaml": "output_dir: /big/rank8/\n" }, { outputBase: "/base" }, ["/big/rank8", "/experiments/cap/rank8/artifacts", "/base/ck-out-rank8"]],
    ["an output_dir put together from pieces", { "rank8/finetune.yaml": "dirs: {base: /big}\nname: rank8\noutput_dir: ${dirs.base}/${name}/artifacts\n" }, {}, ["/big/rank8/artifacts", "/experiments/cap/rank8/artifacts"]],
    ["a relative output_dir, from where the script is submitted", { "rank8/finetune.yaml": "output_dir: ../out/rank8\n" }, {}, ["/experiments/cap/out/rank8", "/experiments/cap/rank8/artifacts"]],
    ["nothing where output_dir is a riddle", { "rank8/finetune.yaml": "output_dir: ${oc.env:SCRATCH}/rank8\n" }, {}, ["/experiments/cap/rank8/artifacts"]],
    ["the folder of 2025-11", {}, { outputBase: "/base/cap" }, ["/experiments/cap/rank8/artifacts", "/base/cap/ck-out-rank8"]],
    ["the folders of 2025-10 and 2025-09", {}, { outputDirBase: "/dirs" }, ["/experiments/cap/rank8/artifacts", "/dirs/cap/ck-out-rank8", "/dirs/ck-out-rank8"]],
    ["a relative folder, from the experiment", {}, { outputDirBase: "outputs" }, ["/experiments/cap/rank8/artifacts", "/experiments/cap/outputs/cap/ck-out-rank8", "/experiments/cap/outputs/ck-out-rank8"]],
    ["what only the run's own configuration names", { "rank8/setup_finetune.yaml": "output_dir_base: /dirs\n" }, {}, ["/experiments/cap/rank8/artifacts", "/dirs/cap/ck-out-rank8", "/dirs/ck-out-rank8"]],
    ["its own folder before that of the experiment it was copied from", { "rank8/finetune.yaml": "output_dir: /old/cap/rank8/artifacts\n" }, { directory: "/old/cap" }, ["/experiments/cap/rank8/artifacts", "/old/cap/rank8/artifacts"]],
  ])("looks for checkpoints in %s", (_what, files, hints, folders) => {
    expect(runWith(files, hints).checkpointFolders).toEqual(folders);
  });

  test.each([
    ["beside the checkpoints", "--output=/dirs/ck-out-rank8/slurm-%j.out", "/dirs/ck-out-rank8"],
    ["where it is submitted, without a directive", "--nodes=1", "/experiments/cap/rank8/artifacts"],
    ["where it is submitted", "-o slurm-%j.out", "/experiments/cap/rank8"],
    ["in a folder there", "--output logs/%x-%j.out", "/experiments/cap/rank8/logs"],
    ["from another folder", "--chdir=/work --output=out/%j.txt", "/work/out"],
    ["in a folder with a percent sign", "--output=/100%%/%j.txt", "/100%"],
    ["as far as it is known before there is a job", "--output=/all/%x/%j/out.txt", "/all"],
  ])("has its output %s", (_what, directive, folder) => {
    const { outputFolders } = runWith({ "rank8/finetune.slurm": script(`#SBATCH ${directive} # why`) });
    expect(outputFolders[0]).toBe(folder);
    expect(outputFolders).toContain("/experiments/cap/rank8");
  });

  test("is none for a control", () => {
    expect(placesWith({ "base/finetune.slurm": script() }).runs.get("base")).toEqual({
      scriptCandidates: [], submitFolder: "/experiments/cap/base", outputFolders: [], checkpointFolders: [], configFiles: [],
    });
  });

  test("is none for an older checkpoint, which is looked for where the summary says", () => {
    expect(placesWith({}).runs.get("prior")).toMatchObject({ scriptCandidates: [], checkpointFolders: ["/earlier/rank8/artifacts"] });
  });
});

describe("an evaluation", () => {
  const cell = "/experiments/cap/rank8/eval/cap_epoch0";
  test.each<[string, string, string, Partial<EvaluationPlaces>]>([
    ["of today", "rank8_cap_epoch0", "rank8/eval/cap_epoch0/cell.slurm", { submitFolder: cell, logFolders: [`${cell}/logs`], logsAreShared: false }],
    ["of some weeks in 2026", "rank8_cap_epoch0", "rank8/eval/cap_epoch0/cap_epoch0.slurm", { submitFolder: cell, logFolders: [`${cell}/logs`], logsAreShared: false }],
    ["of the documents", "rank8_cap_epoch0", "rank8/eval/cap_epoch0.slurm", { submitFolder: "/experiments/cap/rank8/eval", logFolders: ["/experiments/cap/rank8/eval/logs"], logsAreShared: true }],
    ["of a control", "base_cap", "base/eval/cap/cell.slurm", { submitFolder: "/experiments/cap/base/eval/cap", logFolders: ["/experiments/cap/base/eval/cap/logs"] }],
    ["of a control in the documents", "base_cap", "base/eval/cap.slurm", { submitFolder: "/experiments/cap/base/eval", logsAreShared: true }],
  ])("%s is submitted from where its logs' folder is relative to", (_what, key, path, places) => {
    expect(evaluationWith(key, { [path]: script("inspect eval t.py --log-dir ./logs") })).toMatchObject({ script: `${home}/${path}`, ...places });
  });

  test("has all its candidates, the newest first, and is submitted by the newest", () => {
    const files = { "rank8/eval/cap_epoch0.slurm": script(), "rank8/eval/cap_epoch0/cell.slurm": script() };
    const { script: chosen, scriptCandidates } = evaluationWith("rank8_cap_epoch0", files);
    expect(chosen).toBe(`${cell}/cell.slurm`);
    expect(scriptCandidates).toEqual([`${cell}/cell.slurm`, `${cell}/cap_epoch0.slurm`, `${cell}.slurm`]);
  });

  test("without a script is looked for where logs stand", () => {
    expect(evaluationWith("rank8_cap_epoch0", { "rank8/eval/logs": "" })).toMatchObject({ logFolders: ["/experiments/cap/rank8/eval/logs"], logsAreShared: true });
    expect(evaluationWith("rank8_cap_epoch0", {})).toMatchObject({ logFolders: [`${cell}/logs`], logsAreShared: false });
  });

  test.each([
    ["an absolute folder", "--log-dir /results/a", "/results/a"], ["a folder above", "--log-dir=../logs", "/experiments/cap/rank8/eval/logs"], ["a quoted one", "--log-dir \"my logs\"", `${cell}/my logs`],
    ["a variable, which nobody can know", "--log-dir $LOGS", `${cell}/logs`], ["none", "", `${cell}/logs`], ["one in a comment", "\n# --log-dir /old", `${cell}/logs`],
  ])("whose script names %s has its logs there", (_what, option, folder) => {
    expect(evaluationWith("rank8_cap_epoch0", { "rank8/eval/cap_epoch0/cell.slurm": script(`inspect eval t.py ${option}`) }).logFolders[0]).toBe(folder);
  });

  test("shares its logs when two scripts name one folder", () => {
    const files = { "rank8/eval/cap_epoch0/cell.slurm": script("inspect eval --log-dir ../logs"), "rank8/eval/cap_epoch1/cell.slurm": script("inspect eval --log-dir ../logs") };
    expect(evaluationWith("rank8_cap_epoch0", files).logsAreShared).toBe(true);
  });

  test("has the configurations that stand there", () => {
    const files = { "rank8/eval/cap_epoch0/cell.slurm": script(), "rank8/eval/cap_epoch0/eval.yaml": "", "rank8/eval/eval_config.yaml": "" };
    expect(evaluationWith("rank8_cap_epoch0", files).configFiles).toEqual([`${cell}/eval.yaml`]);
  });
});

test("names with special characters stay in their places", () => {
  const odd: Experiment = { ...experiment, runs: [{ name: "{run} $& (a)", type: "fine-tuned", parameters: {} }], evaluations: [{ run: "{run} $& (a)", task: "{cell}", epoch: 0 }] };
  expect(designPaths(odd)).toContain("/experiments/cap/{run} $& (a)/finetune.slurm");
  expect(designPaths(odd)).toContain("/experiments/cap/{run} $& (a)/eval/{cell}_epoch0/cell.slurm");
});
