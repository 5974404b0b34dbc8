import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";

const head = (...lines: readonly string[]): string => ["#!/bin/bash", ...lines, "echo work", ""].join("\n");
const optionsOf = (text: string): Record<string, string> => Object.fromEntries(parseSbatchScript(text).options);

describe("the directives of a batch script", () => {
  test("are read as in a usual script, with comments behind them and inactive lines between them", () => {
    const script = head(
      "#SBATCH --job-name=rank8_lr1e-3 # Job name",
      "#SBATCH --nodes=1 # Number of nodes",
      "#SBATCH --time=00:15:00 # Time limit (HH:MM:SS)",
      "##SBATCH --array=0-3 # Uncomment if using job arrays",
      "#SBATCH --gres=gpu:1 # Request 1 GPU",
      "",
      "# a comment",
      "#SBATCH --output=/scratch/a/slurm-%j.out",
    );
    expect(optionsOf(script)).toEqual({ "job-name": "rank8_lr1e-3", nodes: "1", time: "00:15:00", gres: "gpu:1", output: "/scratch/a/slurm-%j.out" });
    expect(parseSbatchScript(script).headLines).toBe(9);
  });

  test.each([
    ["a value as the next word", ["#SBATCH --job-name x"], { "job-name": "x" }],
    ["a short option", ["#SBATCH -J x"], { "job-name": "x" }],
    ["a short option with its value attached", ["#SBATCH -Jx"], { "job-name": "x" }],
    ["all short ones that matter here", ["#SBATCH -o o -e e -t 5 -D d -G 2 -c 3 -n 4 -N 1 -A a -p p"],
      { output: "o", error: "e", time: "5", chdir: "d", gpus: "2", "cpus-per-task": "3", ntasks: "4", nodes: "1", account: "a", partition: "p" }],
    ["grouped flags before a value", ["#SBATCH -HOJ x"], { hold: "", overcommit: "", "job-name": "x" }],
    ["a flag, which takes no word with it", ["#SBATCH --requeue --job-name=x"], { requeue: "", "job-name": "x" }],
    ["an optional value, which must be attached", ["#SBATCH --exclusive --job-name=x"], { exclusive: "", "job-name": "x" }],
    ["an unambiguous abbreviation", ["#SBATCH --out=x --err=y"], { output: "x", error: "y" }],
    ["a name that nobody knows", ["#SBATCH --new-thing=1"], { "new-thing": "1" }],
    ["several in one line", ["#SBATCH -N 1 --time=1:00"], { nodes: "1", time: "1:00" }],
    ["a value in the next line", ["#SBATCH --time", "#SBATCH 1:00"], { time: "1:00" }],
    ["the last one of two", ["#SBATCH -t 1", "#SBATCH --time=2"], { time: "2" }],
    ["quotes, double", ['#SBATCH --output="my logs/%x # 1.out"'], { output: "my logs/%x # 1.out" }],
    ["quotes, single, in the middle", ["#SBATCH --job-name=a' b 'c"], { "job-name": "a b c" }],
    ["a backslash before a space", [String.raw`#SBATCH --job-name=a\ b`], { "job-name": "a b" }],
    ["an empty value", ["#SBATCH --comment="], { comment: "" }],
    ["# in the middle of a word, which is a comment too", ["#SBATCH --job-name=a#b"], { "job-name": "a" }],
    ["tabs", ["#SBATCH\t--time=1\t# x"], { time: "1" }],
    ["no space after the mark", ["#SBATCH--time=1"], { time: "1" }],
    ["a word that is no option, which ends them all", ["#SBATCH --time=1 hour", "#SBATCH --job-name=x"], { time: "1" }],
    ["a value that is missing", ["#SBATCH --time"], { time: "" }],
    ["nothing", ["#SBATCH"], {}],
    ["a space before the mark", [" #SBATCH --time=1"], {}],
    ["small letters", ["#sbatch --time=1"], {}],
    ["after the first command", ["cd /somewhere", "#SBATCH --time=1"], {}],
    ["after an empty and a blank line", ["", "  ", "#SBATCH --time=1"], { time: "1" }],
  ])("%s", (_name, lines, expected) => {
    expect(optionsOf(head(...lines))).toEqual(expected);
  });
});

