import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { deliversEvents } from "../../src/watch/file-system.ts";
import { readFingerprint } from "../../src/watch/fingerprint.ts";
import { createWatcher, type Watcher } from "../../src/watch/watch.ts";
import { eventually } from "../support/eventually.ts";

let root = "";
let watcher: Watcher | undefined;
beforeEach(() => { root = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-watch-"))); });
afterEach(async () => {
  await watcher?.stop();
  watcher = undefined;
  rmSync(root, { recursive: true, force: true });
});

test("a folder that does not answer for a while ends nothing: it is said once, nothing counts as gone, other folders go on", async () => {
  const other = mkdtempSync(join(tmpdir(), "nightshift-other-"));
  const looks: string[] = [];
  const gone: string[] = [];
  const notes: string[] = [];
  let failures = 0;
  let isSilent = false;
  anExperiment("there");
  watcher = createWatcher({
    roots: [root, other], pollMs: 20,
    findExperiments: async (folder) => {
      if (folder !== root || !isSilent) return experimentsIn(folder);
      failures += 1;
      throw Object.assign(new Error("EIO: i/o error, scandir"), { code: "EIO" });
    },
    onLook: (folder) => looks.push(folder), onGone: (folder) => gone.push(folder), onNote: (text) => notes.push(text),
  });
  await watcher.start();
  isSilent = true;
  await eventually(() => failures > 2, "three scans that failed");
  mkdirSync(join(other, "new"));
  writeFileSync(join(other, "new", "experiment_summary.yaml"), "experiment: {}\n");
  await eventually(() => looks.includes(join(other, "new")), "a look into the other folder");
  expect(gone).toEqual([]);
  expect(notes.filter((text) => text.includes("cannot be scanned (EIO"))).toHaveLength(1);
  isSilent = false;
  const before = looks.length;
  appendFileSync(join(root, "there", "experiment_summary.yaml"), "# changed meanwhile\n");
  await eventually(() => looks.slice(before).includes(join(root, "there")), "a look once it answers again");
  rmSync(other, { recursive: true });
});

describe("an experiment is looked at", () => {
  // The same wishes with the kernel's events (scans an hour apart) and without (scans alone).
  describe.each([["by events", 3_600_000], ["by scans", 40]])("%s", (_how, pollMs) => {
    test("when it is there at the start, when it is moved in, when it changes, and when it goes", async () => {
      const looks: string[] = [];
      const gone: string[] = [];
      anExperiment("there");
      watcher = createWatcher({
        roots: [root], pollMs, findExperiments: async (folder) => experimentsIn(folder),
        onLook: (folder) => looks.push(folder), onGone: (folder) => gone.push(folder), onNote: () => {},
      });
      await watcher.start();
      expect(looks).toEqual([join(root, "there")]);

      const elsewhere = mkdtempSync(join(tmpdir(), "nightshift-elsewhere-"));
      mkdirSync(join(elsewhere, "moved"));
      writeFileSync(join(elsewhere, "moved", "experiment_summary.yaml"), "experiment: {}\n");
      renameSync(join(elsewhere, "moved"), join(root, "moved"));
      rmSync(elsewhere, { recursive: true });
      await eventually(() => looks.includes(join(root, "moved")), "a look at the folder that was moved in");

      const before = looks.length;
      appendFileSync(join(root, "there", "experiment_summary.yaml"), "# mended\n");
      await eventually(() => looks.slice(before).includes(join(root, "there")), "a look at the summary that was edited");

      // Removals right after a folder came are what chokidar 5 misses now and then: the scan is the mechanism.
      if (pollMs > 1000) return;
      rmSync(join(root, "moved"), { recursive: true });
      await eventually(() => gone.includes(join(root, "moved")), "word of the folder that went");
    });

    test("when it is created file by file, deep inside, while it is followed", async () => {
      const looks: string[] = [];
      watcher = createWatcher({
        roots: [root], pollMs, findExperiments: async (folder) => experimentsIn(folder),
        onLook: (folder) => { looks.push(folder); watcher?.follow(folder, true); }, onGone: () => {}, onNote: () => {},
      });
      await watcher.start();
      anExperiment("cap");
      await eventually(() => looks.length > 0, "a look at the new folder");
      const before = looks.length;
      mkdirSync(join(root, "cap", "rank8", "artifacts"), { recursive: true });
      writeFileSync(join(root, "cap", "rank8", "artifacts", "slurm-1.out"), "1|1|Loss: 0.5");
      await eventually(() => looks.length > before, "a look at the output that began");
    });
  });
});

test("what listens never keeps the process alive, whatever was begun while it was stopped", async () => {
  const looks: string[] = [];
  anExperiment("cap");
  watcher = createWatcher({ roots: [root], pollMs: 3_600_000, findExperiments: async (folder) => experimentsIn(folder), onLook: (folder) => looks.push(folder), onGone: () => {}, onNote: () => {} });
  await watcher.start();
  watcher.follow(join(root, "cap"), true);
  appendFileSync(join(root, "cap", "experiment_summary.yaml"), "# heard\n");
  await eventually(() => looks.length > 1, "word of a change");
  await watcher.stop();
  watcher.follow(join(root, "cap"), true);
  expect(process.getActiveResourcesInfo()).not.toContain("FSEventWrap");
});

describe("a fingerprint", () => {
  test("is the same while nothing happens, and another one after anything did", async () => {
    const cap = anExperiment("cap");
    const seen = new Set<string | undefined>();
    const note = async (): Promise<void> => { seen.add(await readFingerprint(cap)); };
    await note();
    await note();
    expect(seen.size).toBe(1);
    mkdirSync(join(cap, "rank8"));
    await note();
    writeFileSync(join(cap, "rank8", "finetune.slurm"), "#!/bin/sh\n");
    await note();
    renameSync(join(cap, "rank8"), join(cap, "rank4"));
    await note();
    expect(seen.size).toBe(4);
  });

  test("does not notice our own private folder, but notices a request in it", async () => {
    const cap = anExperiment("cap");
    const before = await readFingerprint(cap);
    mkdirSync(join(cap, ".nightshift", "jobs", "k"), { recursive: true });
    const withJobs = await readFingerprint(cap);
    writeFileSync(join(cap, ".nightshift", "jobs", "k", "claim"), "1\n");
    expect(await readFingerprint(cap)).toBe(withJobs);
    expect(withJobs).not.toBe(undefined);
    mkdirSync(join(cap, ".nightshift", "requests"));
    writeFileSync(join(cap, ".nightshift", "requests", "1.json"), "{}");
    expect(await readFingerprint(cap)).not.toBe(before);
  });

  test("of a folder that is gone is none", async () => expect(await readFingerprint(join(root, "gone"))).toBeUndefined());
});

test("the kernel announces changes on this machine's own file system, and nothing is claimed for one that is not there", () => {
  expect(deliversEvents("/proc")).toBe(false);
  expect(deliversEvents(join(root, "gone"))).toBe(false);
});

function anExperiment(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "experiment_summary.yaml"), "experiment: {}\n");
  return folder;
}

function experimentsIn(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name)).filter((path) => {
    try {
      return statSync(join(path, "experiment_summary.yaml")).isFile();
    } catch {
      return false;
    }
  });
}
