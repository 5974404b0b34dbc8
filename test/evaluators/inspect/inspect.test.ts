import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EvaluationJob, EvaluationQuestion, EvaluationReading, Evaluator } from "../../../src/domain/evaluator.ts";
import type { Evaluation } from "../../../src/domain/experiment.ts";
import { inspectEvaluator } from "../../../src/evaluators/inspect/inspect.ts";
import { zipFile } from "./zip-files.ts";

const fixtures = join(import.meta.dirname, "../../../fixtures/inspect/0.3.285");
const noon = Date.parse("2026-11-21T12:00:00Z");

let folder = "";
let now = noon;
let evaluator: Evaluator = inspectEvaluator();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-logs-"));
  now = noon;
  evaluator = inspectEvaluator({ now: () => now });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("in a folder of its own", () => {
  test("without logs there is nothing to read", async () => {
    expect(await ask()).toEqual({ logCount: 0, problems: [] });
    expect(await ask({ logFolders: [join(folder, "missing"), join(folder, "missing")] })).toEqual({ logCount: 0, problems: [] });
  });

  test("the one log counts", async () => {
    put("success.eval");
    const { log, ...rest } = await ask();
    expect(rest).toEqual({ logCount: 1, problems: [] });
    expect(log).toMatchObject({ path: join(folder, "success.eval"), status: "success", samples: 4, accuracy: 0.5, scorer: "match", changedAt: "2026-11-21T11:00:00.000Z" });
  });

  test("what the job printed is used where no log can be read, once the job is over", async () => {
    const output = join(folder, "slurm-7.out");
    writeFileSync(output, "demo (20 samples)\nmatch            includes\naccuracy  0.850  accuracy  0.910\n");
    const printed = { accuracy: 0.85, scorer: "match", samples: 20, output };
    expect(await ask({}, { jobIsOver: true, output })).toEqual({ logCount: 0, problems: [], printed });
    expect(await ask({}, { output })).toEqual({ logCount: 0, problems: [] });
    expect(await ask({}, { jobIsOver: true, output: join(folder, "slurm-8.out") })).toEqual({ logCount: 0, problems: [] });
    writeFileSync(join(folder, "cut.eval"), "PK");
    expect(await ask({}, { jobIsOver: true, output })).toMatchObject({ printed, problems: [{ severity: "error" }] });
    put("success.eval");
    expect(await ask({}, { jobIsOver: true, output })).not.toHaveProperty("printed");
  });

  test("the best of several counts, and why is told", async () => {
    put("started.eval");
    put("error.eval");
    put("success.eval");
    put("2026-11-21T00-00-00_json.json");
    const { log, logCount, choice } = await ask();
    expect(log?.path).toBe(join(folder, "success.eval"));
    expect(logCount).toBe(4);
    expect(choice).toBe("success.eval counts, of 4 logs, because it has more completed samples, 4 rather than 3");
  });

  test("what is no log by name or nature is not looked at", async () => {
    put("success.eval", "success.eval.bak");
    put("success.eval", ".inspect_tmp_1.eval");
    put("2026-11-21T00-00-00_json.json", "logs.json");
    mkdirSync(join(folder, "folder.eval"));
    execFileSync("mkfifo", [join(folder, "pipe.eval")]);
    for (const name of ["folder.eval", "pipe.eval"]) setTime(join(folder, name), noon - 3_600_000);
    expect(await ask()).toEqual({ logCount: 0, problems: [] });
  });

  test("logs created before the job are not of it", async () => {
    put("success.eval");
    const { log } = await ask();
    expect(await ask({}, { createdAfter: log?.created ?? "" })).toMatchObject({ logCount: 1 });
    expect(await ask({}, { createdAfter: "2026-11-22T00:00:00+00:00" })).toEqual({ logCount: 0, problems: [] });
  });

  test("a log of another epoch counts, with a warning", async () => {
    const path = put("success.eval");
    const reading = await ask({}, { evaluation: { run: "r", task: "capitalization", epoch: 0 } });
    expect(reading.log?.accuracy).toBe(0.5);
    expect(reading.problems).toEqual([{
      severity: "warning",
      message: "the evaluation log names another epoch than that of its folder",
      file: path,
      expected: "epoch 0 (its folder)",
      found: "epoch 1 (metadata epoch)",
      advice: "It counts for r/capitalization/epoch0, whose folder this is; if it is of another epoch, move it away and evaluate again",
    }]);
  });
});

