import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { workByHand } from "../support/by-hand.ts";
import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { type SmallExperiment, unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, textOf } from "../support/workplace.ts";

const place = openWorkplace();
const at = (name: string): string => join(place.root, name);

describe("hold and release", () => {
  test("without a daemon: a held run is left out until it is released", async () => {
    anExperiment("choosy", { epochs: 1 });
    expect(await place.nightshift(["hold", join(at("choosy"), "rank8")])).toMatchObject({ code: 0, out: expect.stringMatching(/^rank8 of choosy is held: .* To let it go on: nightshift release .*\/choosy\/rank8$/mu) as string });
    expect(await place.nightshift(["run", at("choosy"), ...fast])).toMatchObject({ code: 1, out: expect.stringMatching(/^- rank8: HELD, held by \S+ on \S+$/mu) as string });
    expect(unitsOfJobs("choosy")).toEqual(["base/cap", "rank4", "rank4/cap/0"]);
    expect(await place.nightshift(["release", "choosy/rank8"], { cwd: place.root })).toMatchObject({ code: 0, out: expect.stringMatching(/^rank8 of choosy is released\. .*nightshift run .*\/choosy$/mu) as string });
    expect((await place.nightshift(["run", at("choosy"), ...fast])).code).toBe(0);
    expect(unitsOfJobs("choosy")).toEqual(unitsOf({ epochs: 1 }));
  });

  test("pieces of an earlier training are not written over before their run is released", async () => {
    anExperiment("pieces");
    workByHand(at("pieces"), ["rank4/finetune.slurm"]);
    rmSync(join(at("pieces"), "rank4/artifacts/epoch_1"), { recursive: true });
    writeFileSync(join(place.folder, "ledger of pieces"), "");
    const before = listing(join(at("pieces"), "rank4"));
    expect(await place.nightshift(["run", at("pieces"), ...fast])).toMatchObject({ code: 1, out: expect.stringMatching(/^- rank4: HELD, earlier work stands there \(checkpoints of epoch 0; slurm-101\.out\); training again would write over it$/mu) as string });
    expect(listing(join(at("pieces"), "rank4"))).toEqual(before);
    expect((await place.nightshift(["release", join(at("pieces"), "rank4")])).code).toBe(0);
    expect((await place.nightshift(["run", at("pieces"), ...fast])).code).toBe(0);
    expect(unitsOfJobs("pieces")).toEqual(unitsOf({}));
  });

  test("without a daemon: what an experiment is worked on with is chosen by who works on it, not by who released it", async () => {
    const [bin, alarm] = [join(place.folder, "bin"), join(place.folder, "sbatch-was-called")];
    mkdirSync(bin);
    writeFileSync(join(bin, "sbatch"), `#!/bin/sh\necho "$@" >> '${alarm}'\n`, { mode: 0o755 });
    const onCluster = { env: { PATH: `${bin}:${process.env["PATH"]}` } };
    anExperiment("settled", { runs: ["rank4"], epochs: 1 });
    // As after the half minute that it takes otherwise.
    writeFileSync(join(at("settled"), "nightshift.yaml"), "settle: 0s\n");
    expect(await place.nightshift(["release", at("settled")], onCluster)).toMatchObject({ code: 0, out: expect.stringContaining("settled is released.") as string });
    expect((await place.nightshift(["run", at("settled"), ...fast], onCluster)).code).toBe(0);
    expect(unitsOfJobs("settled")).toEqual(unitsOf({ runs: ["rank4"], epochs: 1 }));
    expect(existsSync(alarm)).toBe(false);
  });

  test("through the daemon that takes care of it: jobs go on, nothing new is submitted until it is released", async () => {
    const gate = join(place.folder, "another gate");
    const root = join(place.folder, "watched");
    mkdirSync(root);
    const watch = place.start(["watch", root, ...fast]);
    await watch.says("No experiment is here yet");
    const ledger = join(place.folder, "ledger of watched");
    writeSmallExperiment(join(root, "steered"), { runs: ["rank4"], epochs: 1, ledger, isMovable: true, before: { rank4: place.waitFor(gate) } });
    await watch.says(/base\/cap: \w+ -> COMPLETED/u);
    expect(await place.nightshift(["hold", join(root, "steered")])).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^Done, by \`nightshift watch ${root}\` of \\S+ on \\S+ \\(pid ${watch.pid}, since .*\\)\\.$`, "mu")) as string });
    writeFileSync(gate, "");
    await watch.says(/rank4: \w+ -> COMPLETED/u);
    await eventually(() => /"rank4": \{[^}]*"status": "COMPLETED"/u.test(textOf(join(root, "steered", "eval_jobs.json"))), "the training's end in the state");
    expect(textOf(ledger)).not.toContain("rank4/cap/0");
    expect(await place.nightshift(["release", join(root, "steered")])).toMatchObject({ code: 0, out: expect.stringContaining("Done, by") as string });
    await watch.says("steered: finished: 1/1 trainings and 2/2 evaluations completed");
    watch.signal("SIGTERM");
    expect((await watch.ended).code).toBe(0);
  });
});

