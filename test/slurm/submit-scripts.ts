import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { JobRecord } from "../../src/domain/job.ts";
import { isFinal } from "../../src/domain/job.ts";
import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";
import { buildScriptCopy } from "../../src/schedulers/inserted-lines.ts";
import { jobFolder } from "../../src/schedulers/job-folder.ts";
import { readRecord } from "../../src/schedulers/job-records.ts";
import { eventually } from "../support/eventually.ts";
import type { AccountingRow, Cluster, Ended } from "./cluster.ts";
import type { UserScript } from "./user-scripts.ts";

/** As the user wrote it, or as nightshift submits it. */
export type Way = "as it is" | "with the inserted lines";

/** A user's script that was handed to sbatch. */
export interface SubmittedScript {
  readonly script: UserScript;
  readonly way: Way;
  /** Empty where sbatch refused it. */
  readonly id: string;
  /** Where it was submitted. */
  readonly folder: string;
  readonly submission: Ended;
  readonly cluster: Cluster;
}

/** What came of it. Ids, folders, nodes and times are blanked, so that two of them can be compared. */
export interface Outcome {
  readonly submission: Ended;
  /** Of accounting: jobs and their steps, each start of its own. */
  readonly rows: readonly string[];
  /** All files in the folder it was submitted from, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** `STATE CODE:SIGNAL` of the job in the end, or of each task of an array. */
  readonly ends: readonly string[];
  /** What the inserted lines noted. */
  readonly record: JobRecord;
}

/** Submits a script in one of the two ways, from a folder of its own. */
export async function submitScript(cluster: Cluster, parent: string, script: UserScript, way: Way): Promise<SubmittedScript> {
  const folder = join(parent, script.does.replaceAll(/\W+/gu, "-"), way === "as it is" ? "plain" : "copied");
  const file = join(folder, script.file);
  const text = readFileSync(join(import.meta.dirname, "user-scripts", script.file), "utf8");
  mkdirSync(join(folder, "errors"), { recursive: true });
  writeFileSync(file, script.change?.(text) ?? text);
  const submission = await cluster.run("sbatch", ["--parsable", ...(script.options ?? []), way === "as it is" ? file : copy(file, folder), ...(script.parameters ?? [])], { cwd: folder });
  return { script, way, id: submission.out, folder, submission, cluster };
}

/** Waits until all of them are over, in the queue as in accounting, and have left what they leave. */
export async function untilOver(submitted: readonly SubmittedScript[]): Promise<void> {
  const jobs = submitted.filter(({ id }) => id !== "");
  const { cluster } = jobs[0] ?? {};
  if (cluster === undefined) return;
  await eventually(async () => (await cluster.squeue()).every(({ state }) => isFinal(state)), "the end of all jobs", 120_000);
  await eventually(async () => {
    const rows = await cluster.sacct(jobs.map(({ id }) => id));
    return jobs.every((job) => lastRows(rows, job).length === job.script.ends.length && lastRows(rows, job).every(isComplete));
  }, "the accounting of all jobs", 60_000);
  await eventually(() => jobs.every(({ script, folder }) => (script.leaves ?? []).every((name) => existsSync(join(folder, name)))), "what the jobs leave behind");
}

/** Reads what came of a script. */
export async function readOutcome(job: SubmittedScript): Promise<Outcome> {
  const { submission, folder, id, cluster } = job;
  const rows = id === "" ? [] : await cluster.sacct([id]);
  const blank = blanker(job, rows);
  return {
    submission: { ...submission, out: blank(submission.out), err: blank(submission.err) },
    rows: rows.map(({ id: row, name, state, exitCode, timeLimit, comment, workFolder }) => blank([row, name, state, exitCode, timeLimit, comment, workFolder].join(" · "))),
    files: Object.fromEntries(filesIn(folder).map((name) => [blank(name), blank(readFileSync(join(folder, name), "latin1"))])),
    ends: id === "" ? ["refused"] : lastRows(rows, job).map(({ state, exitCode }) => `${state} ${exitCode}`),
    record: readRecord(keyFolder(folder)),
  };
}

function copy(file: string, folder: string): string {
  const bytes = readFileSync(file);
  const copied = file.replace(folder, keyFolder(folder));
  mkdirSync(keyFolder(folder), { recursive: true });
  writeFileSync(copied, buildScriptCopy(bytes, parseSbatchScript(bytes.toString()), keyFolder(folder)));
  chmodSync(copied, statSync(file).mode);
  return copied;
}

function keyFolder(folder: string): string {
  return jobFolder(folder, "key-1");
}

// Of jobs, not of their steps; of a job that was requeued, the row of its last start.
function lastRows(rows: readonly AccountingRow[], { id }: SubmittedScript): readonly AccountingRow[] {
  const own = rows.filter((row) => row.id === id || row.id.startsWith(`${id}_`)).filter((row) => !row.id.includes("."));
  return [...new Map(own.map((row) => [row.id, row])).values()];
}

// In the first seconds, accounting knows of a started job only what its steps tell: its name then is "allocation".
function isComplete({ name, state, endedMs }: AccountingRow): boolean {
  return name !== "allocation" && isFinal(state.split(" ")[0] ?? "") && endedMs !== undefined;
}

function blanker({ id, folder, script, cluster }: SubmittedScript, rows: readonly AccountingRow[]): (text: string) => string {
  const ids = [...new Set([id, ...rows.map(({ rawId }) => rawId.replace(/\..*$/u, ""))])].filter((known) => known !== "");
  return (text) => {
    const pathless = text.replaceAll(`${keyFolder(folder)}/`, "FOLDER/").replaceAll(folder, "FOLDER").replaceAll(cluster.folder, "CLUSTER");
    const idless = ids.length === 0 ? pathless : pathless.replaceAll(new RegExp(String.raw`(?<!\d)0*(?:${ids.join("|")})(?!\d)`, "gu"), "JOB");
    const blanked = idless.replaceAll(ofTheMoment, "").replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/gu, "TIME").replaceAll(/\bn[12]\b/gu, "NODE");
    return script.except === undefined ? blanked : blanked.replaceAll(script.except.pattern, "");
  };
}

// What SLURM says of how quick it was itself: a script had ended before its second signal came, a step before the next one began.
const ofTheMoment = /^(?:slurmstepd-n[12]: error: _handle_signal_container: failed signal|srun: (?:Job \w+ step creation temporarily disabled|Step created for)) .*\n/gmu;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith(".nightshift") && statSync(join(folder, name)).isFile()).sort();
}
