import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { scriptsOf, workByHand } from "../support/by-hand.ts";
import { listing } from "../support/listing.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, hasTerminals, openWorkplace, textOf } from "../support/workplace.ts";

describe("a folder full of experiments, watched for the first time", () => {
  const place = openWorkplace();
  const at = (name: string): string => join(place.root, name);
  const alarm = join(place.folder, "sbatch-was-called");
  const bin = join(place.folder, "bin");
  const withSbatch = { env: { PATH: `${bin}:${process.env["PATH"]}` } };
  // Who takes care of nightshift's own experiment is on record in its private folder.
  const lease = /^ours\/\.nightshift(?:\/lease(?:\/.*)?)?$/u;

  beforeAll(async () => {
    mkdirSync(bin);
    writeFileSync(join(bin, "sbatch"), `#!/bin/sh\necho "$@" >> '${alarm}'\necho "Submitted batch job 4711"\n`);
    chmodSync(join(bin, "sbatch"), 0o755);
    for (const name of ["finished", "half", "never", "broken", "theirs", "ours"]) writeSmallExperiment(at(name), { ledger: place.ledger });
    for (const layout of ["current", "documents"]) cpSync(join(import.meta.dirname, "../../fixtures/experiments", layout), at(layout), { recursive: true });
    workByHand(at("finished"), scriptsOf(at("finished")));
    workByHand(at("half"), ["rank4/finetune.slurm"]);
    writeFileSync(join(at("theirs"), "eval_jobs.json"), '{"experiment": "theirs", "monitoring_started": "2025-10-24 00:30:28", "evaluations": {}}\n');
    appendFileSync(join(at("broken"), "experiment_summary.yaml"), "  - [\n");
    expect((await place.nightshift(["run", at("ours"), ...fast])).code).toBe(0);
    writeFileSync(place.ledger, "");
  });

  test.each([[["--dry-run"]], [[]], [["--dry-run", "--scheduler", "local"]], [["--scheduler", "local"]]])("watch %j, where there is a cluster, submits nothing and changes nothing", async (flags) => {
    const before = listing(place.root, lease);
    const jobs = place.localJobs();
    const watch = place.start(["watch", place.root, "--settle", "0ms", "--poll", "100ms", ...flags], withSbatch);
    await watch.says("ours: finished");
    if (!flags.includes("--dry-run")) watch.signal("SIGTERM");
    expect((await watch.ended).code).toBe(0);
    expect(listing(place.root, lease)).toEqual(before);
    expect([existsSync(alarm), place.localJobs(), place.units()]).toEqual([false, jobs, []]);
  });

  test("a dry run leaves no trace anywhere, so that the next watch is still the first", async () => {
    const home = join(place.folder, "another-home");
    const { code } = await place.nightshift(["watch", place.root, "--dry-run", ...fast], { env: { XDG_STATE_HOME: home } });
    expect([code, existsSync(home)]).toEqual([0, false]);
  });

  test("it says what it found and what it would do; what is released is worked through, the rest stays as it is", async () => {
    const others = /^(?:ours\/\.nightshift(?:\/lease(?:\/.*)?)?|never(?:\/.*)?)$/u;
    const before = listing(place.root, others);
    const watch = place.start(["watch", place.root, ...fast], withSbatch);
    await watch.says("nothing of it is submitted or changed until you release it");
    const found = watch.said();
    expect(found).toContain("8 experiments found.");
    expect(paragraph(found, "broken")).toMatch(/^broken: invalid .*\n +experiment_summary\.yaml:19:1: this is not YAML/u);
    expect(paragraph(found, "never")).toMatch(/^never: held, 0\/3 complete .*\n[^]*would submit, once released: 2 trainings \(rank4, rank8\), then 5 evaluations/u);
    expect(paragraph(found, "half")).toMatch(/^half: held, 0\/3 complete .*\n[^]*found: rank4\/artifacts\/epoch_0\/adapter_model\.safetensors[^]*would submit, once released: 1 training \(rank8\), then 5 evaluations/u);
    expect(paragraph(found, "finished")).toMatch(/^finished: held, 3\/3 complete .*\n[^]*2 COMPLETED; evaluations: 5 COMPLETED[^]*nothing is left to submit/u);
    expect(paragraph(found, "theirs")).toMatch(/^theirs: held.*\n +its eval_jobs\.json is another tool's/u);
    expect(paragraph(found, "ours")).toMatch(/^ours: finished, 3\/3 complete/u);
    expect(paragraph(found, "ranks_2026-11-01")).toMatch(/held[^]*2 trainings \(rank4_lr1e-5, rank8_lr1e-5\), then 6 evaluations/u);
    expect(paragraph(found, "cap_7L_2025-12-01")).toMatch(/held[^]*2 trainings \(rank8_lr1e-5, rank8_lr5e-5\), then 5 evaluations/u);
    expect((await place.nightshift(["release", at("never")])).code).toBe(0);
    await watch.says(/never: finished/u);
    watch.signal("SIGINT");
    expect((await watch.ended).code).toBe(0);
    expect(place.units()).toEqual(unitsOf({}));
    expect(textOf(join(at("never"), "summary.md"))).toContain("3/3 complete");
    expect(listing(place.root, others)).toEqual(before);
    expect(existsSync(alarm)).toBe(false);
  });
});

if (!hasTerminals) process.stderr.write("SKIPPED: there is no /usr/bin/script (util-linux), so nothing is tried on a terminal\n");

describe.skipIf(!hasTerminals)("on a terminal", () => {
  const place = openWorkplace();
  const [finished, never] = [join(place.root, "finished"), join(place.root, "never")];

  beforeAll(() => {
    for (const folder of [finished, never]) writeSmallExperiment(folder, { ledger: place.ledger });
    workByHand(finished, scriptsOf(finished));
    writeFileSync(place.ledger, "");
  });

  test("it asks whether to begin, and No leaves everything as it is", async () => {
    const before = listing(place.root);
    const watch = place.start(["watch", place.root, ...fast], { onTerminal: true });
    await watch.says("Begin the 1 never-started experiment (never)? [y/N]");
    watch.types("\n");
    await watch.says("Ctrl-C stops the watcher, not the jobs");
    watch.types("\u0003");
    await watch.says("Resume with: nightshift watch");
    expect((await watch.ended).code).toBe(0);
    expect(listing(place.root)).toEqual(before);
  });

  test("Yes begins what was never started and nothing else, and a table shows where everything stands", async () => {
    const before = listing(finished);
    const watch = place.start(["watch", place.root, ...fast], { onTerminal: true });
    await watch.says("[y/N]");
    watch.types("y\n");
    await watch.says("never: finished");
    await watch.says(/never {2}working {2}\d\/3 complete[^]*RUN +STATUS +EPOCH +RESULT[^]*rank4 [^]*never {2}finished {2}3\/3 complete/u);
    watch.types("\u0003");
    expect((await watch.ended).code).toBe(0);
    expect(place.units()).toEqual(unitsOf({}));
    expect(listing(finished)).toEqual(before);
  });
});

// What the survey says about one experiment: its line and those below it.
function paragraph(survey: string, name: string): string {
  return new RegExp(`^${name}: .*\\n(?: .*\\n)*`, "mu").exec(survey)?.[0] ?? "";
}
