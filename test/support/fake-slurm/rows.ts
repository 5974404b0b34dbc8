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

/** Writes a time, in seconds since 1970, as a program prints it. */
export type TimeWriter = (seconds: number | null | undefined) => string;

/** Times as SLURM_TIME_FORMAT asks for them, else in UTC without a zone, as under `TZ=UTC`. */
export function timeWriter(environment: NodeJS.ProcessEnv, otherwise: string): TimeWriter {
  return (seconds) => {
    if (seconds === undefined || seconds === null) return otherwise;
    return environment["SLURM_TIME_FORMAT"] === "%s" ? String(seconds) : new Date(seconds * 1000).toISOString().slice(0, 19);
  };
}
