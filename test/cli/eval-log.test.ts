import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import * as z from "zod";

import { logObjectSchema } from "../../src/domain/log-object.ts";
import { zipFile } from "../evaluators/inspect/zip-files.ts";
import { openWorkplace } from "../support/workplace.ts";

const root = join(import.meta.dirname, "../..");
const fixtures = join(root, "fixtures/inspect");
const place = openWorkplace();

test("the schema that comes with the package says what is printed", () => {
  const file = join(root, "docs/eval-log.schema.json");
  const schema = `${JSON.stringify({ title: "One line of nightshift eval-log --json", ...z.toJSONSchema(logObjectSchema) }, undefined, 2)}\n`;
  if (process.env["UPDATE"] === "1") writeFileSync(file, schema);
  expect(readFileSync(file, "utf8")).toBe(schema);
});

describe("for programs", () => {
  test("an object per line and log, in the shape of parse_eval_log.py and more", async () => {
    const { code, out, err } = await place.nightshift(["eval-log", join(fixtures, "0.3.285"), "--json"]);
    expect([code, err]).toEqual([0, ""]);
    const objects = linesOf(out).map((line) => logObjectSchema.parse(JSON.parse(line)));
    expect(objects.map(({ path, status }) => [path.slice(path.lastIndexOf("/") + 1), status])).toEqual(logsIn("0.3.285").map((name) => [name, "success"]));
    expect(objects.find(({ path }) => path.endsWith("/success.eval"))).toMatchObject({
      task: "capitalization", accuracy: 0.5, samples: 4, scorer: "match", model: "mockllm/model", version: "0.3.285", log_status: "success", total_samples: 4, completed_samples: 4, epochs: 1,
      metadata: { epoch: 1 }, tags: [], partial: false, warnings: [], metrics: [{ scorer: "match", name: "accuracy", value: 0.5 }, { scorer: "match", name: "stderr", value: 0.28867513459481287 }],
    });
    expect(objects.find(({ path }) => path.endsWith("/nan.eval"))).toMatchObject({ accuracy: "NaN", partial: false });
    expect(objects.find(({ path }) => path.endsWith("/binary.eval"))).toMatchObject({ binary: { status: "success", samples: 6, balanced_accuracy: 0.8333, confusion_matrix: { other: 1 } } });
    expect(objects.find(({ path }) => path.endsWith("/error.eval"))).toMatchObject({ log_status: "error", partial: true, accuracy: 1, error: expect.stringContaining("no weights") as string, warnings: ["stores no results: the metrics are those of the 2 samples it has"] });
  });

  test("what cannot be read is an object too, and exit code 1", async () => {
    const cut = join(place.folder, "cut.eval");
    writeFileSync(cut, readFileSync(join(fixtures, "0.3.285/success.eval")).subarray(0, 900));
    const { code, out } = await place.nightshift(["eval-log", join(place.folder, "none.eval"), cut, join(fixtures, "0.3.60/success.eval"), "--json"]);
    expect(code).toBe(1);
    expect(linesOf(out).map((line) => JSON.parse(line) as unknown)).toEqual([
      { status: "error", message: "File not found", path: join(place.folder, "none.eval") },
      { status: "error", message: "the log ends before its directory: it is cut off, or being written", path: cut },
      expect.objectContaining({ status: "success", accuracy: 0.5 }),
    ]);
  });

  test("a log that is being written anew is waited for", async () => {
    const whole = readFileSync(join(fixtures, "0.3.285/success.eval"));
    const log = join(place.folder, "changing.eval");
    writeFileSync(log, whole.subarray(0, 900));
    const nightshift = place.start(["eval-log", join(fixtures, "0.3.60/success.eval"), log, "--json"]);
    // The first is told; the second is looked at next.
    await nightshift.says("\n");
    writeFileSync(log, whole);
    const { code, out } = await nightshift.ended;
    expect(code).toBe(0);
    expect(linesOf(out).map((line) => JSON.parse(line) as unknown)).toEqual([expect.objectContaining({ version: "0.3.60" }), expect.objectContaining({ version: "0.3.285", accuracy: 0.5 })]);
  });

  test("its samples are waited for too", async () => {
    const whole = readFileSync(join(fixtures, "0.3.285/success.eval"));
    const log = join(place.folder, "changing-samples.eval");
    writeFileSync(log, whole.subarray(0, 900));
    const nightshift = place.start(["eval-log", join(fixtures, "0.3.60/success.eval"), log, "--samples", "--json"]);
    await nightshift.says("\n");
    writeFileSync(log, whole);
    const { code, out } = await nightshift.ended;
    expect([code, linesOf(out).length]).toEqual([0, 8]);
  });

  test.each([["--json"], ["--csv"], ["--samples", "--csv"]])("by %s, who reads no further ends it, and nobody complains", async (...flags) => {
    const nightshift = place.start(["eval-log", ...Array.from({ length: 20 }, () => join(fixtures, "0.3.285")), ...flags]);
    await nightshift.says("\n");
    nightshift.turnsAway();
    expect(await nightshift.ended).toMatchObject({ code: 0, err: "" });
  });

  test("a row per log for a spreadsheet", async () => {
    const { code, out } = await place.nightshift(["eval-log", join(fixtures, "0.3.60"), "--csv"]);
    const [head = "", ...rows] = linesOf(out);
    expect([code, head.startsWith("path,status,message,log_status,task,model,accuracy,"), rows.length]).toEqual([0, true, logsIn("0.3.60").length]);
    expect(rows.find((row) => row.includes("/success.eval"))).toMatch(/,success,,success,capitalization,mockllm\/model,0\.5,match,4,4,4,1,false,/u);
  });

  test("a row per sample, with a column for each score of any log", async () => {
    const { code, out } = await place.nightshift(["eval-log", join(fixtures, "0.3.285/scorers.eval"), join(fixtures, "0.3.285/epochs.eval"), "--samples", "--csv"]);
    const [head, ...rows] = linesOf(out);
    expect([code, head, rows.length]).toEqual([0, "path,id,epoch,input,target,answer,error,score_several_length,score_several_right,score_includes,score_match", 12]);
    expect(rows[0]).toBe(`${join(fixtures, "0.3.285/scorers.eval")},1,1,night,Night,,,5,true,C,C`);
    expect(rows.slice(4).map((row) => row.split(",").slice(1, 3).join(" "))).toEqual(["1 1", "2 1", "3 1", "4 1", "1 2", "2 2", "3 2", "4 2"]);
  });

  test("scores of two scorers that would be called the same have names of their own", async () => {
    const path = join(place.folder, "alike.eval");
    const scores = [{ a: { value: { b: 0.25, c: 1 } }, a_b: { value: 0.75 } }, { a_b: { value: 0.5 } }];
    writeFileSync(path, zipFile([
      { name: "_journal/start.json", text: `{"eval": {"task": "t"}}` },
      { name: "_journal/summaries/1.json", text: JSON.stringify(scores.map((one, id) => ({ id, epoch: 1, scores: one }))) },
    ]));
    const { out } = await place.nightshift(["eval-log", path, "--samples", "--csv"]);
    expect(linesOf(out)).toEqual(["path,id,epoch,input,target,answer,error,score_a/b,score_a_b,score_a_c", `${path},0,1,,,,,0.25,0.75,1`, `${path},1,1,,,,,,0.5,`]);
  });

  test("samples without an id are left out, and counted", async () => {
    const path = join(place.folder, "nameless.eval");
    writeFileSync(path, zipFile([
      { name: "_journal/start.json", text: `{"eval": {"task": "t"}}` },
      { name: "_journal/summaries/1.json", text: JSON.stringify([{ id: 1, epoch: 1 }, { id: null, epoch: 1 }, { id: ["x"], epoch: 1 }]) },
    ]));
    const { code, out, err } = await place.nightshift(["eval-log", path, "--samples", "--json"]);
    expect([code, linesOf(out).map((line) => (JSON.parse(line) as { readonly id: unknown }).id)]).toEqual([1, [1]]);
    expect(err).toContain(`${path}: 2 samples are left out: the id is no text and no number`);
  });

  test("the samples of a log that is being written, of one in the older format, and of one that failed", async () => {
    const logs = ["0.3.285/started.eval", "0.3.60/2026-11-21T00-00-00_json.json", "0.3.285/tolerated.eval"].map((name) => join(fixtures, name));
    const { code, out } = await place.nightshift(["eval-log", ...logs, "--samples", "--json"]);
    const rows = linesOf(out).map((line) => JSON.parse(line) as { path: string; id: number; scores: Record<string, unknown>; error: string });
    expect(code).toBe(0);
    expect(logs.map((path) => rows.filter((row) => row.path === path).map(({ id, scores }) => [id, scores["match"]]))).toEqual([
      [[1, "C"], [2, "C"]], [[1, "C"], [2, "C"], [3, "I"]], [[1, "C"], [2, "C"], [3, undefined], [4, "I"]],
    ]);
    expect(rows.find(({ error }) => error !== "")?.error).toContain("no weights");
  });
});

