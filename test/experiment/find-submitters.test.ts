import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { findSubmitters } from "../../src/experiment/find-submitters.ts";
import { eventually } from "../support/eventually.ts";
import { tempTree } from "./temp-tree.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

describe.skipIf(!existsSync("/proc/self/cmdline"))("a submitter that runs", () => {
  test("is found with its process, by whatever way it names the experiment, and not once it has ended", async () => {
    const folder = tempTree({ [`cwd/${module}`]: ': > "begun-$$"\nwhile :; do sleep 0.2; done\n', "cap/": "", "other/": "" });
    symlinkSync(join(folder, "cap"), join(folder, "link"));
    const children = [join(folder, "cap"), "../cap", join(folder, "link"), `--experiment=${folder}/cap/`, join(folder, "other")].map((word) => submitter(folder, word));
    await eventually(() => readdirSync(join(folder, "cwd")).filter((name) => name.startsWith("begun")).length === children.length, "the begin of the submitters");
    expect(pidsOf(join(folder, "cap"))).toEqual(inOrder(children.slice(0, 4).map(({ pid = 0 }) => pid)));
    expect(findSubmitters(join(folder, "other"))).toEqual([{ program: "submit_torchtune", host: hostname(), pid: children[4]?.pid, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000[+-]\d\d:\d\d$/u) as string }]);
    const since = Date.parse(findSubmitters(join(folder, "other"))[0]?.since ?? "");
    // To the second, and the clock may have been set since this machine was started.
    expect(Math.abs(Date.now() - since)).toBeLessThan(120_000);
    for (const child of children) child.kill("SIGKILL");
    await eventually(() => pidsOf(join(folder, "cap")).length === 0, "the end of the submitters");
  });
});

function pidsOf(folder: string): readonly number[] {
  return inOrder(findSubmitters(folder).map(({ pid }) => pid));
}

function inOrder(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b);
}

const module = "cruijff_kit.tools.run.submit_torchtune";

/** A shell that waits and looks like python: `-m` is an option of both, and the module is the script it runs. */
function submitter(folder: string, word: string): ChildProcess {
  const child = spawn("/bin/sh", ["-m", module, word], { argv0: "python3", cwd: join(folder, "cwd"), stdio: "ignore" });
  started.push(child);
  return child;
}
