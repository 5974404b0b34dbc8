import { once } from "node:events";
import { type Stats, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import type { Command } from "commander";
import { stringify } from "csv-stringify";

import type { LogObject } from "../domain/log-object.ts";
import { describeLogAt, messageOf } from "../evaluators/inspect/describe-log.ts";
import { isSystemError } from "../evaluators/inspect/find-logs.ts";
import { findLogsBelow } from "../evaluators/inspect/find-logs-below.ts";
import { readLog } from "../evaluators/inspect/log/read-log.ts";
import { type LogSamples, openSamples } from "../evaluators/inspect/log/stream-samples.ts";
import { escapeForTerminal } from "../report/json-text.ts";
import { cellOf, logColumns, logRow } from "../report/log-csv.ts";
import { renderLogTable } from "../report/log-table.ts";
import { terminalPaint } from "./paint.ts";
import { complain, tell } from "./tell.ts";
import { WrongUse } from "./wrong-use.ts";

interface EvalLogFlags {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly samples?: boolean;
}

/** `nightshift eval-log`: what inspect-ai's logs say, without Python. */
export function addEvalLog(program: Command): void {
  program.command("eval-log")
    .description("what inspect-ai's logs say: status, accuracy, every metric; a table for people, JSON or CSV for programs. Exit code 1 if a log cannot be read")
    .argument("<paths...>", "logs (.eval, .json), or folders, which are looked through with all that is in them")
    .option("--json", "an object per line and log (docs/eval-log.schema.json), with --samples per sample")
    .option("--csv", "a row per log, with --samples per sample")
    .option("--samples", "the samples of the logs, with their scores")
    .addHelpText("after", "\nExamples:\n  nightshift eval-log ~/experiments/cap_sweep --json | jq .accuracy\n  nightshift eval-log rank8/eval/cap_epoch1/logs/*.eval --samples --csv > samples.csv")
    .action(async (paths: readonly string[], flags: EvalLogFlags) => { process.exitCode = await evalLog(paths, flags); });
}

async function evalLog(paths: readonly string[], { json = false, csv = false, samples = false }: EvalLogFlags): Promise<number> {
  if (json && csv) throw new WrongUse("--json and --csv are two forms of the same: choose one");
  if (samples && !json && !csv) throw new WrongUse("--samples: say in which form, --csv or --json");
  const files = paths.flatMap((path) => (isFolder(path) ? findLogsBelow(path) : [path]));
  if (files.length === 0) {
    complain(`no log (.eval, or .json with a time in front) in ${paths.join(", ")}`);
    return 1;
  }
  return samples ? writeSamples(files, csv) : writeLogs(files, json ? "json" : csv ? "csv" : "table");
}

async function writeLogs(files: readonly string[], form: "json" | "csv" | "table"): Promise<number> {
  const sheet = form === "csv" ? openSheet(logColumns) : undefined;
  const logs: LogObject[] = [];
  let failures = 0;
  for (const [index, file] of files.entries()) {
    showProgress(index, files.length);
    const log = await describeLogAt(file, async (path) => patiently(path, readLog));
    if (log.status === "error") failures += 1;
    if (form === "json") await writeLine(JSON.stringify(log));
    else if (sheet === undefined) logs.push(log);
    else await sheet.add(logRow(log));
  }
  showProgress(files.length, files.length);
  await sheet?.end();
  if (form === "table") tell(renderLogTable(logs, terminalPaint));
  return failures === 0 ? 0 : 1;
}

// inspect-ai before 0.3.248 writes a log anew in place whenever samples are done: for a moment it is cut off.
async function patiently<Reading>(path: string, read: (path: string) => Promise<Reading>): Promise<Reading> {
  for (let patience = 5; ; patience -= 1) {
    try {
      return await read(path);
    } catch (error) {
      if (messageOf(error) === undefined || patience === 0 || !hasJustChanged(path)) throw error;
    }
    await setTimeout(200);
  }
}

function hasJustChanged(file: string): boolean {
  return Math.abs(Date.now() - (statsOf(file)?.mtimeMs ?? 0)) < 5000;
}

async function writeSamples(files: readonly string[], isCsv: boolean): Promise<number> {
  // A sheet has the columns of all logs, which are looked at for them first.
  const names = isCsv ? await scoresOf(files) : [];
  const sheet = isCsv ? openSheet(["path", "id", "epoch", "input", "target", "answer", "error", ...names.map((name) => `score_${name}`)]) : undefined;
  let failures = 0;
  for (const path of files) {
    const isRead = await withSamples(path, complain, async (samples) => {
      let done = 0;
      for await (const { scores, ...sample } of samples.rows()) {
        if (done % 1000 === 0 && !process.stdout.isTTY) showProgress(done, samples.count, "samples");
        done += 1;
        if (sheet === undefined) await writeLine(JSON.stringify({ path, ...sample, scores }, withNaN));
        else await sheet.add([path, ...Object.values(sample), ...names.map((name) => scores[name])].map(cellOf));
      }
      showProgress(done, done);
      if (samples.leftOut > 0) {
        complain(`${path}: ${samples.leftOut} ${samples.leftOut === 1 ? "sample is" : "samples are"} left out: the id is no text and no number`);
        failures += 1;
      }
      if (samples.shortened() > 0) complain(`${path}: ${samples.shortened()} of ${samples.count} samples cannot be read; their texts are those of the log's summaries, which shorten them`);
    });
    if (!isRead) failures += 1;
  }
  await sheet?.end();
  return failures === 0 ? 0 : 1;
}

async function scoresOf(files: readonly string[]): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const [index, path] of files.entries()) {
    showProgress(index, files.length);
    await withSamples(path, () => {}, (samples) => { for (const name of samples.scores) names.add(name); });
  }
  showProgress(files.length, files.length);
  return [...names];
}

/** Says what is wrong with a log that cannot be read. */
async function withSamples(path: string, say: (text: string) => void, use: (samples: LogSamples) => Promise<void> | void): Promise<boolean> {
  try {
    const samples = await patiently(path, openSamples);
    try {
      await use(samples);
    } finally {
      samples.close();
    }
    return true;
  } catch (error) {
    const message = messageOf(error);
    if (message === undefined) throw error;
    say(`${path}: ${message}`);
    return false;
  }
}

interface Sheet {
  add(row: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

function openSheet(columns: readonly string[]): Sheet {
  const sheet = stringify({ header: true, columns: [...columns] });
  sheet.pipe(process.stdout, { end: false });
  return {
    add: async (row) => { if (!sheet.write(row)) await once(sheet, "drain"); },
    end: async () => { sheet.end(); await once(sheet, "end"); },
  };
}

async function writeLine(json: string): Promise<void> {
  if (!process.stdout.write(`${escapeForTerminal(json)}\n`)) await once(process.stdout, "drain");
}

// A second of silence is no reason to speak.
function showProgress(done: number, all: number, what = "logs"): void {
  if (!process.stderr.isTTY || performance.now() < 1000) return;
  process.stderr.write(done === all ? "\r\u001B[K" : `\r\u001B[K${done} of ${all} ${what}`);
}

function withNaN(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

// Whoever names a link means what it leads to.
function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

// Why something cannot be looked at is said where it is read.
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
