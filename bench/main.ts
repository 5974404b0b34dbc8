import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { markdownTable } from "markdown-table";

import { currentInspect, inspectPython, installInspect } from "../test/support/inspect-ai.ts";

// Measures what reading logs costs beside what else there is to read them with. Run from the repository, by
// `npm run bench`, on a machine that does nothing else. All kinds take their turns in every round, so that a machine that
// is slow for a while is slow for all; what counts is each kind's median.
const rounds = 5;
const processesPerRound = 4;

const missing = await installInspect(currentInspect);
if (missing !== undefined) fail(`the benchmark compares with inspect-ai ${currentInspect}, which cannot be installed here: ${missing}`);
const python = inspectPython(currentInspect);
const reader = resolve("dist/bench/read-logs.js");
const program = resolve("src/cli/nightshift.js");
const logs = makeLogs();
const small = logsIn("small");
const big = logsIn("big");

/** Seconds for all logs of a kind of reading, by its name. */
const kinds: Readonly<Record<string, () => number>> = {
  "1,000: nightshift": () => told(process.execPath, reader, "logs", ...small),
  "1,000: one Python": () => told(python, resolve("bench/read_headers.py"), ...small),
  "1,000: bytes": () => told(process.execPath, reader, "bytes", ...small),
  "big: nightshift": () => told(process.execPath, reader, "logs", ...big),
  "big: one Python": () => told(python, resolve("bench/read_headers.py"), ...big),
  "big: bytes": () => told(process.execPath, reader, "bytes", ...big),
  "process: nightshift": () => taken(process.execPath, program, "eval-log", "--json"),
  "process: Python": () => taken(python, resolve("bench/parse_eval_log.py")),
  "process: Node.js alone": () => taken(process.execPath, "-e", "0"),
};

const seconds = new Map(Object.keys(kinds).map((name) => [name, [] as number[]]));
// Everything is in the disk's cache then.
told(process.execPath, reader, "bytes", ...small, ...big);
for (let round = 1; round <= rounds; round += 1) {
  process.stderr.write(`round ${round} of ${rounds}\n`);
  for (const [name, measure] of Object.entries(kinds)) seconds.get(name)?.push(measure());
}
process.stdout.write(`${renderFigures()}\n`);

function renderFigures(): string {
  const each = (name: string): number => median(name) / small.length;
  const process1000 = median("process: Python");
  const rows = [
    ["1,000 logs of 1 MB", "a Python for each file", milliseconds(process1000), milliseconds(each("1,000: nightshift")), ...goal(process1000 / each("1,000: nightshift"), 4000)],
    ["", "one Python for all", milliseconds(each("1,000: one Python")), milliseconds(each("1,000: nightshift")), ...goal(each("1,000: one Python") / each("1,000: nightshift"), 30)],
    ["", "reading their bytes", milliseconds(each("1,000: bytes")), milliseconds(each("1,000: nightshift")), ...limit(each("1,000: nightshift") / each("1,000: bytes"), 1.5)],
    ["one log of 20,000 samples", "one Python", milliseconds(median("big: one Python")), milliseconds(median("big: nightshift")), `${(median("big: one Python") / median("big: nightshift")).toFixed(1)} times as fast`, "", ""],
    ["", "reading its bytes", milliseconds(median("big: bytes")), milliseconds(median("big: nightshift")), ...limit(median("big: nightshift") / median("big: bytes"), 3)],
    ["one log of 1 MB, in a process of its own", "a Python", milliseconds(process1000), milliseconds(median("process: nightshift")), ...goal(process1000 / median("process: nightshift"), 25)],
    ["", "a Node.js that does nothing", milliseconds(median("process: Node.js alone")), milliseconds(median("process: nightshift")), `${(median("process: nightshift") / median("process: Node.js alone")).toFixed(1)} times as long`, "", ""],
  ];
  const [processor] = cpus();
  return [
    `Node.js ${process.versions.node}, inspect-ai ${currentInspect}, ${cpus().length} cores of ${processor?.model.trim() ?? "an unknown processor"}; medians of ${rounds} rounds, per log`, "",
    markdownTable([["what", "beside", "takes", "nightshift", "ratio", "goal", ""], ...rows]),
  ].join("\n");
}

function goal(ratio: number, least: number): readonly string[] {
  return [`${times(ratio)} times as fast`, `${times(least)} times`, ratio >= least ? "reached" : "missed"];
}

function limit(ratio: number, most: number): readonly string[] {
  return [`${ratio.toFixed(2)} times as long`, `${most} times`, ratio <= most ? "reached" : "missed"];
}

function times(ratio: number): string {
  return ratio >= 100 ? Math.round(ratio).toLocaleString("en") : ratio.toPrecision(2);
}

function milliseconds(value: number): string {
  return `${(value * 1000).toPrecision(3)} ms`;
}

function median(name: string): number {
  const sorted = (seconds.get(name) ?? []).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function told(...command: readonly [string, ...string[]]): number {
  return Number(execFileSync(command[0], command.slice(1), { encoding: "utf8", maxBuffer: 2 ** 26 }));
}

/** Seconds that a process takes from its start to its end, the mean of a few, each with another log. */
function taken(...command: readonly [string, ...string[]]): number {
  const begun = performance.now();
  for (const path of small.slice(0, processesPerRound)) execFileSync(command[0], [...command.slice(1), path], { stdio: ["ignore", "ignore", "inherit"] });
  return (performance.now() - begun) / 1000 / processesPerRound;
}

function logsIn(kind: string): readonly string[] {
  return readdirSync(join(logs, kind)).toSorted().map((name) => join(logs, kind, name));
}

// Some minutes for inspect-ai, most of them for the big one: they stay where temporary files are.
function makeLogs(): string {
  const recipe = resolve("bench/make_logs.py");
  const folder = join(tmpdir(), "nightshift-bench");
  if (existsSync(folder) && readFileSync(join(folder, "recipe.py"), "utf8") === readFileSync(recipe, "utf8")) return folder;
  process.stderr.write("inspect-ai makes the logs, 1 GB in some minutes\n");
  const making = `${folder}.making`;
  rmSync(folder, { recursive: true, force: true });
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  execFileSync(python, [recipe, making], { stdio: ["ignore", "inherit", "inherit"] });
  renameSync(making, folder);
  return folder;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
