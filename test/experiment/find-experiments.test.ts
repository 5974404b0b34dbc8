import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { findExperiments } from "../../src/experiment/find-experiments.ts";
import { tempTree } from "./temp-tree.ts";

const summary = "experiment_summary.yaml";

describe("experiments in a folder", () => {
  test("are found at several depths, sorted, and not inside each other", async () => {
    const root = tempTree({
      [`b/${summary}`]: "", [`a/project/cap/${summary}`]: "", [`b/inner/${summary}`]: "", "c/words.json": "", [`a/x/y/z/${summary}`]: "",
    });
    expect(await findExperiments(root)).toEqual([join(root, "a/project/cap"), join(root, "b")]);
    expect(await findExperiments(root, { depth: 1 })).toEqual([join(root, "b")]);
  });

  test.each([[`.hidden/${summary}`], [`node_modules/${summary}`], [`${summary}/x/file`], ["cap/experiment_summary.md"], ["empty/"]])("are not in %s", async (path) => {
    expect(await findExperiments(tempTree({ [path]: "" }))).toEqual([]);
  });

  test("may be the folder itself", async () => {
    const root = tempTree({ [summary]: "", [`inner/${summary}`]: "" });
    expect(await findExperiments(root)).toEqual([root]);
  });

  test("are not looked for behind links", async () => {
    const root = tempTree({ [`a/${summary}`]: "" });
    symlinkSync(join(root, "a"), join(root, "b"));
    symlinkSync(root, join(root, "up"));
    expect(await findExperiments(root)).toEqual([join(root, "a")]);
  });

  test("are none where there is no folder", async () => {
    expect(await findExperiments(join(tempTree(), "gone"))).toEqual([]);
  });
});
