import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, textOf } from "../support/workplace.ts";

// Eight experiments, each with its training done and one evaluation waiting in the queue. What git, cp, mv and backups do
// to each of them makes its state say something else than what has happened.
const place = openWorkplace();
const at = (name: string): string => join(place.root, name);
const clones = join(place.folder, "clones");
const elsewhere = join(place.folder, "state of another machine");
const alarm = join(place.folder, "a-scheduler-was-called");
const bin = join(place.folder, "bin");
const withCluster = { env: { PATH: `${bin}:${process.env["PATH"]}` } };
const [trainingGate, evaluationGate] = [join(place.folder, "trainings"), join(place.folder, "evaluations")];
const names = ["stashed", "checked-out", "cleaned", "template", "cloned", "restored", "renamed", "without-records"];
const options = [...fast.slice(0, -1), "20"];
// Who takes care of an experiment is on record in its private folder.
const lease = /(?:^|\/)\.nightshift(?:\/lease(?:\/.*)?)?$/u;
let jobsBefore: readonly string[] = [];

beforeAll(async () => {
  mkdirSync(bin);
  for (const program of ["sbatch", "srun", "salloc", "scancel", "squeue", "sacct", "scontrol", "sinfo"]) {
    writeFileSync(join(bin, program), `#!/bin/sh\necho "${program} $*" >> '${alarm}'\nexit 1\n`);
    chmodSync(join(bin, program), 0o755);
  }
  const watch = place.start(["watch", place.root, ...options]);
  await watch.says("No experiment is here yet");
  for (const name of names) {
    const staging = join(place.folder, "staging", name);
    writeSmallExperiment(staging, { runs: ["rank4"], epochs: 1, ledger: ledgerOf(name), isMovable: true, before: { rank4: place.waitFor(trainingGate), "rank4/cap/0": place.waitFor(evaluationGate) } });
    git(staging, "init", "-q");
    commit(staging);
    renameSync(staging, at(name));
  }
  for (const name of names) await watch.says(new RegExp(`${name}: base/cap: \\w+ -> COMPLETED`, "u"));
  // An older state in git: the training runs, and its evaluation is not submitted.
  for (const name of names) {
    await eventually(() => /"base_cap": \{[^}]*"status": "COMPLETED"/u.test(textOf(join(at(name), "eval_jobs.json"))), "the end of its control's evaluation in the state");
    if (name !== "cleaned") commit(at(name), "eval_jobs.json");
  }
  cpSync(at("restored"), join(place.folder, "backup"), { recursive: true });
  writeFileSync(trainingGate, "");
  for (const name of names) await watch.says(`${name}: rank4/cap/epoch0: submitted as job`);
  for (const name of names) await eventually(() => stateOf(name).includes('"state": "running"') && unitsIn(name).includes("rank4/cap/0"), "its evaluation at work");
  watch.signal("SIGKILL");
  await watch.ended;
  jobsBefore = place.localJobs();

  git(at("stashed"), "stash", "-q");
  commit(at("checked-out"), "eval_jobs.json");
  git(at("checked-out"), "checkout", "-q", "HEAD~1");
  git(at("cleaned"), "clean", "-fdxq");
  cpSync(at("template"), at("copy"), { recursive: true });
  commit(at("cloned"), "eval_jobs.json");
  git(place.folder, "clone", "-q", at("cloned"), join(clones, "cloned"));
  rmSync(at("restored"), { recursive: true });
  cpSync(join(place.folder, "backup"), at("restored"), { recursive: true });
  renameSync(at("renamed"), at("renamed-since"));
  rmSync(join(at("without-records"), ".nightshift"), { recursive: true });
}, 120_000);