describe("a file", () => {
  test("that did not change is not opened again", async () => {
    const path = put("success.eval");
    const before = await ask();
    writeFileSync(path, Buffer.alloc(readFileSync(path).length));
    setTime(path, noon - 3_600_000);
    expect(await ask()).toEqual(before);
    expect(await inspectEvaluator({ now: () => now }).readEvaluation(question())).toMatchObject({ logCount: 0 });
  });

  test("that grew is read again", async () => {
    const path = put("started.eval");
    expect((await ask()).log?.status).toBe("started");
    copyFileSync(join(fixtures, "success.eval"), path);
    setTime(path, noon - 3_600_000);
    expect((await ask()).log?.status).toBe("success");
  });

  test("that was replaced by one of the same size and time is read again", async () => {
    const path = writeLog("x.eval", {}, "started");
    expect((await ask()).log?.status).toBe("started");
    renameSync(writeLog("new", {}, "success"), path);
    expect((await ask()).log?.status).toBe("success");
  });

  test("that may have been changed within its time's resolution is read again", async () => {
    const path = writeLog("x.eval", {}, "started");
    setTime(path, now);
    expect((await ask()).log?.status).toBe("started");
    writeLog("x.eval", {}, "success");
    setTime(path, now);
    expect((await ask()).log?.status).toBe("success");
  });

  test("that is being rewritten is what it was, until it has been broken for a minute", async () => {
    const path = put("started.eval");
    const before = await ask();
    truncateSync(path, 100);
    setTime(path, noon);
    expect(await ask()).toEqual(before);
    now = noon + 59_999;
    expect(await ask()).toEqual(before);
    now = noon + 60_000;
    expect(await ask()).toEqual({
      logCount: 0,
      problems: [{
        severity: "error",
        message: "the evaluation log cannot be read: it ends before its directory: it is cut off, or being written",
        file: path,
        advice: "Evaluate again, or remove the file",
      }],
    });
    put("success.eval", "started.eval");
    expect((await ask()).log?.status).toBe("success");
  });

  test("that was never whole is not there yet, and a problem after a minute", async () => {
    const path = join(folder, "empty.eval");
    writeFileSync(path, "");
    setTime(path, noon);
    expect(await ask()).toEqual({ logCount: 0, problems: [] });
    now = noon + 60_000;
    expect((await ask()).problems).toMatchObject([{ message: "the evaluation log cannot be read: it is empty", file: path }]);
  });

  test("that was never whole is a problem at once when its job is over: nobody writes it any more", async () => {
    const path = join(folder, "empty.eval");
    writeFileSync(path, "");
    setTime(path, noon);
    expect((await ask({}, { jobIsOver: true })).problems).toMatchObject([{ message: "the evaluation log cannot be read: it is empty", file: path }]);
  });

  test("that vanishes is forgotten", async () => {
    const path = put("success.eval");
    await ask();
    rmSync(path);
    expect(await ask()).toEqual({ logCount: 0, problems: [] });
  });

  test.each([
    ["is no zip file", "x.eval", Buffer.from("hello"), "ends before its directory"],
    ["is some other zip file", "x.eval", zipFile([{ name: "a.txt" }]), "is a zip file but no evaluation log"],
    ["has lost its header", "x.eval", zipFile([{ name: "_journal/start.json", text: "{}" }, { name: "summaries.json", text: "[]" }]), "its directory knows no header"],
    ["has a header that is none", "x.eval", zipFile([{ name: "header.json", text: "{}" }]), "its status is not as it should be"],
    ["is some other JSON", "2026-11-21T00-00-00_x.json", Buffer.from(`{"a": 1}`), "its status is not as it should be"],
    ["is a JSON log that ends in the middle", "2026-11-21T00-00-00_x.json", Buffer.from(`{"status": "started", "samples": [`), "ends in the middle"],
  ])("that %s is a problem", async (_what, name, bytes, message) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    setTime(path, noon - 3_600_000);
    const { problems, ...rest } = await ask();
    expect(rest).toEqual({ logCount: 0 });
    expect(problems).toMatchObject([{ severity: "error", file: path, message: expect.stringContaining(message) as unknown }]);
  });
});

