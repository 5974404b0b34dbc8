import { existsSync } from "node:fs";

import type { Row, Scenario } from "./scenario.ts";

/** The rows in which a program shows a job. */
export function viewed(row: Row, program: "squeue" | "sacct", { views = [] }: Scenario): readonly Row[] {
  const view = views.find((one) => one.program === program && one.job === row.id && (one.until === undefined || !existsSync(one.until)));
  return view === undefined ? [row] : view.rows.map((changes) => ({ ...row, ...changes }));
}

/** Whether a row passes the filters that squeue and sacct have in common, of jobs and users. */
export function isShown({ id, uid }: Row, options: ReadonlyMap<string, string>): boolean {
  return passes(options.get("j"), id) && passes(options.get("u"), String(uid));
}

/** Whether a value is one of an option's, or the option was not given. */
export function passes(option: string | undefined, value: string): boolean {
  return option?.split(",").includes(value) ?? true;
}

/** A time as SLURM_TIME_FORMAT asks for it, else local time without a zone. */
export function timeOf(seconds: number | null | undefined, otherwise: string): string {
  if (seconds === undefined || seconds === null) return otherwise;
  if (process.env["SLURM_TIME_FORMAT"] === "%s") return String(seconds);
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
