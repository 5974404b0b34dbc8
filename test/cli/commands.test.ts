import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { scriptsOf, workByHand } from "../support/by-hand.ts";
import { listing } from "../support/listing.ts";
import { rowsOf } from "../support/markdown.ts";
import { type SmallExperiment, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, textOf } from "../support/workplace.ts";

const place = openWorkplace();
const at = (name: string): string => join(place.root, name);
const file = (experiment: string, name: string): string => textOf(join(at(experiment), name));

describe("how it is called", () => {
  beforeAll(() => {
    anExperiment("tidy");
    mkdirSync(join(place.folder, "empty"));
  });

  test.concurrent.each([
    ["watch", "nightshift watch ~/experiments"], ["run", "nightshift run ~/experiments"], ["status", "nightshift status ~/experiments --json"], ["check", "nightshift check ~"],
    ["summarize", "nightshift summarize ~"], ["hold", "nightshift hold ~"], ["release", "nightshift release ~"], ["retry", "nightshift retry ~"], ["cancel", "nightshift cancel ~"], ["demo", "nightshift demo /"],
  ])("%s --help has an example", async (command, example) => {
    const { code, out, err } = await place.nightshift([command, "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out.slice(out.indexOf("\nExample:\n"))).toContain(example);
  });

  test.concurrent.each<[readonly string[], RegExp]>([
    [[], /^Usage: nightshift \[options\] \[command\]/u],
    [["bogus"], /unknown command 'bogus'/u],
    [["run", "--bogus"], /unknown option '--bogus'/u],
    [["run"], /the current folder is no experiment \(it has no experiment_summary\.yaml\); name one, e\.g\. `nightshift run ~\/experiments\/my_experiment`/u],
    [["run", "/nowhere"], /\/nowhere: no experiment_summary\.yaml here\. Run design-experiment first/u],
    [["run", `${place.root}/tidy/rank4`], /expected an experiment, found a run in it: rank4; try .*\/tidy$/mu],
    [["run", `${place.root}/tidy`, "--settle", "30"], /--settle cannot be read \(expected a duration such as 30s, at most 24h, found "30"\)/u],
    [["run", `${place.root}/tidy`, "--evaluate-after", "never", "--max-jobs", "0"], /--evaluate-after cannot be read \(expected run, all or checkpoint, found "never"\)\n.*--max-jobs cannot be read \(expected a number of jobs from 1 to 9999, found "0"\)/u],
    [["run", `${place.root}/tidy`, "--scheduler", "pbs"], /--scheduler cannot be read \(expected auto, slurm or local, found "pbs"\)/u],
    [["run", `${place.root}/tidy`, "--log-format", "xml"], /--log-format: expected text or json, found xml/u],
    [["watch", "/nowhere"], /no such folder: \/nowhere/u],
    [["watch", `${place.root}/tidy/experiment_summary.yaml`], /expected a folder, found a file/u],
    [["status"], /no experiment \(a folder with experiment_summary\.yaml\) in .*\/empty/u],
    [["status", "/nowhere"], /no such folder: \/nowhere/u],
    [["check", `${place.root}/tidy/rank4/eval`], /no experiment_summary\.yaml here/u],
    [["hold", `${place.root}/tidy/rank9`], /tidy has no run rank9; its runs are rank4, rank8, base/u],
    [["release", `${place.root}/tidy/rank9`], /has no run rank9/u],
    [["summarize"], /the current folder is no experiment/u],
    [["demo", place.root], /expected a new or empty folder, found files in/u],
    [["demo", `${place.folder}/demo`, "--seed", "abc"], /--seed: expected a whole number, found abc/u],
  ])("%j is wrong, and it says what was expected", async (parameters, message) => {
    const { code, out, err } = await place.nightshift(parameters, { cwd: join(place.folder, "empty") });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  test("nothing of it has left a trace", () => expect([existsSync(place.ledger), existsSync(join(at("tidy"), ".nightshift"))]).toEqual([false, false]));
});

describe("a night with three runs, of which one fails, loses a checkpoint and a grader", () => {
  const gate = join(place.folder, "gate");
  const secret = "hf_abcdefghijklmnopqrstuvwxyz0123";
  const output = join(at("partial"), "rank8/artifacts/slurm-2.out");

  beforeAll(async () => {
    anExperiment("partial", {
      runs: ["rank4", "rank8", "rank16"],
      before: {
        rank8: String.raw`printf 'loading\n\033[31mTraceback (most recent call last):\033[0m\n'; echo "hub.AuthError: HF_TOKEN=$HF_TOKEN is not welcome" >&2; exit 3`,
        rank16: place.waitFor(gate),
        "rank16/cap/1": "echo 'the grader is gone'; exit 4",
      },
    });
    const run = place.start(["run", at("partial"), ...fast, "--evaluate-after", "all"], { env: { HF_TOKEN: secret } });
    await run.says(/rank4: \w+ -> COMPLETED/u);
    rmSync(join(at("partial"), "rank4/artifacts/epoch_0"), { recursive: true });
    writeFileSync(gate, "");
    expect(await run.ended).toMatchObject({ code: 1, err: "", out: expect.stringContaining("## Run Experiment Complete (partial success)") as string });
  }, 60_000);

  test("everything that could be done was done once, and nothing else", () => {
    expect(unitsOfJobs("partial")).toEqual(["base/cap", "rank16", "rank16/cap/0", "rank16/cap/1", "rank4", "rank4/cap/1", "rank8"]);
  });

  test("the summary says what is missing, and why", () => {
    const summary = file("partial", "summary.md");
    expect(summary).toContain("**Status:** 1/4 complete");
    expect(rowsOf(summary.slice(summary.indexOf("## Incomplete Runs")))).toEqual([
      ["Run", "Stage", "Status", "Notes"],
      ["rank8", "Fine-tuning", "FAILED", String.raw`hub.AuthError: HF_TOKEN=\*\*\* is not welcome. Check rank8/artifacts/slurm-2.out`],
      ["rank4", "Evaluation cap (epoch 0)", "FAILED", "its checkpoint is missing or not whole: rank4/artifacts/epoch_0"],
      ["rank8", "Evaluation cap (epoch 0)", "SKIPPED", "the training of rank8 failed (error)"],
      ["rank8", "Evaluation cap (epoch 1)", "SKIPPED", "the training of rank8 failed (error)"],
      ["rank16", "Evaluation cap (epoch 1)", "FAILED", expect.stringMatching(/^job \d+ ended FAILED and left no evaluation log\. Check rank16\/eval\/cap_epoch1\/slurm-\d+\.out$/u)],
    ]);
  });

  test("status tells of each failure its cause, the last lines and the log", async () => {
    const { code, out } = await place.nightshift(["status", at("partial")]);
    expect(code).toBe(0);
    expect(out).toMatch(/^partial {2}finished {2}1\/4 complete {2}/u);
    expect(out).toContain(`
  rank8  FAILED, error
    hub.AuthError: HF_TOKEN=*** is not welcome
    | loading
    | Traceback (most recent call last):
    | hub.AuthError: HF_TOKEN=*** is not welcome
    see ${output}
`);
    expect(out).toMatch(/rank16\/cap\/epoch1 {2}FAILED, no evaluation log\n.*\n +\| the grader is gone\n +see .*\/rank16\/eval\/cap_epoch1\/slurm-\d+\.out/u);
    expect(out).toMatch(/rank8\/cap +SKIPPED +0 +the training of rank8 failed \(error\)/u);
  });

  test("status --json says the same for scripts", async () => {
    const { code, out } = await place.nightshift(["status", place.root, "--json"]);
    const { experiments } = JSON.parse(out) as { experiments: { name: string }[] };
    expect(code).toBe(0);
    expect(experiments.find(({ name }) => name === "partial")).toMatchObject({
      folder: at("partial"), status: "finished", scheduler: "local", complete: 1, total: 4, problems: [],
      runs: [
        { run: "rank4", status: "COMPLETED", jobId: "1", result: { finalLoss: 0.4, checkpoints: [0, 1] } },
        {
          run: "rank8", status: "FAILED", failure: { cause: "error", message: "hub.AuthError: HF_TOKEN=*** is not welcome", file: "rank8/artifacts/slurm-2.out" },
          tail: { path: output, lines: ["loading", "Traceback (most recent call last):", "hub.AuthError: HF_TOKEN=*** is not welcome"] },
        },
        { run: "rank16", status: "COMPLETED" },
        { run: "base", type: "control", status: "COMPLETED" },
      ],
      evaluations: [
        { run: "rank4", epoch: 0, status: "FAILED", failure: { cause: "no checkpoint" } },
        { run: "rank4", epoch: 1, status: "COMPLETED", result: { accuracy: 0.75, samples: 20 } },
        { run: "rank8", epoch: 0, status: "SKIPPED", reason: "the training of rank8 failed (error)" },
        { run: "rank8", epoch: 1, status: "SKIPPED" },
        { run: "rank16", epoch: 0, status: "COMPLETED" },
        { run: "rank16", epoch: 1, status: "FAILED", failure: { cause: "no evaluation log" }, tail: { lines: ["the grader is gone"] } },
        { run: "base", epoch: null, status: "COMPLETED", result: { accuracy: 0.1 } },
      ],
    });
  });

  test("the secret stands in the job's own output and in nothing that nightshift wrote", () => {
    expect(textOf(output)).toContain(secret);
    const written = readdirSync(place.folder, { recursive: true, encoding: "utf8", withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(written.filter((path) => readFileSync(path).includes(secret))).toEqual([output]);
  });

  test("run again does nothing and says so again", async () => {
    const before = listing(at("partial"), /^\.nightshift(?:\/lease(?:\/.*)?)?$/u);
    expect(await place.nightshift(["run", at("partial"), ...fast])).toMatchObject({ code: 1, out: expect.stringContaining("(partial success)") as string });
    expect(listing(at("partial"), /^\.nightshift(?:\/lease(?:\/.*)?)?$/u)).toEqual(before);
  });
});

describe("an experiment with its own settings, in a folder with spaces, quotes and other letters", () => {
  const folder = join(place.folder, "it's Łódź & co", 'my "best" run');

  beforeAll(() => {
    writeSmallExperiment(folder, { runs: ["rank4"], epochs: 1, ledger: join(place.folder, "ledger of odd"), isMovable: true });
    writeFileSync(join(folder, "nightshift.yaml"), "settle: 50ms\npoll: 100ms\nstagger: 0s\nevaluate_after: all\nscheduler: local\nmax_jobs: 2\n");
  });

  test("run needs no argument in it, and for machines it speaks in pino's lines alone", async () => {
    const { code, out, err } = await place.nightshift(["run", "--log-format", "json"], { cwd: folder });
    expect([code, err]).toEqual([0, ""]);
    const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.every(({ level, time, msg }) => level === 30 && typeof time === "number" && typeof msg === "string")).toBe(true);
    expect(lines).toContainEqual(expect.objectContaining({ folder, kind: "evaluation", unit: "rank4_cap_epoch0", to: "COMPLETED" }));
    expect(lines.at(-1)).toMatchObject({ msg: expect.stringContaining("## Run Experiment Complete") as string });
    // `evaluate_after: all` holds for the control as well.
    expect(textOf(join(place.folder, "ledger of odd")).split("\n")[0]).toMatch(/^rank4 /u);
  });

  test("status, check and summarize need no argument in it either", async () => {
    const answers = await Promise.all(["status", "check", "summarize"].map(async (command) => place.nightshift([command], { cwd: folder })));
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(answers.map(({ out }) => out.split("\n")[0])).toEqual([
      expect.stringMatching(/finished {2}2\/2 complete/u), expect.stringMatching(/: finished$/u), `${folder}/summary.md is up to date`,
    ]);
  });

  test("mistakes in the settings stop it, each with its place", async () => {
    writeFileSync(join(folder, "nightshift.yaml"), "settle: soon\nevaluate-after: sometimes\nmax_job: 2\npoll: 10\n");
    const { code, out } = await place.nightshift(["check"], { cwd: folder });
    expect(code).toBe(2);
    expect(out).toContain('nightshift.yaml:1:9: settle cannot be read (expected a duration such as 30s, at most 24h, found "soon")');
    expect(out).toContain('nightshift.yaml:2:17: evaluate-after cannot be read (expected run, all or checkpoint, found "sometimes")');
    expect(out).toContain('nightshift.yaml:3:10: this setting is not known (expected settle, poll, stagger, evaluate_after, scheduler, max_jobs, max_submit, min_free, insert_lines, found "max_job")');
    expect(out).toContain('nightshift.yaml:4:7: poll cannot be read (expected a duration such as 60s, from 100ms to 24h, found "10")');
  });
});

describe("check and run on what is not whole", () => {
  test("no scaffolding at all: nothing is submitted, and every part is named", async () => {
    anExperiment("bare", { runs: ["rank4"], epochs: 1 });
    for (const script of scriptsOf(at("bare"))) unlinkSync(join(at("bare"), script));
    const [check, run] = await Promise.all([place.nightshift(["check", at("bare")]), place.nightshift(["run", at("bare"), ...fast])]);
    expect(check).toMatchObject({ code: 0, out: expect.stringContaining(`
  ✗ torchtune: 0 of 1 training scripts
      missing rank4: rank4/finetune.slurm
  ✗ inspect-ai: 0 of 2 evaluation scripts
      missing rank4/cap/epoch0: rank4/eval/cap_epoch0/cell.slurm
      missing base/cap: base/eval/cap/cell.slurm
  Run the scaffold-experiment skill; nothing is submitted before every training script is there.
`) as string });
    expect(run).toMatchObject({ code: 2, err: expect.stringMatching(/^bare has not begun: waits for scaffolding: no training script for rank4\nLook closer with: nightshift check /u) as string });
    expect(unitsOfJobs("bare")).toEqual([]);
  });

  test("evaluation scripts alone missing: training goes ahead, and the rest waits for them", async () => {
    anExperiment("trainable", { runs: ["rank4"], epochs: 1 });
    unlinkSync(join(at("trainable"), "rank4/eval/cap_epoch0/cell.slurm"));
    expect(await place.nightshift(["check", at("trainable")])).toMatchObject({ code: 0, out: expect.stringContaining(`
  ✓ torchtune: 1 of 1 training scripts
  ✗ inspect-ai: 1 of 2 evaluation scripts
      missing rank4/cap/epoch0: rank4/eval/cap_epoch0/cell.slurm
  Run the scaffold-experiment skill; training can go ahead, an evaluation waits for its script.
`) as string });
    expect(await place.nightshift(["run", at("trainable"), ...fast])).toMatchObject({ code: 1, out: expect.stringContaining("rank4/cap/epoch0: WAITING, its script is missing") as string });
    expect(unitsOfJobs("trainable")).toEqual(["base/cap", "rank4"]);
  });

  test("a mistake in the summary: every command says where, and nothing is submitted", async () => {
    anExperiment("mistaken", { runs: ["rank4"], epochs: 1 });
    appendFileSync(join(at("mistaken"), "experiment_summary.yaml"), "  - [\n");
    const answers = await Promise.all(["check", "summarize", "release"].map(async (command) => place.nightshift([command, at("mistaken")])));
    answers.push(await place.nightshift(["run", at("mistaken"), ...fast]));
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    for (const { out, err } of answers) expect(out + err).toContain("experiment_summary.yaml:16:1: this is not YAML");
    expect(await place.nightshift(["status", at("mistaken")])).toMatchObject({ code: 0, out: expect.stringMatching(/^mistaken {2}invalid .*\n +experiment_summary\.yaml:16:1: this is not YAML/u) as string });
    expect([unitsOfJobs("mistaken"), existsSync(join(at("mistaken"), "summary.md"))]).toEqual([[], false]);
  });
});

test("summarize an experiment that nightshift never ran: its results, and nothing else is written", async () => {
  anExperiment("by hand");
  workByHand(at("by hand"), scriptsOf(at("by hand")));
  const before = Object.keys(listing(at("by hand")));
  expect(await place.nightshift(["summarize", at("by hand")])).toMatchObject({ code: 0, out: `${at("by hand")}/summary.md written\n` });
  expect(rowsOf(file("by hand", "summary.md").replace(/^[^]*## Evaluation Results/u, ""))).toEqual([
    ["Run", "Task", "Epoch", "Accuracy", "Bal. Acc", "F1", "Samples"],
    ["rank4", "cap", "0", "0.50", "-", "-", "20"], ["rank4", "cap", "1", "0.75", "-", "-", "20"],
    ["rank8", "cap", "0", "0.50", "-", "-", "20"], ["rank8", "cap", "1", "0.75", "-", "-", "20"], ["base", "cap", "-", "0.10", "-", "-", "20"],
  ]);
  expect(await place.nightshift(["summarize", at("by hand")])).toMatchObject({ code: 0, out: `${at("by hand")}/summary.md is up to date\n` });
  expect(Object.keys(listing(at("by hand"))).filter((name) => !before.includes(name) && !name.startsWith(".nightshift"))).toEqual(["logs", "logs/summarize-experiment.log", "summary.md"]);
});

function anExperiment(name: string, shape: Partial<SmallExperiment> = {}): void {
  writeSmallExperiment(at(name), { ledger: join(place.folder, `ledger of ${name}`), isMovable: true, ...shape });
}

function unitsOfJobs(name: string): readonly string[] {
  return textOf(join(place.folder, `ledger of ${name}`)).split("\n").filter((line) => line !== "").map((line) => line.replace(/ \d+$/u, "")).sort();
}
