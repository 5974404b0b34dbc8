import { isFinal, type JobSeen } from "../../domain/job.ts";
import { laterOf } from "../../domain/time.ts";
import type { JobRow } from "./parse-squeue.ts";
import { isWaiting } from "./parse-state.ts";

/** A job as its rows show it; script and folders are still as they were given. */
export type MergedJob = Omit<JobSeen, "script" | "output"> & Pick<JobRow, "command">;

/**
 * Merges the rows of each job array into one job under the array's id; other jobs have one row.
 *
 * An array runs while any of its tasks does, waits while any of them waits, and ends as the worst of them did.
 */
export function mergeTasks(rows: readonly JobRow[]): readonly MergedJob[] {
  const byId = new Map<string, JobRow[]>();
  for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  return [...byId.values()].map((tasks) => merge(tasks));
}

function merge(tasks: readonly JobRow[]): MergedJob {
  const [telling, ...others] = tasks.toSorted((a, b) => rank(a) - rank(b));
  if (telling === undefined) throw new Error("a job without rows");
  const { task: _task, ...job } = telling;
  if (others.length === 0) return job;
  const { startedAt: _start, endedAt: _end, node: _node, ...merged } = job;
  const starts = tasks.map(({ startedAt }) => startedAt).filter((at) => at !== undefined).toSorted();
  const end = tasks.map(({ endedAt }) => endedAt).reduce(laterOf, undefined);
  const nodes = new Set(tasks.map(({ node }) => node).filter((node) => node !== undefined));
  return {
    ...merged,
    ...(starts[0] === undefined ? {} : { startedAt: starts[0] }),
    ...(end === undefined || !isFinal(job.state) ? {} : { endedAt: end }),
    ...(nodes.size === 1 ? { node: [...nodes].join("") } : {}),
  };
}

// Smallest first: the task whose state stands for all.
function rank({ state }: JobRow): number {
  if (state === "RUNNING") return 0;
  if (isFinal(state)) return 3 + worstFirst.indexOf(state);
  return isWaiting(state) ? 2 : 1;
}

const worstFirst = ["FAILED", "OUT_OF_MEMORY", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "PREEMPTED", "CANCELLED", "COMPLETED"];
