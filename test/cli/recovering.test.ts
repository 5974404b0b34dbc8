import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, hasTerminals, openWorkplace, textOf } from "../support/workplace.ts";

const place = openWorkplace();
// Only the first two stand in a folder that is watched as a whole.
const at = (name: string, ...inner: readonly string[]): string => join(["torn", "sound"].includes(name) ? place.root : apart, name, ...inner);
const apart = join(place.folder, "apart");
const lease = /^\.nightshift(?:\/lease(?:\/.*)?)?$/u;
const spool = (): string => join(place.stateHome, "nightshift/local", readdirSync(join(place.stateHome, "nightshift/local"))[0] ?? "", "jobs");

test.concurrent.each([["recover", "nightshift recover ~/experiments"], ["adopt", "nightshift adopt --as-new"]])("%s --help has an example", async (command, example) => {
  const { code, out } = await place.nightshift([command, "--help"]);
  expect([code, out.slice(out.indexOf("\nExample:\n"))]).toEqual([0, expect.stringContaining(example)]);
});

const hasStrace = spawnSync("strace", ["-V"]).status === 0;

describe("a state that is corrupt", () => {
  beforeAll(async () => {
    for (const name of ["torn", "sound"]) anExperiment(name);
    expect((await place.nightshift(["run", at("torn"), ...fast])).code).toBe(0);
  });

  test("stops its experiment and no other, stays as it is, and says where it is broken and which command helps", async () => {
    const whole = textOf(at("torn", "eval_jobs.json"));
    writeFileSync(at("torn", "eval_jobs.json"), whole.replace('  "runs"', '<<<<<<< HEAD\n  "runs"'));
    const before = listing(at("torn"), lease);
    const jobs = place.localJobs();
    const watch = place.start(["watch", place.root, ...fast]);
    await watch.says(/^torn: invalid .*\n {2}eval_jobs\.json:\d+:1: holds the marks of a git merge conflict\. The file stays as it is, and nothing is submitted for this experiment\. To rebuild its state: nightshift recover .*\/torn$/mu);
    expect((await place.nightshift(["release", at("sound")])).code).toBe(0);
    await watch.says("sound: finished");
    watch.signal("SIGTERM");
    expect((await watch.ended).code).toBe(0);
    expect(listing(at("torn"), lease)).toEqual(before);
    expect(place.localJobs().length).toBe(jobs.length + 3);
  });

  test("is rebuilt while a daemon looks on, which then goes on with it; the corrupt file is kept", async () => {
    const watch = place.start(["watch", place.root, ...fast]);
    await watch.says("torn: invalid");
    const corrupt = textOf(at("torn", "eval_jobs.json"));
    const jobs = place.localJobs();
    const { code, out, err } = await place.nightshift(["recover", at("torn"), "--yes"]);
    expect([code, err]).toEqual([0, ""]);
    const kept = /What stood there is (?<name>eval_jobs\.corrupt-[\dT-]+\.json)$/mu.exec(out)?.groups?.["name"] ?? "nothing";
    expect(textOf(at("torn", kept))).toBe(corrupt);
    await eventually(() => lastTicket("torn").includes(`"pid":${watch.pid}`), "the lease of the daemon");
    watch.signal("SIGTERM");
    await watch.ended;
    expect(JSON.parse(textOf(at("torn", "eval_jobs.json")))).toMatchObject({ state: "finished", runs: { rank4: { status: "COMPLETED" } }, evaluations: { rank4_cap_epoch0: { status: "COMPLETED" } } });
    expect(place.localJobs()).toEqual(jobs);
  });
});