describe("samples", () => {
  const start = { name: "_journal/start.json", text: JSON.stringify({ eval: { task: "t", dataset: { samples: 5 } } }) };
  const header = { name: "header.json", text: JSON.stringify({ status: "success", eval: { task: "t" } }) };
  const summaries = (...list: readonly object[]): string => JSON.stringify(list);

  test("of a running evaluation are counted by what it wrote last of each", async () => {
    write([
      start,
      { name: "_journal/summaries/2.json", text: summaries({ id: 1, epoch: 1, error: "timeout" }, { id: 2, epoch: 1 }) },
      { name: "_journal/summaries/10.json", text: summaries({ id: 1, epoch: 1 }, { id: 3, epoch: 1, error: "timeout" }) },
    ]);
    expect((await ask()).log).toMatchObject({ status: "started", samples: 2, completedSamples: 2, totalSamples: 5 });
  });

  test("of a running evaluation come with what was changed of its configuration meanwhile", async () => {
    write([start, { name: "_journal/config_updates/1.json", text: JSON.stringify({ changes: [{ config: "eval", name: "message_limit", value: 5 }] }) }]);
    expect((await ask()).problems).toMatchObject([{ severity: "warning", message: "the evaluation log is of an evaluation whose configuration was changed while it ran: message_limit to 5" }]);
  });

  test("of a running evaluation come with the metrics that cannot be computed of them", async () => {
    const scorers = [{ name: "match", metrics: [{ name: "accuracy" }, { name: "kit/own_metric" }] }];
    write([
      { name: "_journal/start.json", text: JSON.stringify({ eval: { task: "t", dataset: { samples: 5 }, scorers } }) },
      { name: "_journal/summaries/1.json", text: summaries({ id: 1, epoch: 1, scores: { match: { value: "C" } } }) },
    ]);
    const { log, problems } = await ask();
    expect(log?.soFar?.accuracy).toBe(1);
    expect(problems).toMatchObject([{ message: "the evaluation log does not say how all its metrics would be computed; left out: own_metric of match" }]);
  });

  test("in chunks give the same numbers", async () => {
    write([
      header,
      { name: "summaries.json", text: summaries({ id: "a/b", target: "1" }, { id: "c", target: "0" }) },
      { name: "samples/a/b_epoch_1/sample.json", text: `{"target": "1", "output": {"completion": "1"}}` },
      { name: "samples/a/b_epoch_1/messages/0.json", text: "[]" },
      { name: "samples/c_epoch_1.json", text: `{"target": "0", "output": {"completion": "1"}}` },
    ]);
    expect((await ask()).log?.binary).toMatchObject({ samples: 2, accuracy: 0.5, balancedAccuracy: 0.5 });
  });

  test("are found whatever their ids have in them", async () => {
    const ids = ["new\nline", "a\u2028b", "..", "quo\"te", "\u{1F319}".repeat(80), "x_epoch_1/sample"];
    write([
      header,
      { name: "summaries.json", text: summaries(...ids.map((id) => ({ id, target: "1" }))) },
      ...ids.map((id) => ({ name: `samples/${id}_epoch_1.json`, text: `{"target": "1", "output": {"completion": "1"}}` })),
    ]);
    expect((await ask()).log?.binary).toMatchObject({ samples: ids.length, accuracy: 1 });
  });

  test("are not inflated where targets are no 0 and 1", async () => {
    write([
      header,
      { name: "summaries.json", text: summaries({ id: 1, target: "1" }, { id: 2, target: "yes" }) },
      { name: "samples/1_epoch_1.json", text: "damaged", crc32: 1 },
    ]);
    const { log, problems } = await ask();
    expect(log?.binary).toBeUndefined();
    expect(problems).toEqual([]);
  });
});