describe("cancel and retry", () => {
  test("without a daemon: jobs end, nothing more is submitted, and what was cancelled is done again when a person says so", async () => {
    anExperiment("regretted", { runs: ["rank4"], before: { rank4: "[ -e again ] || { touch again; sleep 600; }" } });
    const run = place.start(["run", at("regretted"), ...fast]);
    await run.says(/rank4: \w+ -> RUNNING/u);
    run.signal("SIGTERM");
    await run.ended;
    expect(await place.nightshift(["cancel", at("regretted")])).toMatchObject({ code: 0, out: expect.stringMatching(/^regretted is (?:being )?cancelled/u) as string });
    expect(await place.nightshift(["run", at("regretted"), ...fast])).toMatchObject({ code: 1 });
    expect(stateOf("regretted").runs["rank4"]).toMatchObject({ state: "cancelled", attempts: [{ cancelled_by: expect.stringMatching(/^\S+ on \S+$/u) as string, job_state: "CANCELLED" }] });
    expect(unitsOfJobs("regretted")).toEqual(["base/cap", "rank4"]);

    expect(await place.nightshift(["retry", at("regretted")])).toMatchObject({ code: 0, out: expect.stringMatching(/^regretted is done again: rank4, rank4\/cap\/epoch0, rank4\/cap\/epoch1\. .*nightshift run/u) as string });
    expect((await place.nightshift(["run", at("regretted"), ...fast])).code).toBe(0);
    expect(unitsOfJobs("regretted")).toEqual([...unitsOf({ runs: ["rank4"] }), "rank4"].sort());
    expect(stateOf("regretted").runs["rank4"]?.attempts.map((attempt) => attempt["asked_by"])).toEqual([undefined, expect.stringMatching(/^\S+ on \S+$/u) as string]);
  });

  test("through the daemon that takes care of it: one evaluation is cancelled, then done again, also though it succeeded", async () => {
    const root = join(place.folder, "steered evaluations");
    mkdirSync(root);
    const ledger = join(place.folder, "ledger of one evaluation");
    const watch = place.start(["watch", root, ...fast]);
    await watch.says("No experiment is here yet");
    writeSmallExperiment(join(root, "one"), { runs: ["rank4"], epochs: 1, ledger, isMovable: true, before: { "base/cap": `[ -e '${place.folder}/again' ] || { touch '${place.folder}/again'; sleep 600; }` } });
    await watch.says(/base\/cap: \w+ -> RUNNING/u);
    expect(await place.nightshift(["cancel", join(root, "one/base/cap")])).toMatchObject({ code: 0, out: expect.stringMatching(/^base\/cap of one is (?:being cancelled: base\/cap|cancelled: nothing of it is in the queue).*\nDone, by `nightshift watch/u) as string });
    await watch.says(/base\/cap: RUNNING -> CANCELLED/u);
    for (const times of [2, 3]) {
      expect(await place.nightshift(["retry", join(root, "one/base/cap")])).toMatchObject({ code: 0, out: expect.stringMatching(/^base\/cap of one is done again: base\/cap\./u) as string });
      await eventually(() => textOf(ledger).split("base/cap").length === times + 1 && textOf(join(root, "one/eval_jobs.json")).includes('"state": "finished"'), `evaluation number ${times}`);
    }
    watch.signal("SIGTERM");
    expect((await watch.ended).code).toBe(0);
    expect(textOf(ledger).split("\n").filter((line) => line.startsWith("rank4"))).toHaveLength(2);
  });

  test.each([
    ["one/rank4/cup", /rank4 is not evaluated on cup; its tasks are cap/u],
    ["one/rank4/cap/7", /rank4\/cap has no epoch 7; its epochs are 0/u],
    ["one/rank4/cap/last", /expected an epoch, 0-based as on disk \(.*one\/rank4\/cap\/0\), found last/u],
  ])("%s is no unit, and nothing is cancelled", async (target, message) => {
    expect(await place.nightshift(["cancel", join(place.folder, "steered evaluations", target)])).toMatchObject({ code: 2, out: "", err: expect.stringMatching(message) as string });
  });
});

function anExperiment(name: string, shape: Partial<SmallExperiment> = {}): void {
  writeSmallExperiment(at(name), { ledger: join(place.folder, `ledger of ${name}`), isMovable: true, ...shape });
}

function unitsOfJobs(name: string): readonly string[] {
  return textOf(join(place.folder, `ledger of ${name}`)).split("\n").filter((line) => line !== "").map((line) => line.replace(/ \d+$/u, "")).sort();
}

interface StoredUnit {
  readonly state: string;
  readonly attempts: readonly Readonly<Record<string, unknown>>[];
}

function stateOf(name: string): { readonly runs: Readonly<Record<string, StoredUnit>> } {
  return JSON.parse(textOf(join(at(name), "eval_jobs.json"))) as { runs: Record<string, StoredUnit> };
}