describe("nothing is left but the job records, and one of them says nothing", () => {
  let spawned = "";
  const jobOf = (unit: string): string => new RegExp(`^${unit} (?<id>\\d+)$`, "mu").exec(textOf(ledgerOf("bare")))?.groups?.["id"] ?? "";

  beforeAll(async () => {
    anExperiment("bare");
    // Without a state nobody would know whom to ask; and where SLURM is installed, it may not answer.
    writeFileSync(at("bare", "nightshift.yaml"), "scheduler: local\n");
    expect((await place.nightshift(["run", at("bare"), ...fast])).code).toBe(0);
    // As after a crash between sbatch and its answer, by a scheduler that has forgotten the job meanwhile.
    const key = readdirSync(at("bare", ".nightshift/jobs")).find((name) => name.startsWith("rank4-cap-epoch0-")) ?? "";
    for (const name of readdirSync(at("bare", ".nightshift/jobs", key)).filter((one) => /^(?:answer|claim|start|exit)/u.test(one))) rmSync(at("bare", ".nightshift/jobs", key, name));
    spawned = at("bare", ".nightshift/jobs", key, "spawned");
    rmSync(at("bare", "rank4/eval/cap_epoch0/logs"), { recursive: true });
    for (const unit of ["rank4", "rank4/cap/0", "base/cap"]) rmSync(join(spool(), jobOf(unit)), { recursive: true });
    for (const file of ["eval_jobs.json", ".nightshift/told.json"]) rmSync(at("bare", file));
    rmSync(join(place.stateHome, "nightshift/states"), { recursive: true });
  });

  test("while a submission may still be on its way, nothing is concluded", async () => {
    expect(await place.nightshift(["recover", at("bare"), "--yes"])).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be recovered: a submission may still be on its way \(rank4-cap-epoch0-1-\w+\); try again in two minutes$/mu) as string });
    expect(existsSync(at("bare", "eval_jobs.json"))).toBe(false);
    utimesSync(spawned, new Date(0), new Date(0));
  });

  test("what they say is concluded, and what nobody knows is lost, not forgotten", async () => {
    const { code, out } = await place.nightshift(["recover", at("bare"), "--yes"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}no state: nothing whole was found\n {2}job records: 3, as nightshift wrote them\n {2}the queue: no job of this experiment$/mu);
    expect(out).toMatch(/^ {2}rank4 +COMPLETED +job record rank4-1-\w+: job \d+ ended with exit code 0; checkpoints of epoch 0$/mu);
    expect(out).toMatch(/^ {2}rank4\/cap\/epoch0 +FAILED +nobody knows what became of its last submission: its job record says that it may have been submitted, and neither the queue nor its own notes know more; job record rank4-cap-epoch0-1-\w+: may have been submitted$/mu);
    expect(out).toContain(`One submission is lost: nobody knows what became of it, so it is never made again by itself. If you know that no such job runs: nightshift retry ${at("bare")}/rank4/cap/0`);
    expect(out).toContain(`To let it go on: nightshift release ${at("bare")}`);
    expect(JSON.parse(textOf(at("bare", "eval_jobs.json")))).toMatchObject({ state: "held", scheduler: "local", runs: { rank4: { state: "trained" } }, evaluations: { rank4_cap_epoch0: { state: "failed", failure: { cause: "lost" } } } });
  });

  test("a release alone does not make it again; a person's retry does", async () => {
    const before = textOf(ledgerOf("bare"));
    expect(await place.nightshift(["run", at("bare"), ...fast])).toMatchObject({ code: 1, out: expect.stringMatching(/rank4\/cap\/epoch0: FAILED/u) as string });
    expect(textOf(ledgerOf("bare"))).toBe(before);
    expect((await place.nightshift(["retry", at("bare", "rank4/cap/0")])).code).toBe(0);
    expect((await place.nightshift(["run", at("bare"), ...fast])).code).toBe(0);
    expect(textOf(ledgerOf("bare"))).toMatch(new RegExp(`^${before}rank4/cap/0 \\d+\\n$`, "u"));
  });
});

if (!hasTerminals) process.stderr.write("SKIPPED: there is no /usr/bin/script (util-linux), so nothing is tried on a terminal\n");

