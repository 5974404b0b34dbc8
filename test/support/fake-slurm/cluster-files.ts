import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Row, Scenario } from "./scenario.ts";

/**
 * The folder that is a cluster: `scenario.json`, `calls/PROGRAM.N` with the arguments of each call, and `jobs/ID/` with
 * `job.json` and `script` as they were submitted, `hold`, `started`, `ended` and `cancelled` as it went. `clock` is how many
 * seconds its clocks are ahead, those of its nodes too.
 */
export interface JobFile {
  readonly id: string;
  readonly name: string;
  readonly uid: number;
  readonly submit: number;
  readonly workFolder: string;
  readonly output: string;
  readonly command: string;
  readonly submitLine: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Until there is such a file, nobody knows of the job. */
  readonly arrivesWith?: string;
}

/** Whose end ends all waiting: a file in the cluster's folder. */
export const theEnd = "the-end";

/** The time of the cluster, in seconds since 1970. */
export function clusterSeconds(cluster: string): number {
  return Math.floor(Date.now() / 1000) + Number(textOf(join(cluster, "clock")) || "0");
}

export function readScenario(cluster: string): Scenario {
  return JSON.parse(textOf(join(cluster, "scenario.json")) || "{}") as Scenario;
}

/** Notes a call. Answers which one of its program it is, from 1. */
export function noteCall(cluster: string, program: string, parameters: readonly string[]): number {
  const draft = join(cluster, `call.${process.pid}`);
  writeFileSync(draft, JSON.stringify(parameters));
  for (let nth = 1; ; nth += 1) {
    try {
      linkSync(draft, join(cluster, "calls", `${program}.${nth}`));
      unlinkSync(draft);
      return nth;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Takes the next id, as a controller that has lost its memory does: one more than the highest it knows of. */
export function takeId(cluster: string): string {
  for (let id = Math.max(0, ...readdirSync(join(cluster, "jobs")).map(Number)) + 1; ; id += 1) {
    try {
      mkdirSync(join(cluster, "jobs", String(id)));
      return String(id);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** All jobs that have arrived, oldest first. */
export function readJobs(cluster: string): readonly JobFile[] {
  const ids = readdirSync(join(cluster, "jobs")).sort((a, b) => Number(a) - Number(b));
  const texts = ids.map((id) => textOf(join(cluster, "jobs", id, "job.json"))).filter((text) => text !== "");
  return texts.map((text) => JSON.parse(text) as JobFile).filter(({ arrivesWith }) => arrivesWith === undefined || existsSync(arrivesWith));
}

/** What is true of a job. */
export function rowOf(cluster: string, { id, name, uid, submit, workFolder, command, submitLine }: JobFile): Row {
  const [start] = numbersIn(join(cluster, "jobs", id, "started"));
  const [code = 0, end] = numbersIn(join(cluster, "jobs", id, "ended"));
  const [cancelled] = numbersIn(join(cluster, "jobs", id, "cancelled"));
  const isHeld = existsSync(join(cluster, "jobs", id, "hold"));
  const row = { id, name, uid, submit, workFolder, command, submitLine, partition: "gpu", reason: "None", code: 0, signal: 0, node: "", ...(start === undefined ? {} : { start, node: "n1" }) };
  if (cancelled !== undefined) return { ...row, state: "CANCELLED", end: cancelled, signal: start === undefined ? 0 : 15 };
  if (end !== undefined) return { ...row, end, state: code === 0 ? "COMPLETED" : "FAILED", ...(code === 0 ? {} : { reason: "NonZeroExitCode" }), ...(code > 128 ? { signal: code - 128 } : { code }) };
  return start === undefined ? { ...row, state: "PENDING", reason: isHeld ? "JobHeldUser" : "Resources" } : { ...row, state: "RUNNING" };
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function numbersIn(file: string): readonly number[] {
  return textOf(file).split(/\s+/u).filter((word) => word !== "").map(Number);
}
