import { expect, test } from "vitest";

import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";
import { outputFoldersOf } from "../../src/schedulers/output-folders.ts";

const intent = { key: "k", kind: "training" as const, experimentFolder: "/exp", script: "/exp/run/finetune.slurm", submitFolder: "/exp/run" };

test.each([
  ["none named: that of the submission", "", []],
  ["an absolute one", "#SBATCH --output=/scratch/ck-out/epoch_0/slurm-%j.out", ["/scratch/ck-out/epoch_0"]],
  ["a relative one", "#SBATCH -o artifacts/slurm-%j.out", ["/exp/run/artifacts"]],
  ["one above, inside the experiment", "#SBATCH -o ../logs/%j", ["/exp/logs"]],
  ["one that leaves the experiment unnamed", "#SBATCH -o ../../elsewhere/%j", []],
  ["two, with an error file of its own", "#SBATCH -o out/%j -e err/%j", ["/exp/run/out", "/exp/run/err"]],
  ["the same twice", "#SBATCH -o logs/%j.out -e logs/%j.err", ["/exp/run/logs"]],
  ["relative to --chdir", "#SBATCH --chdir=/data -o logs/%j", []],
  ["named after the job and the user", "#SBATCH -J rank8 -o logs/%x/%u/%j", ["/exp/run/logs/rank8/ada"]],
  ["named after the id, which nobody knows yet", "#SBATCH -o logs/%j/out", []],
])("folders of the output: %s", (_name, directive, expected) => {
  const folders = outputFoldersOf(parseSbatchScript(`#!/bin/sh\n${directive}\n`), intent, "ada");
  expect(folders).toEqual(expected);
});
