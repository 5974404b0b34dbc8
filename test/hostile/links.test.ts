import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { fast, type Nightshift, openWorkplace, textOf } from "../support/workplace.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";

const place = openWorkplace();
const elsewhere = join(place.folder, "elsewhere");
const there = (name: string): string => join(elsewhere, name);
const at = (experiment: string, name = ""): string => join(place.root, experiment, name);

/** An experiment with something that leads out of it. What it leads to must stay as it is. */
interface Case {
  readonly name: string;
  /** Puts it there. */
  readonly put: (experiment: string) => void;
  /** What is said of it; absent where it is worked through all the same. */
  readonly says?: RegExp;
}

const link = (name: string, target: string): Case["put"] => (experiment) => {
  mkdirSync(join(experiment, name, ".."), { recursive: true });
  rmSync(join(experiment, name), { recursive: true, force: true });
  symlinkSync(target, join(experiment, name));
};
const moved = (name: string): Case["put"] => (experiment) => {
  renameSync(join(experiment, name), there(`moved of ${experiment.split("/").at(-1)}`));
  symlinkSync(there(`moved of ${experiment.split("/").at(-1)}`), join(experiment, name));
};

const isOwnFile = (file: string, experiment: string): boolean => existsSync(file) && realpathSync(file) === file && file.startsWith(experiment);

const cases: readonly Case[] = [
  { name: "log", put: link("run-experiment.log", there("file")) },
  { name: "log of nothing", put: link("run-inspect.log", there("nothing")) },
  { name: "logs", put: link("logs", there("folder")) },
  { name: "log in logs", put: (experiment) => { link("logs/run-torchtune.log", there("file"))(experiment); writeFileSync(join(experiment, "logs/other.log"), ""); } },
  { name: "state", put: link("eval_jobs.json", there("file")), says: /eval_jobs\.json:1:1: is not JSON/u },
  { name: "state of nothing", put: link("eval_jobs.json", there("nothing")) },
  { name: "summary of results", put: link("summary.md", there("file")) },
  { name: "device", put: link("summary.md", "/dev/zero") },
  { name: "private folder", put: link(".nightshift", there("folder")), says: /a symbolic link stands where a file or folder of the experiment's own belongs/u },
  { name: "private folder of nothing", put: link(".nightshift", there("nothing")), says: /a symbolic link stands/u },
  { name: "jobs", put: link(".nightshift/jobs", there("folder")), says: /a symbolic link stands/u },
  { name: "lease", put: link(".nightshift/lease", there("folder")), says: /a symbolic link stands/u },
  { name: "requests", put: link(".nightshift/requests", there("requests")), says: /a symbolic link stands/u },
  { name: "told", put: link(".nightshift/told.json", there("file")) },
  { name: "run", put: moved("run"), says: /run: this link leads out of the experiment/u },
  { name: "script", put: moved("run/finetune.slurm"), says: /run\/finetune\.slurm: this link leads out of the experiment/u },
  { name: "evaluations", put: moved("run/eval"), says: /run\/eval: this link leads out of the experiment/u },
  { name: "script of an evaluation", put: moved("run/eval/cap_epoch0/cell.slurm"), says: /cell\.slurm: this link leads out of the experiment/u },
  { name: "script of nothing", put: link("run/finetune.slurm", there("nothing")), says: /run\/finetune\.slurm: this link leads nowhere/u },
  { name: "script that is somebody else's program", put: link("run/finetune.slurm", "/bin/true"), says: /run\/finetune\.slurm:1:1: sbatch would refuse this script/u },
  { name: "summary", put: moved("experiment_summary.yaml") },
  { name: "configuration", put: link("run/finetune.yaml", there("file")) },
];

describe("of an experiment with a link that leads out of it", () => {
  let before: Readonly<Record<string, string>>;
  let watch: Nightshift;

  beforeAll(async () => {
    for (const folder of ["folder", "requests"]) mkdirSync(there(folder), { recursive: true });
    writeFileSync(there("file"), "precious\n");
    writeFileSync(there("folder/other.log"), "precious\n");
    writeFileSync(there("requests/1.json"), JSON.stringify({ action: "release", by: "mallory", at: "2026-11-21T12:00:00Z" }));
    for (const { name, put } of cases) {
      writeHostileExperiment(join(place.folder, "made", name), { runs: ["run"] });
      put(join(place.folder, "made", name));
    }
    before = listing(elsewhere);
    watch = place.start(["watch", place.root, ...fast], { env: { LEDGER: place.ledger } });
    await watch.says("No experiment is here yet");
    for (const { name } of cases) renameSync(join(place.folder, "made", name), at(name));
    symlinkSync(there("moved of run"), at("an experiment that is a link"));
    for (const { name, says } of cases) await eventually(() => (says === undefined ? isFinished(name) : saidOf(name).some((line) => says.test(line))), `the end of "${name}"`, 60_000);
    watch.signal("SIGINT");
    await watch.ended;
  }, 120_000);

  const isFinished = (name: string): boolean => textOf(at(name, "eval_jobs.json")).includes('"state": "finished"');
  const saidOf = (name: string): readonly string[] => watch.said().split("\n").filter((line) => line.startsWith(`${at(name)}: `));
  const ran = (name: string): readonly string[] => textOf(place.ledger).split("\0").filter((folder) => folder.startsWith(`${at(name)}/`) || folder === at(name)).toSorted();

  test.each(cases.filter(({ says }) => says === undefined).map(({ name }) => [name]))("its %s: all is done, once, and written into its own folder", (name) => {
    expect(ran(name)).toEqual([at(name, "run"), at(name, "run/eval/cap_epoch0")]);
    expect(textOf(at(name, "summary.md"))).toContain("**Status:** 1/1 complete");
    const logs = ["run-experiment", "run-torchtune", "run-inspect", "summarize-experiment"].flatMap((log) => [at(name, `${log}.log`), at(name, `logs/${log}.log`)]);
    expect(logs.filter((log) => isOwnFile(log, at(name)))).toHaveLength(4);
  });
  test.each(cases.filter(({ says }) => says !== undefined).map(({ name }) => [name]))("its %s: nothing runs, and it is said once", (name) => {
    expect(ran(name)).toEqual([]);
    expect(saidOf(name)).toHaveLength(1);
  });
  test("what links led to is as it was", () => expect(listing(elsewhere)).toEqual(before));
  test("an experiment that is a link itself is passed over", () => expect(watch.said()).not.toContain("an experiment that is a link"));
  test("nothing else has appeared", () => expect(readdirSync(place.folder).toSorted()).toEqual(["elsewhere", "experiments", "ledger", "made", "state"]));
});