describe("a log that is damaged in part", () => {
  const header = (more: object): string => JSON.stringify({ status: "success", eval: { task: "t" }, results: { completed_samples: 2, scores: [] }, ...more });

  test("counts, without what cannot be known", async () => {
    const summaries = JSON.stringify([{ id: 1, epoch: 1, target: "1" }, { id: 2, epoch: 1, target: "0" }]);
    const path = write([
      { name: "samples/1_epoch_1.json", text: `{"target": "1", "output": {"completion": "1"}}` },
      { name: "samples/2_epoch_1.json", text: `{"target": "0"}`, crc32: 1 },
      { name: "summaries.json", text: summaries },
      { name: "header.json", text: header({}) },
    ]);
    const { log, problems } = await ask();
    expect(log).toMatchObject({ status: "success", completedSamples: 2 });
    expect(log?.binary).toBeUndefined();
    expect(problems).toEqual([{
      severity: "warning",
      message: "the evaluation log has a damaged member, samples/2_epoch_1.json: its checksum is wrong; what needs its samples is left out",
      file: path,
    }]);
  });

  test("by the loss of samples says so", async () => {
    write([{ name: "samples/1_epoch_1.json", text: "{}" }, { name: "header.json", text: header({}) }]);
    expect((await ask()).problems).toMatchObject([{ severity: "warning", message: "the evaluation log has 1 samples where its header counts 2" }]);
  });

  test("by a person's judgement says so", async () => {
    write([{ name: "header.json", text: header({ invalidated: true }) }]);
    expect((await ask()).problems).toMatchObject([{ severity: "warning", message: expect.stringContaining("marked as invalid") as unknown }]);
  });
});

describe("in a folder that several evaluations share", () => {
  const cells = [0, 1].flatMap((epoch) => ["cap", "cap_5L"].map((task): Evaluation => ({ run: "r8", task, epoch })));
  const shared = (evaluation: Evaluation): Promise<EvaluationReading> => ask({ logsAreShared: true }, { evaluation, others: cells });

  test("each gets its own logs", async () => {
    writeLog("a.eval", { task: "cap_r8 (cap)", metadata: { epoch: 0 } });
    writeLog("b.eval", { task: "cap_r8 (cap)", metadata: { epoch: 1 } });
    writeLog("c.eval", { task: "cap_r8 (cap_5L)", model: "hf/r8_epoch_0" });
    writeLog("d.eval", { task: "cap_r8 (cap_5L)", model_args: { model_path: "/x/epoch_1" } });
    writeLog("e.eval", { task: "cap_r8 (cap_5L)", model_args: { model_path: "/x/epoch_1" } });
    const readings = await Promise.all(cells.map(shared));
    expect(readings.map(({ log, logCount, problems }) => [log?.path.slice(-6), logCount, problems.length])).toEqual([
      ["a.eval", 1, 0], ["c.eval", 1, 0], ["b.eval", 1, 0], ["e.eval", 2, 0],
    ]);
  });

  test("what could be anyone's is left out and told", async () => {
    const path = writeLog("a.eval", { task: "cap" });
    expect(await shared({ run: "r8", task: "cap", epoch: 0 })).toEqual({
      logCount: 0,
      problems: [{
        severity: "warning",
        message: "the evaluation log is left out, because it does not tell which evaluation it is of",
        file: path,
        found: "the same for r8/cap/epoch0, r8/cap/epoch1",
        advice: "Record the epoch with --metadata epoch=N, or give each evaluation a log folder of its own",
      }],
    });
    expect(await shared({ run: "r8", task: "cap_5L", epoch: 0 })).toEqual({ logCount: 0, problems: [] });
  });

  test.each<[string, object, string, string]>([
    ["metadata and model", { metadata: { epoch: 1 }, model: "hf/r8_epoch_0" }, "epoch 1 (metadata epoch)", "epoch 0 (model hf/r8_epoch_0)"],
    ["metadata and model path", { metadata: { epoch: "1" }, model_args: { model_path: "/x/ck-out-r8/epoch_0/" } }, "epoch 1 (metadata epoch)", "epoch 0 (model path)"],
    ["model argument and model path", { model_args: { epoch: 1, model_path: "/x/epoch_0" } }, "epoch 1 (model argument epoch)", "epoch 0 (model path)"],
    ["metadata, of the same mind as the path, and model", { metadata: { epoch: 1 }, model: "hf/r8_epoch_10", model_args: { model_path: "/x/epoch_1" } }, "epoch 1 (metadata epoch)", "epoch 10 (model hf/r8_epoch_10)"],
  ])("where %s contradict each other, the first counts and both are told", async (_what, evaluation, expected, found) => {
    const file = writeLog("a.eval", { task: "cap", ...evaluation });
    const readings = await Promise.all(cells.map(shared));
    expect(readings.map(({ logCount }) => logCount)).toEqual([0, 0, 1, 0]);
    expect(readings.flatMap(({ problems }) => problems)).toEqual([{
      severity: "warning", message: "the evaluation log names different epochs", file, expected, found,
      advice: "It counts for r8/cap/epoch1, since of these the first is to be trusted most; if that is wrong, move it away and evaluate again with --metadata epoch=N",
    }]);
  });

  test("what names an epoch that is not to be evaluated is left out and told, with whatever contradicts it", async () => {
    const file = writeLog("a.eval", { task: "cap", metadata: { epoch: 7 }, model: "hf/r8_epoch_1" });
    const readings = await Promise.all(cells.map(shared));
    expect(readings.map(({ logCount, problems }) => [logCount, problems.length])).toEqual([[0, 1], [0, 0], [0, 1], [0, 0]]);
    expect(readings[0]?.problems).toEqual([{
      severity: "warning", message: "the evaluation log is left out, because the epoch it names is not to be evaluated", file,
      expected: "r8/cap/epoch0, r8/cap/epoch1", found: "epoch 7 (metadata epoch), epoch 1 (model hf/r8_epoch_1)",
      advice: "Add the epoch to the evaluation matrix; or, if the log is of another one, evaluate again with --metadata epoch=N",
    }]);
  });

  test("what is of another task is nobody's concern", async () => {
    writeLog("a.eval", { task: "reversal" });
    expect(await shared({ run: "r8", task: "cap", epoch: 0 })).toEqual({ logCount: 0, problems: [] });
  });
});

