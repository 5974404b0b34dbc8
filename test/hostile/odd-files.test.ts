import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { fast, type Nightshift, openWorkplace, textOf } from "../support/workplace.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";

const place = openWorkplace();
const at = (experiment: string, name = ""): string => join(place.root, experiment, name);

type Kind = "pipe" | "folder" | "empty file";

/** Something that is no file where a file belongs, and what is said of it; nothing where all is done all the same. */
type Case = readonly [kind: Kind, name: string, says?: RegExp];
type Row = readonly [kind: Kind, name: string, one: Case];

const held = /held, .*\(ENOTDIR, in /u;
const cases: readonly Case[] = [
  ["pipe", "experiment_summary.yaml", /the summary is not a file/u],
  ["pipe", "nightshift.yaml", /the settings' file is not a file/u],
  ["pipe", "eval_jobs.json", /cannot be read: a folder, a pipe or a device, not a file/u],
  ["pipe", "summary.md"],
  ["pipe", "run-experiment.log"],
  ["pipe", "logs"],
  ["pipe", "logs/run-inspect.log"],
  ["pipe", "logs/run-torchtune.state.json", /run-torchtune\.state\.json: this is not a file/u],
  ["pipe", "run/finetune.slurm", /finetune\.slurm: this is not a file/u],
  ["pipe", "run/finetune.yaml", /finetune\.yaml: this is not a file/u],
  ["pipe", "run/notes.txt"],
  ["pipe", ".nightshift", held],
  ["pipe", ".nightshift/lease", held],
  ["pipe", ".nightshift/owner.json"],
  ["pipe", ".nightshift/told.json"],
  ["pipe", ".nightshift/requests/1.json"],
  ["pipe", ".git"],
  ["pipe", ".git/HEAD"],
  ["folder", "nightshift.yaml", /the settings' file is not a file/u],
  ["folder", "eval_jobs.json", /cannot be read: a folder, a pipe or a device, not a file/u],
  ["folder", "summary.md"],
  ["folder", "run-torchtune.log"],
  ["folder", "run/finetune.slurm", /waits for scaffolding/u],
  ["folder", ".nightshift/requests/1.json"],
  ["empty file", "experiment_summary.yaml", /the file is empty/u],
  ["empty file", "eval_jobs.json", /eval_jobs\.json:1:1: .*The file stays as it is/u],
  ["empty file", "nightshift.yaml"],
  ["empty file", "logs"],
  ["empty file", "run/finetune.slurm", /sbatch would refuse this script .*Batch script is empty!/u],
  ["empty file", "run/finetune.yaml"],
  ["empty file", ".nightshift", held],
  ["empty file", ".nightshift/requests/1.json"],
];

const nameOf = ([kind, name]: Case): string => `${kind} ${name.replaceAll("/", " ")}`;

function put(kind: Kind, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  if (kind === "pipe") execFileSync("mkfifo", [path]);
  else if (kind === "folder") mkdirSync(path);
  else writeFileSync(path, "");
}

describe("where a file belongs, a pipe, a folder and an empty file", () => {
  let watch: Nightshift;

  beforeAll(async () => {
    for (const one of cases) {
      const made = join(place.folder, "made", nameOf(one));
      writeHostileExperiment(made, { runs: ["run"] });
      put(one[0], join(made, one[1]));
    }
    watch = place.start(["watch", place.root, ...fast], { env: { LEDGER: place.ledger } });
    await watch.says("No experiment is here yet");
    for (const one of cases) renameSync(join(place.folder, "made", nameOf(one)), at(nameOf(one)));
    for (const one of cases) await eventually(() => (one[2] === undefined ? isFinished(one) : saidOf(one).some((line) => one[2]?.test(line))), `the end of "${nameOf(one)}"`, 60_000);
  }, 120_000);

  const isFinished = (one: Case): boolean => textOf(at(nameOf(one), "eval_jobs.json")).includes('"state": "finished"');
  const saidOf = (one: Case): readonly string[] => watch.said().split("\n").filter((line) => line.startsWith(`${at(nameOf(one))}: `));
  const ran = (one: Case): number => textOf(place.ledger).split("\0").filter((folder) => folder.startsWith(`${at(nameOf(one))}/`)).length;

  test.each(cases.filter(([, , says]) => says === undefined).map((one): Row => [one[0], one[1], one]))("are no obstacle: %s %s", (_kind, _name, one) => {
    expect(ran(one)).toBe(2);
    expect(saidOf(one)).toEqual([]);
  });
  test.each(cases.filter(([, , says]) => says !== undefined).map((one): Row => [one[0], one[1], one]))("are told once, and nothing runs: %s %s", (_kind, _name, one) => {
    expect(ran(one)).toBe(0);
    expect(saidOf(one)).toHaveLength(1);
  });
  test("a watcher that has met all of them still ends at once", async () => {
    watch.signal("SIGINT");
    expect(await watch.ended).toMatchObject({ code: 0, err: "" });
  });
});

describe("in the place of what jobs leave", () => {
  const experiment = join(place.folder, "left");
  const results = ["run/slurm-1.out", "run/artifacts/slurm-2.out", "run/artifacts/epoch_1/adapter_model.safetensors", "run/eval/cap_epoch0/logs/x.eval", "run/eval/cap_epoch0/logs/2026-11-21T10-00-00-00-00_x.json"];

  test.each<Kind>(["pipe", "folder", "empty file"])("a %s is looked at, and neither waited for nor taken for a result", async (kind) => {
    writeHostileExperiment(experiment, { runs: ["run"] });
    for (const name of results) put(kind, join(experiment, name));
    const { code, out, err } = await place.nightshift(["status", experiment, "--json"]);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ experiments: [{ status: "held", runs: [{ status: "WAITING" }], evaluations: [{ status: "WAITING" }] }] });
  });
});

test("a folder nested deeper than any path can say does not keep the rest from being seen", async () => {
  const experiment = join(place.folder, "deep");
  writeHostileExperiment(experiment, { runs: ["run"] });
  execFileSync(process.execPath, ["-e", 'for (let depth = 0; depth < 23; depth += 1) { fs.mkdirSync("d".repeat(200)); process.chdir("d".repeat(200)); }'], { cwd: join(experiment, "run") });
  const { code, out } = await place.nightshift(["run", experiment, ...fast], { env: { LEDGER: place.ledger } });
  execFileSync("rm", ["-rf", join(experiment, "run")]);
  expect([code, out.includes("1/1 trainings and 1/1 evaluations completed")]).toEqual([0, true]);
});
