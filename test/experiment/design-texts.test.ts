import { describe, expect, test } from "vitest";

import { findPathsUnder, findWrittenPaths } from "../../src/experiment/find-paths.ts";
import { interpolate } from "../../src/experiment/interpolate.ts";
import { parseScript } from "../../src/experiment/parse-script.ts";
import { parseTrainingConfig } from "../../src/experiment/parse-training-config.ts";

describe("OmegaConf's interpolations", () => {
  const root = { a: "/x", b: { c: "y" }, twice: "${a}/${b.c}", loop: "${loop}", list: ["z"] };
  test.each([
    ["plain", "plain"], ["${a}", "/x"], ["${a}/${b.c}", "/x/y"], ["${ a }/q", "/x/q"], ["${twice}/q", "/x/y/q"], ["${list.0}", "z"],
    ["${gone}", undefined], ["${b}", undefined], ["${loop}", undefined], ["${oc.env:HOME}", undefined], ["${.a}", undefined], ["${${a}}", undefined], ["${a", undefined],
    ["${__proto__}", undefined], ["${a.length}", undefined],
  ])("%s", (text, resolved) => {
    expect(interpolate(text, root)).toBe(resolved);
  });
});

describe("a training's configuration", () => {
  test.each([
    ["", {}], ["- a\n", {}], ["output_dir:\n", {}], ["output_dir: [a]\n", {}],
    ["x: 1\noutput_dir: /a/b\n", { outputDir: "/a/b", outputDirPlace: { line: 2, column: 13 } }],
    ["output_dir_base: /dirs/\n", { outputDirBase: "/dirs/" }], ["output_dir_base: ${oc.env:SCRATCH}\n", {}],
  ])("that reads %j", (text, config) => {
    expect(parseTrainingConfig(text, "finetune.yaml")).toEqual({ ...config, problems: [] });
  });

  test.each([
    ["a: [\n", 2], ["a: 1\na: 2\n", 2], ["output_dir: ${oc.env:SCRATCH}/x\n", 1],
  ])("that reads %j is odd but no error", (text, line) => {
    expect(parseTrainingConfig(text, "finetune.yaml").problems).toMatchObject([{ severity: "warning", file: "finetune.yaml", line }]);
  });
});

describe("a script", () => {
  test.each([
    ["tune run x --config finetune.yaml", true], ["tune run x --config=./finetune.yaml", true], ["tune run x \\\n    --config 'finetune.yaml'", true],
    ["tune run x --config llama3/8B_lora", false], ["# tune run x --config finetune.yaml", false], ["python train.py", false], ["tune run --config other/finetune.yaml", false],
  ])("that says %s needs the configuration beside it: %s", (line, needsConfig) => {
    expect(parseScript(`#!/bin/bash\n${line}\n`).needsConfig).toBe(needsConfig);
  });

  test.each([["", "Batch script is empty!"], ["echo hi\n", "does not look like a batch script"], ["#!/bin/bash\r\necho hi\r\n", "DOS line breaks"]])("that reads %j is refused", (text, fault) => {
    expect(parseScript(text).fault).toContain(fault);
  });
});

describe("paths under a folder", () => {
  test.each([
    ["#SBATCH --output=/old/cap/rank8/slurm-%j.out", ["/old/cap/rank8/slurm-%j.out 1:18"]],
    ["##SBATCH --output=/old/cap/x", []],
    ["# cd /old/cap", []],
    ["cd /old/cap", ["/old/cap 1:4"]],
    ["cd \"/old/cap/\"; ls", ["/old/cap 1:5"]],
    ["x=/old/cap/a:/old/cap/b", ["/old/cap/a:/old/cap/b 1:3"]],
    ["cd /old/cap2 /old/capital /very/old/cap /old/cap-2 ./old/cap ${HOME}/old/cap", []],
    ["echo hi\n  data_dir: /old/cap/words.json  # x", ["/old/cap/words.json 2:13"]],
    ["a '/old/cap/b' /old/cap/c", ["/old/cap/b 1:4", "/old/cap/c 1:16"]],
  ])("in %j", (text, found) => {
    expect(findPathsUnder(text, "/old/cap").map(({ path, line, column }) => `${path} ${line}:${column}`)).toEqual(found);
  });

  test("take the folder's name literally", () => {
    expect(findPathsUnder("cd /o.d/c+p(1)/x", "/o.d/c+p(1)")).toHaveLength(1);
    expect(findPathsUnder("cd /old/ccp1/x", "/o.d/c+p(1)")).toEqual([]);
  });
});

describe("paths that a script goes or writes to", () => {
  test.each([
    ["#SBATCH --output=/a/slurm-%j.out", ["/a/slurm-%j.out"]], ["#SBATCH -o /a/x.out", ["/a/x.out"]], ["#SBATCH --chdir=/a", ["/a"]],
    ["cd /a/b", ["/a/b"]], ["cd \"/a/b\" && ls", ["/a/b"]], ["mkdir -p /a/b/logs", ["/a/b/logs"]], ["(cd /a; make)", ["/a"]],
    ["nvidia-smi > /a/gpu.csv 2>/dev/null &", ["/a/gpu.csv"]], ["echo x >>/a/log", ["/a/log"]], ["x 2> /a/err", ["/a/err"]],
    ["inspect eval t.py --log-dir /a/logs", ["/a/logs"]],
    ["python /a/train.py --data /a/words.json", []], ["-M model_path=\"/a/epoch_0\"", []], ["cd $HOME/x", []], ["abcd /a/b", []], ["# cd /a", []], ["source /a/env.sh", []],
  ])("in %j", (text, paths) => {
    expect(findWrittenPaths(text).map(({ path }) => path)).toEqual(paths);
  });
});
