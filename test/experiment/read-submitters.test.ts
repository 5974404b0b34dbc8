import { utimesSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { addFiles, copyOfFixture, tempTree } from "./temp-tree.ts";

const trainings = "logs/run-torchtune.state.json";
const evaluations = "logs/run-inspect.state.json";

async function read(folder: string): Promise<{ readonly notes: Readonly<Record<string, readonly string[]>>; readonly unfinished: readonly string[]; readonly said: readonly string[] }> {
  const { submitters, problems } = await readExperiment(folder);
  const all = [...submitters?.runs ?? [], ...submitters?.evaluations ?? []];
  return {
    notes: Object.fromEntries(all.map(([name, notes]) => [name, notes.map(({ file, jobId, state }) => `${jobId} ${state} by ${file}`)])),
    unfinished: submitters?.unfinished.map(({ file, program, restMs }) => `${program} by ${file}, ${restMs / 1000} s`) ?? [],
    said: problems.map((problem) => `${problem.severity} ${renderProblem(problem)}`).filter((text) => !text.includes("scaffolding")),
  };
}

function entry(jobId: string, state = "COMPLETED"): object {
  return { job_id: jobId, state };
}

describe("notes of the users' own submitters", () => {
  test("are of the scripts whose paths they name, in the layout of today", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, {
      [trainings]: JSON.stringify({ "rank4_lr1e-5/finetune.slurm": entry("71"), "./rank8_lr1e-5/finetune.slurm": entry("72", "RUNNING") }),
      [evaluations]: JSON.stringify({ "rank4_lr1e-5/eval/capitalization_epoch0/cell.slurm": entry("81"), [`${folder}/base/eval/capitalization/cell.slurm`]: entry("82") }),
    });
    expect((await read(folder)).notes).toEqual({
      "rank4_lr1e-5": [`71 COMPLETED by ${trainings}`], "rank8_lr1e-5": [`72 RUNNING by ${trainings}`],
      "rank4_lr1e-5_capitalization_epoch0": [`81 COMPLETED by ${evaluations}`], "base_capitalization": [`82 COMPLETED by ${evaluations}`],
    });
  });

  test("are of the same scripts in older layouts", async () => {
    const folder = copyOfFixture("documents");
    addFiles(folder, { [evaluations]: JSON.stringify({
      "rank8_lr1e-5/eval/capitalization_epoch0.slurm": entry("81"), "rank8_lr1e-5/eval/capitalization_epoch1/capitalization_epoch1.slurm": entry("82"),
    }) });
    expect((await read(folder)).notes).toEqual({
      "rank8_lr1e-5_capitalization_epoch0": [`81 COMPLETED by ${evaluations}`], "rank8_lr1e-5_capitalization_epoch1": [`82 COMPLETED by ${evaluations}`],
    });
  });

  test("come from the files of the agents before as well, the submitters' first", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, {
      "jobs.json": JSON.stringify({ jobs: { "rank8_lr1e-5": { job_id: 61, status: "completed" } } }),
      "eval_jobs.old.json": JSON.stringify({ evaluations: { "x": { run: "base", task: "capitalization", epoch: null, job_id: "62", status: "FAILED" } } }),
      [trainings]: JSON.stringify({ "rank8_lr1e-5/finetune.slurm": entry("72") }),
    });
    const { notes, said } = await read(folder);
    expect(notes).toEqual({ "rank8_lr1e-5": [`72 COMPLETED by ${trainings}`, "61 COMPLETED by jobs.json"], "base_capitalization": ["62 FAILED by eval_jobs.old.json"] });
    expect(said).toEqual([]);
  });

  test("of nothing in the summary are told", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, { [trainings]: JSON.stringify({ "rank64/finetune.slurm": entry("1"), "eval": entry("2"), "../other/rank8_lr1e-5/finetune.slurm": entry("3"), "": entry("4") }) });
    expect(await read(folder)).toMatchObject({
      notes: {}, said: ['warning logs/run-torchtune.state.json: this names submissions of which the summary knows nothing: "rank64/finetune.slurm", "eval", "../other/rank8_lr1e-5/finetune.slurm", ""'],
    });
  });

  test("are absent where there are none", async () => {
    expect((await readExperiment(copyOfFixture("current"))).submitters).toBeUndefined();
  });

  test.each([
    ["a cut file stops everything", trainings, "{", "error logs/run-torchtune.state.json:1:2: this is not JSON, or not all of it"],
    ["bytes that are no text stop everything", evaluations, Buffer.from([0x7b, 0xff, 0x7d]), "error logs/run-inspect.state.json:1:2: this is not UTF-8 text"],
    ["a folder of that name stops everything", `${trainings}/x`, "", "error logs/run-torchtune.state.json: this is not a file"],
    ["what agents wrote in another form is only told", "jobs.json", "# Jobs\n- rank8: 77", "warning jobs.json:"],
  ])("%s", async (_what, file, content, problem) => {
    const folder = copyOfFixture("current");
    addFiles(folder, { [file]: content });
    expect((await read(folder)).said).toEqual([expect.stringContaining(problem)]);
  });

  test("leave the word about a broken eval_jobs.json to the reader of nightshift's own", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, { "eval_jobs.json": "{" });
    expect(await read(folder)).toEqual({ notes: {}, unfinished: [], said: [] });
  });
});

