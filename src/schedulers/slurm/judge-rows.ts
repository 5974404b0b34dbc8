import { type ExpectedJob, isFinal, type JobSeen } from "../../domain/job.ts";
import { epochMs } from "../../domain/time.ts";
import { adoptedKey } from "./departed.ts";
import { mergeTasks } from "./merge-tasks.ts";
import type { AccountingRow } from "./parse-sacct.ts";
import { mayComeBack } from "./parse-state.ts";

/** What accounting knows of a job that is not in the queue any more. */
export type Verdict =
  | { readonly kind: "ended"; readonly job: JobSeen }
  /** An end that a requeued job has for a few seconds, too. */
  | { readonly kind: "maybe"; readonly job: JobSeen; readonly reason: string }
  /** `isUnheard`: no row of it at all. */
  | { readonly kind: "unknown"; readonly reason: string; readonly isUnheard?: boolean };

/**
 * Judges what accounting says of an expected job.
 *
 * A row counts if its submit line has the job's key. Ids are given out again, after years or after a crash of the
 * controller, so a row of the id alone is a stranger's; where rows do not say what submitted them, the submission must
 * not be older than the intent and its folder, if known, the same. A job counts as over only if its newest row says so
 * and dates the end.
 */
export function judgeRows(expected: ExpectedJob & { readonly id: string; readonly workFolder?: string }, rows: readonly AccountingRow[]): Verdict {
  const { id } = expected;
  const ofId = rows.filter((row) => row.id === id);
  const own = newestOfEachTask(ofId.filter((row) => isOwn(expected, row)));
  if (own.length === 0) return { kind: "unknown", isUnheard: !ofId.some(({ isStub }) => isStub), reason: ofId.some(({ isStub }) => !isStub) ? `accounting knows only another job ${id}` : `accounting does not know job ${id}` };
  const merged = mergeTasks(own.map(({ isAttributed: _attributed, isStub: _stub, ownId: _ownId, command: _command, ...row }) => row))[0] ?? { id, name: "", state: "" };
  const job: JobSeen = expected.key === adoptedKey(id) ? merged : { ...merged, key: expected.key };
  const undated = own.find(({ endedAt }) => endedAt === undefined);
  if (!isFinal(job.state)) return { kind: "unknown", reason: `it is not in the queue any more, but accounting still shows job ${id} as ${job.state}` };
  if (undated !== undefined) return { kind: "unknown", reason: `accounting shows job ${id} as ${undated.state}, but not yet when it ended` };
  return mayComeBack(job.state) ? { kind: "maybe", job, reason: `accounting shows job ${id} as ${job.state}; it may be started again` } : { kind: "ended", job };
}

function isOwn({ key, id, intendedAt, workFolder }: ExpectedJob & { readonly workFolder?: string }, row: AccountingRow): boolean {
  if (row.isStub || row.submittedAt === undefined) return false;
  const submittedMs = epochMs(row.submittedAt);
  // Of an adopted job the intent is the moment when it was found: it was submitted before. It has no key of ours.
  if (key === adoptedKey(id ?? "")) return row.key === undefined && submittedMs <= epochMs(intendedAt) + clockSkewMs;
  if (row.isAttributed) return row.key === key;
  return submittedMs >= epochMs(intendedAt) - clockSkewMs && (workFolder === undefined || row.workFolder === workFolder);
}

// Between this machine's clock and the controller's.
const clockSkewMs = 300_000;

function newestOfEachTask(rows: readonly AccountingRow[]): readonly AccountingRow[] {
  const newest = new Map<string | undefined, AccountingRow>();
  for (const row of rows) {
    const other = newest.get(row.task);
    if (other?.submittedAt === undefined || row.submittedAt === undefined || epochMs(row.submittedAt) >= epochMs(other.submittedAt)) newest.set(row.task, row);
  }
  return [...newest.values()];
}
