import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { parseSummary } from "../../src/experiment/parse-summary.ts";
import { makeCluster } from "../support/fake-slurm/cluster.ts";
import { listing } from "../support/listing.ts";
import { type Ended, fast, openWorkplace, textOf } from "../support/workplace.ts";
import { foldersOfJobs, writeHostileExperiment } from "./hostile-experiment.ts";

const long = "x".repeat(200);

describe("a run or a task may be called", () => {
  test.each([
    "a b", "it's", 'say "hi"', "$(touch CANARY)", "`touch CANARY`", "; touch CANARY #", "| touch CANARY", "&& touch CANARY", "> CANARY", "*", "~", "$HOME", "!!", "%j", "{run}",
    "back\\slash", "..x", "...", "#SBATCH --wrap=x", "<script>", "a|b", "\u00E9", "e\u0301", "👩‍🚀", "é".repeat(100), long, "no", "null", "1e5", "0x10", "true", "~null", "epoch_0", "CON", "a.", " a",
  ])("%j", (name) => {
    const { experiment, problems } = summary(name);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(experiment?.runs.map((run) => run.name)).toEqual([name]);
    expect(experiment?.evaluations).toEqual([{ run: name, task: name, epoch: 0 }]);
  });

  test.each(["no", "1e5", "010", "2026-11-21", "true"])("%s without quotes, as it is written", (name) => {
    expect(parse(`runs: [{name: ${name}, type: control, parameters: {}}]\n`).experiment?.runs).toMatchObject([{ name }]);
  });
});

describe("neither a run nor a task may be called", () => {
  test.each([
    ["", "is empty"], [" ", "is empty"], [".", "leads to another folder"], ["..", "leads to another folder"], ["../../x", "contains a slash"], ["/abs", "contains a slash"],
    ["a/b", "contains a slash"], ["-rf", "begins with a dash"], ["--help", "begins with a dash"], ["a\nb", "contains a line break"], ["a\rb", "contains a line break"], ["a\tb", "another control character"],
    ["a\0b", "another control character"], ["\u001B[31m", "another control character"], ["\u009B31m", "another control character"], ["a\u202Eb", "turns text around"], ["\u2066a", "turns text around"],
    ["x".repeat(300), "longer than file systems allow"], ["👩‍🚀".repeat(20), "longer than file systems allow"], ["__proto__", "taken by something else"], ["constructor", "taken by something else"],
    ["toString", "taken by something else"], ["logs", "taken by something else"], [".nightshift", "taken by something else"], [".git", "taken by something else"], ["eval_jobs.json", "taken by something else"],
    ["summary.md", "taken by something else"], ["run-experiment.log", "taken by something else"], ["experiment_summary.yaml", "taken by something else"], ["nightshift.yaml", "taken by something else"],
  ])("%j", (name, why) => {
    const { experiment, problems } = summary(name);
    expect(experiment).toBeUndefined();
    const messages = problems.map(({ message }) => message).filter((message) => message.includes(why));
    expect(messages.map((message) => message.split(" ").slice(0, 2).join(" "))).toEqual(expect.arrayContaining(["a run's", "a task's"]));
  });

  test.each([["a list", "[a]"], ["a map", "{a: b}"], ["nothing", "null"], ["nothing at all", ""]])("%s", (_what, value) => {
    const { experiment, problems } = parse(`runs: [{name: ${value}, type: control, parameters: {}}]\n`);
    expect(experiment).toBeUndefined();
    expect(problems).toEqual(expect.arrayContaining([expect.objectContaining({ severity: "error", line: 1 })]));
  });
});

describe("two evaluations are told apart, or refused:", () => {
  const control = (...pairs: readonly (readonly [string, string])[]): ReturnType<typeof parse> => parse(`runs:
${[...new Set(pairs.map(([run]) => run))].map((run) => `  - {name: ${JSON.stringify(run)}, type: control, parameters: {}}`).join("\n")}
evaluation:
  matrix:
${pairs.map(([run, task]) => `    - {run: ${JSON.stringify(run)}, tasks: [${JSON.stringify(task)}], epochs: null}`).join("\n")}
`);

  test("one name in two forms of unicode is two names", () => expect(control(["\u00E9", "t"], ["e\u0301", "t"]).experiment?.evaluations).toHaveLength(2));
  test("names that only a key would make the same are refused", () => expect(control(["a_b", "c"], ["a", "b_c"]).problems).toMatchObject([{}, { severity: "error", message: 'two evaluations would both be called "a_b_c"' }]));
  test.each([["_", "proto__"], ["_", "defineGetter__"]])("run %j with task %j, which would be called as something that every object has, is refused", (run, task) => {
    const { experiment, problems } = control([run, task]);
    expect(experiment).toBeUndefined();
    expect(problems).toEqual(expect.arrayContaining([expect.objectContaining({ severity: "error", message: `an evaluation cannot be called "${run}_${task}"` })]));
  });
});