describe("a submitter on another machine may be at work", () => {
  const all = { "rank4_lr1e-5/finetune.slurm": entry("71"), "rank8_lr1e-5/finetune.slurm": entry("72") };

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["not once everything has ended", { [trainings]: JSON.stringify(all) }, []],
    ["while a job has not", { [trainings]: JSON.stringify({ ...all, "rank8_lr1e-5/finetune.slurm": entry("72", "RUNNING") }) }, [`submit_torchtune by ${trainings}, 180 s`]],
    ["while a script has no job yet", { [trainings]: JSON.stringify({ "rank4_lr1e-5/finetune.slurm": entry("71") }) }, [`submit_torchtune by ${trainings}, 180 s`]],
    ["for ever, with a word that it does not know for an end", { [trainings]: JSON.stringify({ ...all, "rank8_lr1e-5/finetune.slurm": entry("72", "CANCELLED by 1000") }) }, [`submit_torchtune by ${trainings}, 180 s`]],
    ["the longer the more seldom it looks", { [trainings]: "{}", "logs/monitor.json": '{"poll_sec": 600}' }, [`submit_torchtune by ${trainings}, 1800 s`]],
    ["whatever its settings are", { [trainings]: "{}", "logs/monitor.json": "[" }, [`submit_torchtune by ${trainings}, 180 s`]],
    ["not as what agents write", { "jobs.json": '{"jobs": {"rank8_lr1e-5": {"status": "running"}}}' }, []],
  ])("%s", async (_what, files, unfinished) => {
    const folder = copyOfFixture("current");
    addFiles(folder, files);
    expect((await read(folder)).unfinished).toEqual(unfinished);
  });

  test("not after it was sent away, unless it was started again", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, { [trainings]: "{}", "logs/.detach": "" });
    const at = (file: string, seconds: number): void => utimesSync(join(folder, file), seconds, seconds);
    at(trainings, 1_700_000_000);
    at("logs/.detach", 1_700_000_100);
    expect((await read(folder)).unfinished).toEqual([]);
    at(trainings, 1_700_000_200);
    expect((await read(folder)).unfinished).toHaveLength(1);
  });
});

test("their files are only read", async () => {
  const folder = copyOfFixture("current");
  addFiles(folder, { [trainings]: "{}" });
  utimesSync(join(folder, trainings), 1_700_000_000, 1_700_000_000);
  const { submitters } = await readExperiment(folder);
  expect(submitters?.unfinished.map(({ changedMs }) => changedMs)).toEqual([1_700_000_000_000]);
});

test("a folder without a summary has none", async () => {
  expect((await readExperiment(tempTree({ [trainings]: "{}" }))).submitters).toBeUndefined();
});