describe("a state that is not the one that was written", () => {
  test("is held in each case with the reason and the one command that helps; nothing is submitted, nothing written", async () => {
    const before = listing(place.root, lease);
    const watch = place.start(["watch", place.root, ...options], withCluster);
    await watch.says(`nightshift recover ${at("without-records")}`);
    const said = watch.said();
    const paragraph = (name: string): string => new RegExp(`^${name}: .*\\n(?: .*\\n)*`, "mu").exec(said)?.[0] ?? "";
    expect(paragraph("stashed")).toMatch(heldBecause(/its state went back from revision \d+ to \d+ \(git checkout, stash, or a restored backup\), and jobs may have been submitted since/u, "recover", at("stashed")));
    expect(paragraph("checked-out")).toMatch(heldBecause(/its state went back from revision \d+ to \d+ .*/u, "recover", at("checked-out")));
    expect(paragraph("cleaned")).toMatch(heldBecause(/its eval_jobs\.json is gone \(git clean, checkout or stash, or deleted\); revision \d+ was the last, and jobs may have been submitted for it/u, "recover", at("cleaned")));
    expect(said).toMatch(new RegExp(`^template: working, .* ${at("template")}$`, "mu"));
    expect(said).toMatch(heldBecause(new RegExp(`its state belongs to ${at("template")} \\(this is a copy\\)`, "u"), "adopt --as-new", at("copy")));
    expect(paragraph("restored")).toMatch(heldBecause(/its folder was replaced by another one \(a restored backup, or another disk\)/u, "recover", at("restored")));
    expect(said).toMatch(heldBecause(new RegExp(`its state belongs to ${at("renamed")}, which is not there any more \\(a moved or renamed folder\\)`, "u"), "adopt", at("renamed-since")));
    expect(paragraph("without-records")).toMatch(heldBecause(/its \.nightshift folder is gone or another one \(git clean -fdx, or deleted\), and with it what was known of its jobs/u, "recover", at("without-records")));
    watch.signal("SIGTERM");
    await watch.ended;
    const others = (name: string): boolean => !/^(?:template|cloned)(?:\/|$)/u.test(name);
    expect(Object.entries(listing(place.root, lease)).filter(([name]) => others(name))).toEqual(Object.entries(before).filter(([name]) => others(name)));
    expect([existsSync(alarm), place.localJobs()]).toEqual([false, jobsBefore]);
  });

  test("of a clone on another machine nothing is submitted either, and a job that is not there has not failed", async () => {
    const before = listing(clones);
    const { code, err } = await place.nightshift(["run", join(clones, "cloned"), ...options], { env: { ...withCluster.env, XDG_STATE_HOME: elsewhere } });
    expect([code, err]).toEqual([2, expect.stringMatching(heldBecause(/its state was written elsewhere \(a clone, or another machine or account\)/u, "adopt --as-new", join(clones, "cloned")))]);
    expect(listing(clones)).toEqual(before);
    expect([existsSync(alarm), place.localJobs()]).toEqual([false, jobsBefore]);
  });

  test.each([["run", "stashed"], ["run", "cleaned"], ["release", "renamed-since"]])("`%s %s` does not go on with it: the command that was named does", async (command, name) => {
    const { code, err } = await place.nightshift([command, at(name), ...(command === "run" ? options : [])], withCluster);
    expect([code, err]).toEqual([2, expect.stringMatching(/To go on: nightshift (?:recover|adopt)/u)]);
    rmSync(join(at(name), ".nightshift/requests"), { recursive: true, force: true });
    expect([existsSync(alarm), place.localJobs()]).toEqual([false, jobsBefore]);
  });
});

