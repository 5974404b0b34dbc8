import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { scriptsOf, workByHand } from "../support/by-hand.ts";
import { listing } from "../support/listing.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, textOf } from "../support/workplace.ts";

// A root as people have them: everything that stands there, stood there before the first `nightshift watch`.
const place = openWorkplace();
const at = (name: string): string => join(place.root, name);
const alarm = join(place.folder, "sbatch-was-called");
const bin = join(place.folder, "bin");
const withSbatch = { env: { PATH: `${bin}:${process.env["PATH"]}` } };
// Of the experiment that is nightshift's own, who takes care of it is on record in its private folder.
const lease = /^ours\/\.nightshift(?:\/lease(?:\/.*)?)?$/u;

beforeAll(async () => {
  mkdirSync(bin);
  writeFileSync(join(bin, "sbatch"), `#!/bin/sh\necho "$@" >> '${alarm}'\necho "Submitted batch job 4711"\n`);
  chmodSync(join(bin, "sbatch"), 0o755);
  for (const name of ["finished", "half", "never", "broken", "ours"]) writeSmallExperiment(at(name), { ledger: place.ledger });
  for (const layout of ["current", "documents"]) cpSync(join(import.meta.dirname, "../../fixtures/experiments", layout), at(layout), { recursive: true });
  workByHand(at("finished"), scriptsOf(at("finished")));
  workByHand(at("half"), ["rank4/finetune.slurm"]);
  appendFileSync(join(at("broken"), "experiment_summary.yaml"), "  - [\n");
  expect((await place.nightshift(["run", at("ours"), ...fast])).code).toBe(0);
  writeFileSync(place.ledger, "");
});

afterAll(() => place.clear());

describe("a folder full of experiments, watched for the first time", () => {
  test.each([["watch", []], ["watch", ["--dry-run"]]])("nothing is submitted and nothing changes: nightshift %s %j where there is a cluster", async (command, flags) => {
    const before = listing(place.root, lease);
    const jobs = place.localJobs();
    const watch = place.start([command, place.root, "--settle", "0ms", "--poll", "100ms", ...flags], withSbatch);
    await watch.says("ours: finished");
    watch.signal("SIGTERM");
    expect((await watch.ended).code).toBe(0);
    expect(listing(place.root, lease)).toEqual(before);
    expect(existsSync(alarm)).toBe(false);
    expect(place.localJobs()).toEqual(jobs);
    expect(place.units()).toEqual([]);
  });

  test("it says what it found and what it would do; what is released is worked through, the rest stays as it is", async () => {
    const before = listing(place.root, lease);
    const others = /^(?:ours\/\.nightshift(?:\/lease(?:\/.*)?)?|never(?:\/.*)?)$/u;
    const watch = place.start(["watch", place.root, ...fast], withSbatch);
    await watch.says("nightshift release");
    console.log(watch.said());
    expect((await place.nightshift(["release", at("never")])).code).toBe(0);
    await watch.says(/never: finished/u);
    watch.signal("SIGINT");
    expect((await watch.ended).code).toBe(0);
    console.log(watch.said());
    expect(place.units()).toEqual(unitsOf({}));
    expect(textOf(join(at("never"), "summary.md"))).toContain("3/3 complete");
    expect(listing(place.root, others)).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => !others.test(name))));
    expect(existsSync(alarm)).toBe(false);
  });
});