test.skipIf(!hasTerminals)("on a terminal it asks: No writes nothing, Yes does", async () => {
  anExperiment("asked");
  expect((await place.nightshift(["run", at("asked"), ...fast])).code).toBe(0);
  rmSync(at("asked", "eval_jobs.json"));
  const before = listing(at("asked"), lease);
  const first = place.start(["recover", at("asked")], { onTerminal: true });
  await first.says("Write this? [y/N]");
  first.types("\n");
  expect(await first.ended).toMatchObject({ code: 1, out: expect.stringContaining("Nothing was written.") as string });
  expect(listing(at("asked"), lease)).toEqual(before);
  const second = place.start(["recover", at("asked")], { onTerminal: true });
  await second.says("Write this? [y/N]");
  second.types("y\n");
  await second.says("Written: ");
  expect([(await second.ended).code, existsSync(at("asked", "eval_jobs.json"))]).toEqual([0, true]);
});

describe("two nightshifts and one experiment", () => {
  const gate = join(place.folder, "gate of two");

  test("the second one only looks, and says whose it is; it goes on when the first is killed", async () => {
    anExperiment("shared", { before: { rank4: place.waitFor(gate) } });
    const first = place.start(["run", at("shared"), ...fast]);
    await first.says("rank4: submitted as job");
    const second = place.start(["watch", at("shared"), ...fast]);
    await second.says(new RegExp(`${at("shared")}: \`nightshift run ${at("shared")}\` of \\S+ on \\S+ \\(pid ${first.pid}, since \\d{4}-\\S+\\) takes care of it; this process only looks`, "u"));
    first.signal("SIGKILL");
    await first.ended;
    writeFileSync(gate, "");
    await second.says("shared: finished");
    second.signal("SIGTERM");
    expect((await second.ended).code).toBe(0);
    expect(unitsIn("shared")).toEqual(["base/cap", "rank4", "rank4/cap/0"]);
  });

  test("one that was stopped for an hour is not robbed, but by a person's word; then it can write nothing any more, and says so once", async () => {
    const hour = join(place.folder, "gate of an hour");
    anExperiment("slept", { before: { rank4: place.waitFor(hour) } });
    const sleeper = place.start(["watch", at("slept"), ...fast]);
    await sleeper.says("nothing of it is submitted or changed until you release it");
    expect((await place.nightshift(["release", at("slept")])).code).toBe(0);
    await sleeper.says(/base\/cap: \w+ -> COMPLETED/u);
    sleeper.signal("SIGSTOP");
    const successor = place.start(["watch", at("slept"), ...fast]);
    await successor.says(new RegExp(`${at("slept")}: \`nightshift watch ${at("slept")}\` of \\S+ on \\S+ \\(pid ${sleeper.pid}, since \\S+\\) takes care of it; this process only looks`, "u"));
    expect(await place.nightshift(["recover", at("slept")])).toMatchObject({ code: 0, out: expect.stringContaining("there is nothing to recover") as string });
    expect(await place.nightshift(["recover", at("slept"), "--take-over", "--yes"])).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`It is taken from \`nightshift watch .*\` of .* \\(pid ${sleeper.pid}, since .*\\): what that process still writes fails, and it does not get it back\\.\nTaken over: `, "u")) as string });
    await eventually(() => lastTicket("slept").includes(`"pid":${successor.pid}`), "the lease of the successor");
    writeFileSync(hour, "");
    await successor.says("slept: finished");
    successor.signal("SIGTERM");
    expect((await successor.ended).code).toBe(0);
    const before = listing(at("slept"), lease);
    sleeper.signal("SIGCONT");
    await sleeper.says(/slept: `nightshift \S+.*` of .*, which took it over from this process, takes care of it; this process only looks/u);
    sleeper.signal("SIGTERM");
    expect((await sleeper.ended).code).toBe(0);
    expect(sleeper.said().split("which took it over from this process").length).toBe(2);
    expect(listing(at("slept"), lease)).toEqual(before);
    expect(unitsIn("slept")).toEqual(["base/cap", "rank4", "rank4/cap/0"]);
  });
});

if (!hasStrace) process.stderr.write("SKIPPED: strace is not here, so no disk fills up\n");