describe("the interpreter", () => {
  test.each([
    ["#!/bin/bash", { path: "/bin/bash" }, true],
    ["#!/bin/bash -l", { path: "/bin/bash", argument: "-l" }, true],
    ["#! /bin/sh  -e -u ", { path: "/bin/sh", argument: "-e -u" }, true],
    ["#!/usr/bin/env bash", { path: "/usr/bin/env", argument: "bash" }, true],
    ["#!/usr/bin/env -S bash -l", { path: "/usr/bin/env", argument: "-S bash -l" }, true],
    ["#!/usr/bin/env -S FOO=1 zsh", { path: "/usr/bin/env", argument: "-S FOO=1 zsh" }, true],
    ["#!/bin/busybox sh", { path: "/bin/busybox", argument: "sh" }, true],
    ["#!/opt/ksh93/bin/ksh", { path: "/opt/ksh93/bin/ksh" }, true],
    ["#!/usr/bin/env python3", { path: "/usr/bin/env", argument: "python3" }, false],
    ["#!/usr/bin/python3 -u", { path: "/usr/bin/python3", argument: "-u" }, false],
    ["#!/bin/csh -f", { path: "/bin/csh", argument: "-f" }, false],
    ["#!/bin/tcsh", { path: "/bin/tcsh" }, false],
    ["#!/usr/bin/fish", { path: "/usr/bin/fish" }, false],
    ["#!/usr/bin/env", { path: "/usr/bin/env" }, false],
  ])("of %s", (line, interpreter, isShell) => {
    expect(parseSbatchScript(`${line}\necho\n`)).toMatchObject({ interpreter, isShell, headLines: 1 });
  });
});

describe("a script that sbatch refuses", () => {
  test.each([
    ["an empty file", "", /^Batch script is empty!$/u],
    ["no #! line", "echo\n", /does not look like a batch script/u],
    ["a #! line that is not the first", "\n#!/bin/sh\n", /does not look like a batch script/u],
    ["a byte order mark before it", "\uFEFF#!/bin/sh\n", /does not look like a batch script/u],
    ["DOS line breaks", "#!/bin/sh\r\n#SBATCH -J x\r\necho\r\n", /DOS line breaks/u],
    ["one DOS line break somewhere", "#!/bin/sh\necho\r\n", /DOS line breaks/u],
    ["a NUL character", "#!/bin/sh\n\0", /NUL/u],
    ["a quote that is not closed", head("#SBATCH --job-name=\"x"), /^Unmatched quote in line 2$/u],
  ])("has a fault: %s", (_name, text, fault) => {
    expect(parseSbatchScript(text).fault).toMatch(fault);
  });

  test.each([
    ["a usual one", head("#SBATCH -J x")],
    ["one without directives", "#!/bin/sh\necho\n"],
    ["one without a last line break", "#!/bin/sh"],
    ["one of comments only", "#!/bin/sh\n# nothing\n"],
  ])("is not %s", (_name, text) => {
    expect(parseSbatchScript(text).fault).toBeUndefined();
  });

  test("still shows its directives, so that a message can name the job", () => {
    expect(optionsOf("#!/bin/sh\r\n#SBATCH -J x\r\n")).toEqual({ "job-name": "x" });
  });
});

const recorded = join(import.meta.dirname, "../../../shared/data/torchtune-real");

describe.skipIf(!existsSync(recorded))("the recorded experiments' scripts", () => {
  const scripts = existsSync(recorded) ? readdirSync(recorded, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".slurm")) : [];

  test.each(scripts)("%s", (path) => {
    const script = parseSbatchScript(readFileSync(join(recorded, path), "utf8"));
    expect(script).toMatchObject({ isShell: true, interpreter: { path: "/bin/bash" }, headLines: 12 });
    expect(script.fault).toBeUndefined();
    expect([...script.options.keys()].slice(0, 2)).toEqual(["job-name", "nodes"]);
    expect(script.options.get("output")).toMatch(/^\/.*slurm-%j\.out$/u);
    expect(script.options.get("gres")).toBe("gpu:1");
  });
});
