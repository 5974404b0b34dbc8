import { readFileSync } from "node:fs";
import { join } from "node:path";

import { formatElapsed } from "../../src/domain/elapsed.ts";
import type { AccountingRow } from "./cluster.ts";

/** A job as an experiment's own files tell of it. */
export interface ToldJob {
  /** `run` or `run/task/epochN`, as logs call it. */
  readonly unit: string;
  readonly key: string;
  readonly id: string;
  /** The word that people see for the unit. */
  readonly status: string;
  readonly elapsed: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly exitCode?: number;
}

/** Reads the status of everything in `eval_jobs.json`, by the names that logs use. */
export function readStatuses(experiment: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readEntries(experiment).map(({ unit, entry }) => [unit, entry.status]));
}

/** Reads every job that `eval_jobs.json` tells of. */
export function readToldJobs(experiment: string): readonly ToldJob[] {
  return readEntries(experiment).flatMap(({ unit, entry: { status, elapsed, attempts } }) => attempts.map((attempt) => ({
    unit, status, elapsed: elapsed ?? "", key: attempt.key, id: attempt.job_id ?? "", startedAt: attempt.started_at ?? "", endedAt: attempt.ended_at ?? "",
    ...(attempt.exit_code === undefined ? {} : { exitCode: attempt.exit_code }),
  })));
}

/** Says where state and logs of an experiment differ from what accounting says of the cluster's jobs, all of which are its own. */
export function compareWithAccounting(experiment: string, rows: readonly AccountingRow[]): readonly string[] {
  const told = readToldJobs(experiment);
  const jobs = rows.filter(({ id }) => !id.includes("."));
  return [
    ...jobs.filter(({ id }) => !told.some((job) => job.id === id)).map(({ id, submitLine }) => `job ${id} is told of nowhere: ${submitLine}`),
    ...told.flatMap((job) => {
      const own = jobs.filter(({ id, submitLine }) => id === job.id && submitLine.includes(`/.nightshift/jobs/${job.key}/`));
      return own.length === 1 ? compare(job, own[0] as AccountingRow).map((what) => `${job.unit}: ${what}`) : [`${job.unit}: ${own.length} jobs ${job.id} were submitted for ${job.key}`];
    }),
    ...told.flatMap((job) => compareWithLogs(experiment, job)),
  ];
}

/** Says where the logs of an experiment differ from its state, for one job. */
export function compareWithLogs(experiment: string, { unit, id, status }: ToldJob): readonly string[] {
  const blocks = ["run-torchtune.log", "run-inspect.log"].flatMap((name) => readFileSync(join(experiment, name), "utf8").split("\n\n")).map((block) => block.replace(/^\[.*?\] /u, ""));
  const submissions = blocks.filter((block) => /^SUBMIT_(?:JOB|EVAL): /u.test(block) && block.split("\n")[0]?.endsWith(`: ${unit}`) === true);
  const last = blocks.findLast((block) => block.startsWith(`STATE_CHANGE: ${unit}\n`));
  return [
    ...(submissions.length === 1 && submissions[0]?.includes(`\nJob ID: ${id}\n`) === true ? [] : [`${unit}: the log has ${submissions.length} submissions, not one as job ${id}`]),
    ...(last?.includes(`\nCurrent: ${status}\nJob ID: ${id}\n`) === true ? [] : [`${unit}: the log's last word is not ${status} of job ${id}: ${last}`]),
  ];
}

interface Entry {
  readonly run: string;
  readonly task?: string;
  readonly epoch?: number | null;
  readonly status: string;
  readonly elapsed: string | null;
  readonly attempts: readonly { readonly key: string; readonly job_id?: string; readonly started_at?: string; readonly ended_at?: string; readonly exit_code?: number }[];
}

function readEntries(experiment: string): readonly { readonly unit: string; readonly entry: Entry }[] {
  const { runs, evaluations } = JSON.parse(readFileSync(join(experiment, "eval_jobs.json"), "utf8")) as Record<"runs" | "evaluations", Record<string, Entry>>;
  return [...Object.values(runs), ...Object.values(evaluations)].map((entry) => ({
    unit: [entry.run, ...(entry.task === undefined ? [] : [entry.task]), ...(entry.epoch === undefined || entry.epoch === null ? [] : [`epoch${entry.epoch}`])].join("/"), entry,
  }));
}

function compare(job: ToldJob, row: AccountingRow): readonly string[] {
  const [state = ""] = row.state.split(" ");
  const [code] = row.exitCode.split(":").map(Number);
  const runtimeMs = (row.endedMs ?? NaN) - (row.startedMs ?? NaN);
  return [
    ...(job.status === state ? [] : [`${job.status} is told of job ${job.id}, which accounting has as ${row.state}`]),
    ...(isNear(job.startedAt, row.startedMs) ? [] : [`a start at ${job.startedAt} is told of job ${job.id}, and accounting says ${row.startedMs}`]),
    ...(isNear(job.endedAt, row.endedMs) ? [] : [`an end at ${job.endedAt} is told of job ${job.id}, and accounting says ${row.endedMs}`]),
    ...([-1000, 0, 1000].some((ms) => formatElapsed(runtimeMs + ms) === job.elapsed) ? [] : [`${job.elapsed} is told of job ${job.id}, and accounting says ${runtimeMs} ms`]),
    ...(job.exitCode === undefined || job.exitCode === code ? [] : [`code ${job.exitCode} is told of job ${job.id}, and accounting says ${row.exitCode}`]),
  ];
}

// Whole seconds of two clocks: the script's own and slurmctld's.
function isNear(instant: string, ms: number | undefined): boolean {
  return ms !== undefined && Math.abs(Date.parse(instant) - ms) <= 1000;
}
