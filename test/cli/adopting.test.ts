import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { scriptsOf, workByHand } from "../support/by-hand.ts";
import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { type SmallExperiment, unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { type Ended, fast, openWorkplace, textOf } from "../support/workplace.ts";

// What already ran is not run again: by hand, or by the users' own submitters, whose files and processes are all that
// is known of them.
const place = openWorkplace();
const at = (name: string): string => join(place.root, name);
const onCluster = ["--settle", "100ms", "--poll", "1s", "--stagger", "0ms"];

describe("a complete experiment", () => {
  test("is not run again: nothing is submitted, one sentence says so, and all is well", async () => {
    const env = aCluster("idle");
    anExperiment("complete");
    workByHand(at("complete"), scriptsOf(at("complete")));
    const before = listing(join(at("complete"), "rank4"));
    const run = async (): Promise<Ended> => place.nightshift(["run", at("complete"), ...onCluster], { env });
    const nothing = { code: 0, err: "", out: expect.stringMatching(/^Nothing was submitted: all of complete \(2 trainings and 5 evaluations\) stands there complete\.$/mu) as string };
    expect(await run()).toMatchObject(nothing);
    expect(await run()).toMatchObject(nothing);
    expect(submissionsTo("idle")).toBe("");
    expect(listing(join(at("complete"), "rank4"))).toEqual(before);
    expect(unitsOfJobs("complete")).toEqual(unitsOf({}));
    expect(stateOf("complete").runs["rank4"]).toMatchObject({ state: "trained", attempts: [], adopted: "trained before: slurm-101.out and checkpoints of epoch 0, 1" });
  });

  test("says so only when it did nothing", async () => {
    anExperiment("incomplete", { runs: ["rank4"], epochs: 1 });
    workByHand(at("incomplete"), ["rank4/finetune.slurm", "rank4/eval/cap_epoch0/cell.slurm"]);
    const { code, out } = await place.nightshift(["run", at("incomplete"), ...fast]);
    expect(code).toBe(0);
    expect(out).not.toContain("Nothing was submitted");
    expect(unitsOfJobs("incomplete")).toEqual(unitsOf({ runs: ["rank4"], epochs: 1 }));
  });
});

describe("what the users' own submitter has noted", () => {
  test("is followed where its job is in the queue, and not submitted beside it", async () => {
    const env = aCluster("busy");
    anExperiment("followed", { runs: ["rank4"], epochs: 1 });
    workByHand(at("followed"), ["base/eval/cap/cell.slurm"]);
    note("followed", "torchtune", { "rank4/finetune.slurm": { job_id: "4500001", state: "PENDING", submitted_at: "2026-05-08 14:32:06" } });
    note("followed", "inspect", { "rank4/eval/cap_epoch0/cell.slurm": { job_id: "4500002", state: "PENDING", submitted_at: "2026-05-08 14:32:11" } });
    queueOf("busy", [aJob("4500001", "RUNNING", join(at("followed"), "rank4")), aJob("4500002", "PENDING", join(at("followed"), "rank4/eval/cap_epoch0"))]);
    const run = place.start(["run", at("followed"), ...onCluster], { env });
    await run.says(/rank4: \w+ -> RUNNING/u);
    await run.says("rank4/cap/epoch0: followed as job 4500002: logs/run-inspect.state.json names job 4500002, which another tool submitted");
    workByHand(at("followed"), ["rank4/finetune.slurm", "rank4/eval/cap_epoch0/cell.slurm"]);
    // As the real scripts do: the job's end is that of its monitor, and says nothing of the log.
    queueOf("busy", [aJob("4500001", "COMPLETED", join(at("followed"), "rank4")), aJob("4500002", "FAILED", join(at("followed"), "rank4/eval/cap_epoch0"))]);
    expect((await run.ended).code).toBe(0);
    expect(submissionsTo("busy")).toBe("");
    expect(stateOf("followed").runs["rank4"]).toMatchObject({
      state: "trained", attempts: [{ job_id: "4500001", adopted_from: "logs/run-torchtune.state.json names job 4500001, which another tool submitted" }],
    });
    expect(stateOf("followed").evaluations["rank4_cap_epoch0"]).toMatchObject({
      state: "scored", attempts: [{ job_id: "4500002", adopted_from: "logs/run-inspect.state.json names job 4500002, which another tool submitted" }],
    });
    expect(textOf(join(at("followed"), "run-torchtune.log"))).toContain("logs/run-torchtune.state.json names job 4500001");
  }, 60_000);

  test("is shown where it left nothing, and done again only when a person asks for it", async () => {
    anExperiment("remains", { runs: ["gone", "broken", "refused"], epochs: 1 });
    note("remains", "torchtune", {
      "gone/finetune.slurm": { job_id: 4500001, state: "COMPLETED", submitted_at: "2026-05-08 14:32:06" },
      "broken/finetune.slurm": { job_id: "4500002", state: "NODE_FAIL", submitted_at: "2026-05-08 14:32:11" },
      "refused/finetune.slurm": { job_id: null, state: "SUBMIT_FAILED", error: "sbatch: error: QOSMaxSubmitJobPerUserLimit", submitted_at: "2026-05-08 14:32:16" },
    });
    const notes = textOf(join(at("remains"), "logs/run-torchtune.state.json"));
    const { code, out } = await place.nightshift(["run", at("remains"), ...fast]);
    expect(code).toBe(1);
    expect(out).toMatch(/^- gone: HELD, logs\/run-torchtune\.state\.json says that its job 4500001 \(submitted 2026-05-08 14:32:06\) is COMPLETED; neither output nor checkpoint of it is here$/mu);
    expect(out).toMatch(/^- broken: NODE\\?_FAIL, node failure: logs\/run-torchtune\.state\.json says that its job 4500002 \(submitted 2026-05-08 14:32:11\) is NODE\\?_FAIL; neither output nor checkpoint of it is here$/mu);
    expect(unitsOfJobs("remains")).toEqual(["base/cap", "refused", "refused/cap/0"]);
    expect((await place.nightshift(["retry", at("remains")])).code).toBe(0);
    expect((await place.nightshift(["release", join(at("remains"), "gone")])).code).toBe(0);
    expect((await place.nightshift(["run", at("remains"), ...fast])).code).toBe(0);
    expect(unitsOfJobs("remains")).toEqual(unitsOf({ runs: ["gone", "broken", "refused"], epochs: 1 }));
    expect(textOf(join(at("remains"), "logs/run-torchtune.state.json"))).toBe(notes);
  }, 60_000);

  test("stops everything where it cannot be read", async () => {
    anExperiment("cut", { runs: ["rank4"], epochs: 1 });
    write(join(at("cut"), "logs/run-torchtune.state.json"), '{"rank4/finetune.slurm": {"job_id": "45');
    expect(await place.nightshift(["run", at("cut"), ...fast])).toMatchObject({
      code: 2, err: expect.stringMatching(/^cut is invalid: logs\/run-torchtune\.state\.json:1:\d+: this is not JSON, or not all of it .*\(mv logs\/run-torchtune\.state\.json /mu) as string,
    });
    expect(unitsOfJobs("cut")).toEqual([]);
  });

  test("keeps what is dropped with it from being begun", async () => {
    const root = join(place.folder, "watched");
    mkdirSync(root);
    const watch = place.start(["watch", root, ...fast]);
    await watch.says("No experiment is here yet");
    const elsewhere = join(place.folder, "elsewhere");
    writeSmallExperiment(elsewhere, { runs: ["rank4"], epochs: 1, ledger: join(place.folder, "ledger of dropped"), isMovable: true });
    write(join(elsewhere, "logs/run-torchtune.state.json"), JSON.stringify({ "rank4/finetune.slurm": { job_id: "4500001", state: "FAILED" } }));
    // Whole at once: it settles within a moment.
    renameSync(elsewhere, join(root, "dropped"));
    await watch.says("held, it shows work that is not in its state: logs/run-torchtune.state.json is a record of submissions");
    watch.signal("SIGTERM");
    await watch.ended;
    expect(unitsOfJobs("dropped")).toEqual([]);
  });
});

describe.skipIf(!existsSync("/proc/self/cmdline"))("a submitter of the users' own that runs", () => {
  test("is named, and nothing is submitted beside it before it has ended", async () => {
    anExperiment("shared", { runs: ["rank4"], epochs: 1 });
    const submitter = aSubmitter(at("shared"));
    await eventually(() => existsSync(join(place.folder, "cwd/begun")), "the begin of the submitter");
    const named = String.raw`submit_torchtune is running on it \(pid ${submitter.pid} on \S+, since [\d: -]+\), and nothing is submitted beside it before it has ended; when it is stopped \(kill ${submitter.pid}\), its jobs go on`;
    const run = place.start(["run", at("shared"), ...fast]);
    await eventually(async () => (await place.nightshift(["status", at("shared")])).out.replaceAll(/\s+/gu, " ").match(new RegExp(named, "u")) !== null, "the name of the submitter");
    await eventually(() => new RegExp(named, "u").test(textOf(join(at("shared"), "eval_jobs.json"))), "the submitter in the state");
    expect(unitsOfJobs("shared")).toEqual([]);
    submitter.kill("SIGKILL");
    expect((await run.ended).code).toBe(0);
    expect(unitsOfJobs("shared")).toEqual(unitsOf({ runs: ["rank4"], epochs: 1 }));
  }, 60_000);

  test("on another experiment stands in nobody's way", async () => {
    anExperiment("alone", { runs: ["rank4"], epochs: 1 });
    aSubmitter(at("complete"));
    expect((await place.nightshift(["run", at("alone"), ...fast])).code).toBe(0);
  }, 60_000);
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

function stateOf(name: string): Readonly<Record<"runs" | "evaluations", Readonly<Record<string, StoredUnit>>>> {
  return JSON.parse(textOf(join(at(name), "eval_jobs.json"))) as Record<"runs" | "evaluations", Record<string, StoredUnit>>;
}

function note(name: string, tool: "torchtune" | "inspect", entries: Readonly<Record<string, object>>): void {
  write(join(at(name), `logs/run-${tool}.state.json`), `${JSON.stringify(entries, undefined, 2)}\n`);
}

/** SLURM's programs for one test: a queue that is a file, no accounting, and an sbatch that must not be called. */
function aCluster(name: string): Readonly<Record<string, string>> {
  const [bin, queue, submissions] = [join(place.folder, name, "bin"), join(place.folder, name, "queue"), join(place.folder, name, "submissions")];
  queueOf(name, []);
  program(join(bin, "sbatch"), `echo "$@" >> '${submissions}'; exit 1`);
  program(join(bin, "squeue"), `cat '${queue}'`);
  program(join(bin, "sacct"), "echo 'Slurm accounting storage is disabled' >&2; exit 1");
  program(join(bin, "scontrol"), "echo 'Configuration data as of 2026-11-21T12:00:00'; echo 'AccountingStorageType   = accounting_storage/none'; echo 'AuthInfo                = (null)'");
  program(join(bin, "scancel"), "exit 1");
  return { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
}

function queueOf(name: string, rows: readonly string[]): void {
  write(join(place.folder, name, "queue"), rows.join("\n"));
}

function submissionsTo(name: string): string {
  return textOf(join(place.folder, name, "submissions"));
}

/** A job of which squeue tells no script, as of one that came on sbatch's standard input. */
function aJob(id: string, state: string, workFolder: string): string {
  const seconds = "1795000000";
  return `\u001E${[id, "N/A", state, "None", seconds, state === "PENDING" ? "N/A" : seconds, "N/A", "", "finetune", workFolder, "(null)"].join("\u001F")}\u001D`;
}

/** A shell that waits and looks like python: `-m` is an option of both, and the module is the script it runs. */
function aSubmitter(experiment: string): ReturnType<typeof spawn> {
  const module = "cruijff_kit.tools.run.submit_torchtune";
  const cwd = join(place.folder, "cwd");
  if (!existsSync(join(cwd, module))) write(join(cwd, module), `: > begun\n${place.waitFor(join(cwd, "never"))}\n`);
  const child = spawn("/bin/sh", ["-m", module, experiment], { argv0: "python3", cwd, stdio: "ignore" });
  submitters.push(child);
  return child;
}

const submitters: ReturnType<typeof spawn>[] = [];
afterAll(() => {
  for (const child of submitters) child.kill("SIGKILL");
});

function program(path: string, commands: string): void {
  write(path, `#!/bin/sh\n${commands}\n`);
  chmodSync(path, 0o755);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