describe("the command that was named", () => {
  test("recover shows what it concludes, writes only when that is wanted, and submits nothing", async () => {
    const before = listing(at("stashed"), lease);
    const asked = await place.nightshift(["recover", at("stashed")]);
    expect(asked).toMatchObject({ code: 2, err: `nightshift: nothing was written, since nobody can be asked here. To write it: nightshift recover ${at("stashed")} --yes\n` });
    expect(asked.out).toMatch(/^ {2}rank4 +COMPLETED +job record rank4-1-\w+: job \d+ ended with exit code 0; the queue has job \d+: COMPLETED; checkpoints of epoch 0$/mu);
    expect(asked.out).toMatch(/^ {2}rank4\/cap\/epoch0 +RUNNING +job record rank4-cap-epoch0-1-\w+: job \d+ started; the queue has job \d+: RUNNING$/mu);
    expect(listing(at("stashed"), lease)).toEqual(before);
    const old = textOf(join(at("stashed"), "eval_jobs.json"));
    const { code, out } = await place.nightshift(["recover", at("stashed"), "--yes"]);
    const kept = /What stood there is (?<name>eval_jobs\.old-[\dT-]+\.json)$/mu.exec(out)?.groups?.["name"] ?? "";
    expect([code, textOf(join(at("stashed"), kept))]).toEqual([0, old]);
    expect(textOf(join(at("stashed"), "run-experiment.log"))).toMatch(/\] RECOVER_STATE: stashed\nDetails: its state went back .*\nAsked by: .*\nLeft: a state of revision \d+: the copy that nightshift keeps outside the experiment; job records: 3, as nightshift wrote them/u);
    expect(place.localJobs()).toEqual(jobsBefore);
  });

  test.each(["checked-out", "cleaned", "restored", "without-records"])("recover %s", async (name) => {
    expect(await place.nightshift(["recover", at(name), "--yes"])).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^ {2}rank4\/cap\/epoch0 +RUNNING [^]*It goes on as it was \(working, 1 of 3 trainings and evaluations not over\)\.\nWritten: /mu) as string });
    expect(place.localJobs()).toEqual(jobsBefore);
  });

  test("after that there is nothing to recover", async () => {
    expect(await place.nightshift(["recover", at("cleaned")])).toMatchObject({ code: 0, out: expect.stringMatching(/^cleaned: there is nothing to recover\. Its state \(revision \d+\) is whole and this folder's own\.$/mu) as string });
  });

  test("adopt goes on at the new place", async () => {
    expect(await place.nightshift(["adopt", at("renamed-since")])).toMatchObject({ code: 0, out: `renamed is adopted at ${at("renamed-since")}; it was moved from ${at("renamed")}. It goes on as it was: working.\n` });
    expect(await place.nightshift(["adopt", at("renamed-since")])).toMatchObject({ code: 0, out: expect.stringContaining("There is nothing to adopt") as string });
  });

  test("adopt and recover leave a copy alone; adopt --as-new makes it an experiment of its own, which waits for its release", async () => {
    const [adopt, recover] = await Promise.all([place.nightshift(["adopt", at("copy")]), place.nightshift(["recover", at("copy"), "--yes"])]);
    for (const { code, err } of [adopt, recover]) expect([code, err]).toEqual([2, expect.stringContaining(`To go on: nightshift adopt --as-new ${at("copy")}`)]);
    const original = readFileSync(join(at("copy"), "eval_jobs.json"), "utf8");
    const { code, out, err } = await place.nightshift(["adopt", "--as-new", at("copy")]);
    expect([code, err, out]).toEqual([0, "", expect.stringMatching(/^template is an experiment of its own now \(template-\w+\)\. What the original had on record is put aside: eval_jobs\.original-\S+\.json, \.nightshift\/earlier-\S+\nEarlier work that stands in it counts as such: rank4: trained before: slurm-\d+\.out and checkpoints of epoch 0, base_cap: evaluated before nightshift came\nIt is held\. To let it go on: nightshift release /u)]);
    const kept = /eval_jobs\.original-\S+\.json/u.exec(out)?.[0] ?? "";
    expect(textOf(join(at("copy"), kept))).toBe(original);
    const state = JSON.parse(textOf(join(at("copy"), "eval_jobs.json"))) as { id: string; state: string; revision: number; evaluations: Record<string, { attempts: unknown[] }> };
    expect(state).toMatchObject({ state: "held", revision: 1, evaluations: { rank4_cap_epoch0: { attempts: [] } } });
    expect(state.id).not.toBe((JSON.parse(original) as { id: string }).id);
    expect(place.localJobs()).toEqual(jobsBefore);
  });

  test("the clone as well, without anything of the original's jobs", async () => {
    const { code, out, err } = await place.nightshift(["adopt", "--as-new", join(clones, "cloned")], { env: { XDG_STATE_HOME: elsewhere } });
    expect([code, err, out]).toEqual([0, "", expect.stringContaining("Nothing of earlier work stands in it.")]);
    expect(JSON.parse(textOf(join(clones, "cloned", "eval_jobs.json")))).toMatchObject({ state: "held", runs: { rank4: { state: "waiting", attempts: [] } } });
  });
});

test("then all of them are worked through, and no job was ever made twice", async () => {
  writeFileSync(evaluationGate, "");
  const watch = place.start(["watch", place.root, ...options], withCluster);
  for (const name of [...names.filter((one) => one !== "renamed" && one !== "template"), "renamed"]) await watch.says(new RegExp(`^(?:\\S+ )?${name}: finished`, "mu"));
  expect((await place.nightshift(["release", at("copy")])).code).toBe(0);
  await eventually(() => stateOf("copy").includes('"state": "finished"') && stateOf("template").includes('"state": "finished"'), "the end of copy and original");
  watch.signal("SIGTERM");
  expect((await watch.ended).code).toBe(0);
  for (const name of names.filter((one) => one !== "template")) expect([name, unitsIn(name)]).toEqual([name, ["base/cap", "rank4", "rank4/cap/0"]]);
  // The copy's own evaluation, and nothing else of what it found done.
  expect(unitsIn("template")).toEqual(["base/cap", "rank4", "rank4/cap/0", "rank4/cap/0"]);
  expect(existsSync(alarm)).toBe(false);
}, 120_000);

function ledgerOf(name: string): string {
  return join(place.folder, `ledger of ${name}`);
}

function unitsIn(name: string): readonly string[] {
  return textOf(ledgerOf(name)).split("\n").filter((line) => line !== "").map((line) => line.replace(/ \d+$/u, "")).sort();
}

function stateOf(name: string): string {
  return textOf(join(at(name), "eval_jobs.json"));
}

function heldBecause(reason: RegExp, command: string, folder: string): RegExp {
  return new RegExp(`${reason.source}\\. To go on: nightshift ${command} ${folder}$`, "mu");
}

function commit(folder: string, ...files: readonly string[]): void {
  git(folder, "add", "-f", ...(files.length === 0 ? ["-A"] : files));
  git(folder, "commit", "-qm", "work");
}

function git(folder: string, ...parameters: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=ada", "-c", "user.email=ada@example.org", ...parameters], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}
