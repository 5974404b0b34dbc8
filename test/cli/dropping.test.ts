import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { scriptsOf, workByHand } from "../support/by-hand.ts";
import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, type Nightshift, openWorkplace, textOf } from "../support/workplace.ts";

// Far longer than the pauses between files, however late a busy machine wakes who waits.
const settleMs = 2000;

/** One `nightshift watch` for all: it starts on an empty folder, and every test drops something into it. */
describe("dropped into a folder that is being watched", () => {
  const place = openWorkplace();
  const at = (name: string): string => join(place.root, name);
  const beside = (name: string): string => join(place.folder, name);
  let watch: Nightshift;

  beforeAll(async () => {
    watch = place.start(["watch", place.root, ...fast, "--settle", `${settleMs}ms`]);
    await watch.says("No experiment is here yet");
  });

  beforeEach(() => writeFileSync(place.ledger, ""));

  afterAll(async () => {
    watch.signal("SIGTERM");
    await watch.ended;
  });

  test("file by file: nothing is submitted before it is complete and has settled", async () => {
    writeSmallExperiment(beside("replayed"), { ledger: place.ledger, isMovable: true });
    const files = filesOf(beside("replayed"));
    const [last, others] = ["rank8/finetune.slurm", files.filter((file) => file !== "rank8/finetune.slurm")];
    const drop = (file: string): void => {
      mkdirSync(dirname(join(at("replayed"), file)), { recursive: true });
      cpSync(join(beside("replayed"), file), join(at("replayed"), file));
      expect([file, place.units(), existsSync(join(at("replayed"), "eval_jobs.json"))]).toEqual([file, [], false]);
    };
    // The rhythm is the input: what scaffolds writes a file every so often.
    for (const file of others.slice(0, -2)) { drop(file); await pause(settleMs / 20); }
    // A pause of any length is no end while a training script is missing.
    await watch.says(`${at("replayed")}: waits for scaffolding: no training script for rank8`);
    await eventually(() => ageMs(at("replayed")) > 1.5 * settleMs, "a pause");
    for (const file of [last, ...others.slice(-2)]) { drop(file); await pause(settleMs / 20); }
    await watch.says("replayed: finished: 2/2 trainings and 5/5 evaluations completed");
    expect(place.units()).toEqual(unitsOf({}));
    const { started_at: startedAt } = JSON.parse(textOf(join(at("replayed"), "eval_jobs.json"))) as { started_at: string };
    expect(Date.parse(startedAt) - newestDesignMs(at("replayed"), files)).toBeGreaterThanOrEqual(settleMs);
  });

  test("moved in whole, into a folder of its month", async () => {
    mkdirSync(at("november"));
    writeSmallExperiment(beside("moved"), { ledger: place.ledger, isMovable: true });
    renameSync(beside("moved"), join(at("november"), "moved"));
    await watch.says("moved: finished: 2/2 trainings and 5/5 evaluations completed");
    expect(place.units()).toEqual(unitsOf({}));
  });

  test("copied, and with a mistake in its summary that is mended later", async () => {
    writeSmallExperiment(beside("mended"), { runs: ["rank4"], epochs: 1, ledger: place.ledger, isMovable: true });
    const summary = textOf(join(beside("mended"), "experiment_summary.yaml"));
    writeFileSync(join(beside("mended"), "experiment_summary.yaml"), summary.replace("epochs: [0]", "epochs: zero"));
    cpSync(beside("mended"), at("mended"), { recursive: true });
    await watch.says(new RegExp(`^${at("mended")}: invalid, experiment_summary\\.yaml:14:\\d+: .*zero`, "mu"));
    expect([place.units(), existsSync(join(at("mended"), ".nightshift"))]).toEqual([[], false]);
    writeFileSync(join(at("mended"), "experiment_summary.yaml"), summary);
    await watch.says("mended: finished: 1/1 trainings and 2/2 evaluations completed");
    expect(place.units()).toEqual(unitsOf({ runs: ["rank4"], epochs: 1 }));
  });

  describe("what shows work that it has no record of is held, and nothing is written into it", () => {
    const original = at("november/moved");

    test.each<[string, (folder: string) => void, RegExp]>([
      ["a copy of a finished experiment", (folder) => cpSync(original, folder, { recursive: true }), /its state belongs to .*november\/moved \(this is a copy\)/u],
      ["a copy without its state", (folder) => {
        cpSync(original, folder, { recursive: true, filter: (path) => !/\/(?:eval_jobs\.json|\.nightshift)$/u.test(path) });
      }, /it shows work that is not in its state/u],
      ["work of last week", (folder) => {
        writeSmallExperiment(beside("old"), { ledger: place.ledger, isMovable: true });
        workByHand(beside("old"), scriptsOf(beside("old")).slice(0, 1));
        writeFileSync(place.ledger, "");
        renameSync(beside("old"), folder);
      }, /it shows work that is not in its state: rank4\/artifacts/u],
      ["a copy of an experiment whose scripts name the folder of their model", (folder) => {
        writeSmallExperiment(beside("absolute"), { ledger: place.ledger });
        cpSync(beside("absolute"), folder, { recursive: true });
      }, /finetune\.slurm:\d+:\d+: this would work in another folder than the experiment's own/u],
    ])("%s", async (name, drop, reason) => {
      const folder = at(name);
      drop(folder);
      const before = listing(folder);
      await watch.says(new RegExp(`^${folder}: (?:held|invalid), .*${reason.source}`, "mu"));
      // Whatever else was to happen to it would have: another scan has found another experiment gone by then.
      renameSync(folder, beside(`was ${name}`));
      await watch.says(`${folder}: is gone`);
      expect(listing(beside(`was ${name}`))).toEqual(before);
      expect(place.units()).toEqual([]);
      rmSync(beside(`was ${name}`), { recursive: true });
    });
  });
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile()).sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1));
}

function ageMs(folder: string): number {
  return Date.now() - newestDesignMs(folder, filesOf(folder));
}

function newestDesignMs(folder: string, files: readonly string[]): number {
  return Math.max(...files.map((file) => statSync(join(folder, file)).ctimeMs));
}