test.skipIf(!hasStrace)("where the quota is used up, nothing is submitted, it is told once, and everything goes on when there is room again", async () => {
  anExperiment("crowded");
  // From the fourth rename on, which is that of eval_jobs.json, as with a quota that is used up just then. The tracer is not in the way of signals.
  const trace = ["-D", "-f", "-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:error=EDQUOT:when=4+"];
  const launcher = join(import.meta.dirname, "../../src/cli/nightshift.js");
  const child = spawn("strace", [...trace, process.execPath, launcher, "run", at("crowded"), ...fast], { env: { ...process.env, HOME: place.folder, XDG_STATE_HOME: place.stateHome, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { said += text; });
  await eventually(() => said.includes("quota"), "what is wrong");
  child.kill("SIGTERM");
  await ended;
  const told = said.split("\n").filter((line) => line.includes("EDQUOT"));
  expect(told[0]).toBe(`${at("crowded")}: held, its state cannot be written, so nothing is submitted: the disk quota is used up (EDQUOT, in ${at("crowded")})`);
  // In the state folder as well, once for each.
  expect(new Set(told).size).toBe(told.length);
  expect([existsSync(ledgerOf("crowded")), existsSync(at("crowded", "eval_jobs.json"))]).toEqual([false, false]);
  expect((await place.nightshift(["run", at("crowded"), ...fast])).code).toBe(0);
  expect(unitsIn("crowded")).toEqual(["base/cap", "rank4", "rank4/cap/0"]);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("SKIPPED: only root can be another user, so nothing is tried as one\n");

describe.skipIf(!isRoot)("an experiment of another user's", () => {
  const home = join(place.folder, "home of nobody");

  beforeAll(() => {
    anExperiment("foreign");
    mkdirSync(home);
    chownSync(home, nobody, nobody);
    for (const folder of [place.folder, apart]) chmodSync(folder, 0o755);
  });

  test("is only looked at where nothing may be written: said once, without a trace", () => {
    const before = listing(at("foreign"));
    const { status, stderr } = asNobody(["run", at("foreign"), ...fast], home);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^foreign is held: nothing can be written in its folder: this user has no permission here \(EACCES, in .*\/foreign\)$/mu)]);
    expect(listing(at("foreign"))).toEqual(before);
  });

  test("is only looked at where something could be written, until this user says that it is to be theirs", () => {
    chmodSync(at("foreign"), 0o777);
    const before = listing(at("foreign"));
    const { stdout } = asNobody(["status", at("foreign")], home);
    expect(stdout.replace(/\s+/gu, " ")).toContain(`it is uid 0's, and jobs that you submit for it would be yours. To go on: nightshift release ${at("foreign")}`);
    expect(listing(at("foreign"))).toEqual(before);
    expect(asNobody(["release", at("foreign")], home)).toMatchObject({ status: 0, stdout: expect.stringContaining("foreign is released.") as string });
  });
});

const nobody = 65_534;

function asNobody(parameters: readonly string[], home: string): SpawnSyncReturns<string> {
  const launcher = join(import.meta.dirname, "../../src/cli/nightshift.js");
  return spawnSync(process.execPath, [launcher, ...parameters], { uid: nobody, gid: nobody, encoding: "utf8", cwd: "/", env: { ...process.env, HOME: home, XDG_STATE_HOME: join(home, "state"), NO_COLOR: "1" } });
}

function anExperiment(name: string, { before = {} }: { readonly before?: Readonly<Record<string, string>> } = {}): void {
  writeSmallExperiment(at(name), { runs: ["rank4"], epochs: 1, ledger: ledgerOf(name), isMovable: true, before });
}

function ledgerOf(name: string): string {
  return join(place.folder, `ledger of ${name}`);
}

function unitsIn(name: string): readonly string[] {
  return textOf(ledgerOf(name)).split("\n").filter((line) => line !== "").map((line) => line.replace(/ \d+$/u, "")).sort();
}

function lastTicket(name: string): string {
  const tickets = readdirSync(at(name, ".nightshift/lease")).filter((one) => /^\d+$/u.test(one)).map(Number);
  const last = Math.max(...tickets);
  return existsSync(at(name, ".nightshift/lease", `${last}.released`)) ? "" : readFileSync(at(name, ".nightshift/lease", String(last)), "utf8");
}