test("metrics that the version which wrote the log could have computed otherwise are doubtful", async () => {
  const start = { name: "_journal/start.json", text: JSON.stringify({ eval: { task: "t", packages: { inspect_ai: "0.3.60" }, config: { epochs: 2, epochs_reducer: ["mean"] } } }) };
  const summaries = { name: "_journal/summaries/1.json", text: `[{"id": 1, "epoch": 1, "scores": {"s": {"value": NaN}}}, {"id": 1, "epoch": 2, "scores": {"s": {"value": "C"}}}]` };
  const path = join(place.folder, "old.eval");
  writeFileSync(path, zipFile([start, summaries]));
  const { out } = await place.nightshift(["eval-log", path, "--json"]);
  expect(JSON.parse(out)).toMatchObject({ accuracy: 1, warnings: [
    "stores no results: the metrics are those of the 1 samples it has",
    "was written by inspect-ai 0.3.60, which dealt otherwise with samples that have no score: its own metrics could have been others",
  ] });
});

describe("of a sample that cannot be read", () => {
  test("the log's summary says what it can, and that it shortens texts", async () => {
    const path = join(place.folder, "damaged.eval");
    const bytes = readFileSync(join(fixtures, "0.3.285/texts.eval"));
    const name = Buffer.from("samples/spaced_epoch_1.json");
    const data = bytes.indexOf(name) + name.length;
    bytes.fill(0xff, data + 100, data + 110);
    writeFileSync(path, bytes);
    const { code, out, err } = await place.nightshift(["eval-log", path, "--samples", "--json"]);
    expect(linesOf(out).map((line) => JSON.parse(line) as { id: string; answer: string }).map(({ id, answer }) => [id, answer.slice(0, 20)])).toEqual([
      ["long", "word  by word\nword  "], ["spaced", "spaced out"], ["messages", "\u001B[1mnight\u001B[0m"],
    ]);
    expect([code, err]).toEqual([0, expect.stringContaining("damaged.eval: 1 of 3 samples cannot be read; their texts are those of the log's summaries, which shorten them")]);
  });
});