describe.each([["a cluster", "slurm"], ["this machine", "local"]])("on %s, jobs of any name run once, and nothing else does", (_where, scheduler) => {
  const place = openWorkplace();
  const cluster = makeCluster(join(place.folder, "cluster"));
  const experiment = join(place.root, `ex $(touch CANARY) 'q" \`touch CANARY\`\n; touch CANARY; é`);
  const worst = "$(touch CANARY) `touch CANARY` ; touch CANARY # | touch CANARY > CANARY && touch CANARY '\" * ~ $HOME %j !!";
  const others = scheduler === "slurm" ? ["a b", "a_b", "e\u0301", "\u00E9", `back\\slash\\${"x".repeat(180)}`] : [];
  const design = { runs: [worst, ...others], task: "$(touch CANARY) `touch CANARY` '\" ;", name: "$(touch CANARY)\n`touch CANARY`", question: "`touch CANARY`?" };
  const environment = { PATH: cluster.path, LEDGER: place.ledger, WITNESS: "$(touch CANARY)" };
  const cwd = join(place.folder, "cwd");
  let before: Readonly<Record<string, string>>;
  let ended: Ended;

  beforeAll(async () => {
    for (const folder of [cwd, place.stateHome]) mkdirSync(folder);
    writeFileSync(place.ledger, "");
    writeHostileExperiment(experiment, design);
    before = outside();
    ended = await place.nightshift(["run", experiment, ...fast, "--poll", "1s", "--scheduler", scheduler], { cwd, env: environment });
    for (const command of ["status", "check", "summarize"]) expect(await place.nightshift([command, experiment], { cwd, env: environment })).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(cluster.end);

  // What is neither the experiment's, nor nightshift's own, nor the cluster's and its jobs'.
  const outside = (): Readonly<Record<string, string>> => listing(place.folder, /^(?:experiments\/.*|state|state\/.*|cluster|cluster\/.*|ledger)$/su);

  test("each ran in its folder, once", () => {
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(textOf(place.ledger).split("\0").slice(0, -1).toSorted()).toEqual(foldersOfJobs(experiment, design));
  });
  test("no name was ever a command", () => expect(readdirSync(place.folder, { recursive: true, encoding: "utf8" }).filter((path) => basename(path) === "CANARY")).toEqual([]));
  test("nothing outside has changed", () => expect(outside()).toEqual(before));
  test("the summary and the state know all of them", () => {
    expect(textOf(join(experiment, "summary.md"))).toContain(`**Status:** ${design.runs.length}/${design.runs.length} complete`);
    expect(Object.keys((JSON.parse(textOf(join(experiment, "eval_jobs.json"))) as { runs: object }).runs).toSorted()).toEqual(design.runs.toSorted());
  });
  test.skipIf(scheduler === "local")("sbatch was given a copy of a script of the experiment's, and the environment as it is", () => {
    const calls = cluster.calls("sbatch");
    expect(calls).toHaveLength(2 * design.runs.length);
    for (const [option, script = "", ...more] of calls) {
      expect([option, more]).toEqual(["--parsable", []]);
      expect(script.slice(0, experiment.length)).toBe(experiment);
      expect(script.slice(experiment.length)).toMatch(/^\/\.nightshift\/jobs\/[A-Za-z0-9_][A-Za-z0-9._-]*\/(?:finetune|cell)\.slurm$/u);
      expect(readFileSync(script, "utf8")).toContain('printf \'%s\\0\' "$PWD" >>"$LEDGER"');
    }
    const strangers = cluster.jobs().flatMap((job) => Object.entries(job.environment)).filter(([name, value]) => ({ ...process.env, ...environment, HOME: place.folder, XDG_STATE_HOME: place.stateHome, NO_COLOR: "1" })[name] !== value);
    expect([...new Set(strangers.map(([name]) => name))].filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual([]);
  });
});

function summary(name: string): ReturnType<typeof parse> {
  const quoted = JSON.stringify(name);
  return parse(`controls: {epochs: 1}\nruns: [{name: ${quoted}, type: fine-tuned, parameters: {}}]\nevaluation: {tasks: [${quoted}], matrix: [{run: ${quoted}, tasks: [${quoted}], epochs: [0]}]}\n`);
}

function parse(text: string): ReturnType<typeof parseSummary> {
  return parseSummary(text, { file: "experiment_summary.yaml", folder: "/home/ada/exp" });
}