describe("a log that names no epoch is of the evaluation", () => {
  const [epoch0, epoch1] = [0, 1].map((epoch): Evaluation => ({ run: "r8", task: "cap", epoch })) as [Evaluation, Evaluation];
  const log = "2025-12-07T10-00-00+00-00_cap_8kJmW.eval";
  const created = "2025-12-07T10:00:00+00:00";
  const job = (evaluation: Evaluation, more: Partial<EvaluationJob> = {}): EvaluationJob => ({ id: "2773062", evaluation, how: "called so by sacct", ...more });
  const who = async (jobs: Partial<EvaluationQuestion>): Promise<readonly string[]> => {
    const readings = await Promise.all([epoch0, epoch1].map(async (evaluation) => ask({ logsAreShared: true }, { evaluation, others: [epoch0, epoch1], ...jobs })));
    return readings.map(({ logCount, problems: [problem] }) => [logCount, ...(problem === undefined ? [] : [problem.message.replace("the evaluation log ", ""), problem.found])].join(" "));
  };
  const leftOut = (more = ""): string => `0 is left out, because it does not tell which evaluation it is of the same for r8/cap/epoch0, r8/cap/epoch1${more}`;
  beforeEach(() => writeLog(log, { task: "cap", created }));

  test("whose job's output names it, by its id", async () => {
    writeFileSync(join(folder, "slurm-2773062.out"), `Log: logs/${log}\n`);
    expect(await who({ jobs: [job(epoch1)] })).toEqual(["0", "1"]);
    expect(await who({ jobs: [job(epoch0)] })).toEqual(["1", "0"]);
    expect(await who({ jobs: [job(epoch0, { id: "277306" })] })).toEqual([leftOut(), leftOut()]);
  });

  test("whose job's output names it, wherever that is", async () => {
    const output = join(folder, "elsewhere.txt");
    expect(await who({ jobs: [job(epoch1, { output })] })).toEqual([leftOut(), leftOut()]);
    writeFileSync(output, `Log: logs/${log}\n`);
    expect(await who({ jobs: [job(epoch1, { output })] })).toEqual(["0", "1"]);
    writeFileSync(output, "nothing\n");
    expect(await who({ jobs: [job(epoch1, { output })] })).toEqual([leftOut(), leftOut()]);
  });

  test("that the scheduler knows a job to have been for, asked only about jobs that wrote what nobody else can place", async () => {
    writeFileSync(join(folder, "slurm-2773062.out"), `Log: logs/${log}\n`);
    writeFileSync(join(folder, "slurm-2773063.out"), "Log: logs/2025-12-07T10-00-00+00-00_cap_other.eval\n");
    writeLog("told.eval", { task: "cap", metadata: { epoch: 0 } });
    const asked: string[] = [];
    const findJobs = async (ids: readonly string[]): Promise<readonly EvaluationJob[]> => {
      asked.push(...ids);
      return [job(epoch1, { startedAt: "2025-12-07T09:59:30+00:00", endedAt: "2025-12-07T10:20:00+00:00" })];
    };
    expect(await who({ findJobs })).toEqual(["1", "1"]);
    expect(asked).toEqual(["2773062", "2773062"]);
    expect(await who({ findJobs, jobs: [job(epoch0)] })).toEqual(["2", "0"]);
    expect(asked).toHaveLength(2);
  });

  test("but not when its job's output names several of one task, which may be of several epochs", async () => {
    const other = writeLog("2025-12-07T10-05-00+00-00_cap_other.eval", { task: "cap", created });
    const name = other.replace(/.*\//u, "");
    writeFileSync(join(folder, "slurm-2773062.out"), `Log: logs/${log}\nLog: logs/${name}\n`);
    expect(await who({ jobs: [job(epoch1)] })).toEqual([leftOut(), leftOut()]);
    writeLog(name, { task: "reversal", created });
    expect(await who({ jobs: [job(epoch1)] })).toEqual(["0", "1"]);
  });

  test("but not when the job ran at another time, or its name fits several", async () => {
    writeFileSync(join(folder, "slurm-2773062.out"), `Log: logs/${log}\n`);
    expect(await who({ jobs: [job(epoch1, { startedAt: "2025-12-08T00:00:00+00:00" })] })).toEqual([leftOut(), leftOut()]);
    expect(await who({ jobs: [job(epoch1, { endedAt: "2025-12-07T09:00:00+00:00" })] })).toEqual([leftOut(), leftOut()]);
    const both = leftOut("; r8/cap/epoch0 (job 2773062, called so by sacct), r8/cap/epoch1 (job 2773062, called so by sacct)");
    expect(await who({ jobs: [job(epoch0), job(epoch1)] })).toEqual([both, both]);
    const stranger = leftOut("; r8/rev/epoch1 (job 2773062, called so by sacct)");
    expect(await who({ jobs: [job({ ...epoch1, task: "rev" })] })).toEqual([stranger, stranger]);
  });

  test("and when it does name one, its job's word against it is told", async () => {
    const file = writeLog(log, { task: "cap", created, metadata: { epoch: 1 } });
    writeFileSync(join(folder, "slurm-2773062.out"), `Log: logs/${log}\n`);
    const { logCount, problems } = await ask({ logsAreShared: true }, { evaluation: epoch1, others: [epoch0], jobs: [job(epoch0)] });
    expect([logCount, problems]).toEqual([1, [{
      severity: "warning", message: "the evaluation log was written by the job of another evaluation", file,
      expected: "r8/cap/epoch1", found: "r8/cap/epoch0 (job 2773062, called so by sacct)",
      advice: "It counts for r8/cap/epoch1, as it says itself; if that is wrong, move it away, mend what the script records and evaluate again",
    }]]);
  });
});

function put(fixture: string, name = fixture): string {
  const path = join(folder, name);
  copyFileSync(join(fixtures, fixture), path);
  setTime(path, noon - 3_600_000);
  return path;
}

function writeLog(name: string, evaluation: object, status = "success"): string {
  return write([{ name: "header.json", text: JSON.stringify({ status, eval: { task: "t", created: "2026-11-21T09:00:00Z", ...evaluation } }) }], name);
}

function write(members: Parameters<typeof zipFile>[0], name = "x.eval"): string {
  const path = join(folder, name);
  writeFileSync(path, zipFile(members));
  setTime(path, noon - 3_600_000);
  return path;
}

function setTime(path: string, ms: number): void {
  utimesSync(path, ms / 1000, ms / 1000);
}

function question(places: Partial<EvaluationQuestion["places"]> = {}, more: Partial<EvaluationQuestion> = {}): EvaluationQuestion {
  return {
    evaluation: { run: "r", task: "capitalization", epoch: null },
    places: { scriptCandidates: [], submitFolder: folder, logFolders: [folder], logsAreShared: false, configFiles: [], ...places },
    jobIsOver: false,
    ...more,
  };
}

function ask(places: Partial<EvaluationQuestion["places"]> = {}, more: Partial<EvaluationQuestion> = {}): Promise<EvaluationReading> {
  return evaluator.readEvaluation(question(places, more));
}