describe("for people", () => {
  test("a table, and of a single log every metric", async () => {
    const folder = join(place.folder, "logs");
    mkdirSync(folder);
    copyFileSync(join(fixtures, "0.3.285/scorers.eval"), join(folder, "scorers.eval"));
    const { code, out } = await place.nightshift(["eval-log", folder]);
    expect([code, out]).toEqual([0, `${[
      "LOG           TASK            STATUS   ACCURACY  SAMPLES  SCORER   MODEL",
      "scorers.eval  capitalization  success  0.50      4        several  mockllm/model",
      "",
      "SCORER          METRIC    VALUE",
      "several/length  mean      5.5",
      "several/right   accuracy  0.5",
      "includes        accuracy  0.75",
      "includes        stderr    0.25",
      "match           accuracy  0.75",
      "match           stderr    0.25",
    ].join("\n")}\n`]);
  });

  test("how each ended, and what is odd", async () => {
    const { out } = await place.nightshift(["eval-log", join(fixtures, "0.3.60")]);
    expect(out).toMatch(/^cancelled\.eval +capitalization +cancelled, partial results +1\.00 +2 of 4 /mu);
    expect(out).toMatch(/^started\.eval +capitalization +started, not finished +1\.00 +2 of 4 /mu);
    expect(out).toMatch(/0\.3\.60\/error\.eval: RuntimeError\('no weights at https:\/\/user:\*\*\*@example\.org/u);
  });

  test.each([
    [["--json", "--csv"], /--json and --csv are two forms of the same/u],
    [["--samples"], /--samples: say in which form/u],
  ])("%j is answered with what to do", async (flags, message) => {
    expect(await place.nightshift(["eval-log", fixtures, ...flags])).toMatchObject({ code: 2, out: "", err: expect.stringMatching(message) as string });
  });

  test("a link to a folder is that folder", async () => {
    symlinkSync(join(fixtures, "0.3.60"), join(place.folder, "link"));
    const { code, out } = await place.nightshift(["eval-log", "link", "--json"]);
    expect([code, linesOf(out).length]).toEqual([0, logsIn("0.3.60").length]);
  });

  test("what cannot even be looked at is told, and the others are read", async () => {
    // A folder whose path is longer than the system allows: nobody can read it, whoever they are.
    const step = "d".repeat(250);
    spawnSync("bash", ["-c", `mkdir deep && cd deep && for _ in {1..17}; do mkdir ${step} && cd ${step}; done`], { cwd: place.folder });
    copyFileSync(join(fixtures, "0.3.60/success.eval"), join(place.folder, "deep/success.eval"));
    symlinkSync("loop", join(place.folder, "loop"));
    const { code, out, err } = await place.nightshift(["eval-log", `${"x".repeat(300)}.eval`, "loop", "deep", "--json"]);
    // Nor can Node remove it.
    spawnSync("rm", ["-r", "deep"], { cwd: place.folder });
    expect([code, err]).toEqual([1, ""]);
    expect(linesOf(out).map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ status: "error", message: "the file is not accessible (ENAMETOOLONG)" }),
      { status: "error", message: "File not found", path: "loop" },
      expect.objectContaining({ status: "error", message: "the file is not accessible (ENAMETOOLONG)" }),
      expect.objectContaining({ status: "success", accuracy: 0.5 }),
    ]);
  });

  test.skipIf(!existsSync("/dev/full")).each([[[]], [["--json"]], [["--csv"]], [["--samples", "--csv"]]])("a disk that is full is told in a sentence: %j", async (flags) => {
    const { code, err } = await place.nightshift(["eval-log", join(fixtures, "0.3.60/success.eval"), ...flags], { under: ["bash", "-c", '"$@" > /dev/full', "bash"] });
    expect([code, err]).toEqual([1, "nightshift: the disk is full (ENOSPC)\n"]);
  });

  test("a folder without logs is no success", async () => {
    expect(await place.nightshift(["eval-log", place.root])).toMatchObject({ code: 1, out: "", err: expect.stringContaining("no log") as string });
  });
});

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}

function logsIn(version: string): readonly string[] {
  return readdirSync(join(fixtures, version)).filter((name) => !["expected.json", "eval_ids.json"].includes(name)).toSorted();
}
