import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { wallTime } from "../../domain/time.ts";
import { instantOf } from "../../system/clock.ts";
import { isAlive } from "../../system/process-identity.ts";
import { intentFile, spawnedFile } from "../job-folder.ts";
import type { Finding, PreparedJob } from "../submission.ts";
import { type Accounting, excuse } from "./accounting.ts";
import type { ConfigAnswer } from "./config.ts";
import { parseMark } from "./parse-mark.ts";
import { parseSubmittedId } from "./parse-submission.ts";
import type { Queue } from "./queue.ts";
import { readSbatchOutput } from "./start-sbatch.ts";

export interface Finder {
  /** Looks for the job of a key that may have been submitted. */
  find(job: PreparedJob): Promise<Finding>;
}

export interface FinderParts {
  readonly queue: Queue;
  readonly accounting: Accounting;
  readonly readConfig: () => Promise<ConfigAnswer>;
  readonly monotonicMs: () => number;
  /** How long sbatch may take at most. */
  readonly submitTimeoutMs: number;
  /** How long after the quiet time a job that claims its work is waited for where accounting says nothing. */
  readonly ambiguousMs: number;
  /** A look-up is not repeated sooner. */
  readonly pollMs: number;
}

/**
 * Makes the finder of jobs that may have been submitted.
 *
 * sbatch's own answer, which outlives whoever started it, is believed at once. Else a job is found where its key shows.
 * That there is none is certain only after a quiet time: a request that was on its way can be accepted, with a later
 * submission time, as long as its credential lives (measured: one of 70 s was, one of 330 s was not), and what timed
 * out for the client goes on in the controller. It is counted by this process's own monotonic clock from its first look
 * at the key after the submitting process was gone, since a wall clock may be stepped.
 */
export function jobFinder(parts: FinderParts): Finder {
  const looks = new Map<string, { readonly firstMs: number; readonly last?: { readonly atMs: number; readonly finding: Finding } }>();
  return {
    find: async (job) => {
      const told = parseSubmittedId(readSbatchOutput(job.folder));
      if (told !== undefined) return { kind: "found", id: told };
      const submitter = parseMark(textOf(join(job.folder, spawnedFile)));
      const isHere = submitter?.host === hostname();
      if (submitter !== undefined && isHere && isAlive(submitter)) return unknown(`sbatch is still at work (process ${submitter.pid} on ${submitter.host})`);
      const nowMs = parts.monotonicMs();
      const { firstMs, last } = looks.get(job.folder) ?? { firstMs: nowMs };
      if (last === undefined) looks.set(job.folder, { firstMs });
      const config = await parts.readConfig();
      if (config.kind === "unknown") return unknown(`cannot tell how long a submission may be on its way (${config.reason})`);
      const { credentialMs, messageTimeoutMs } = config.config;
      // Whether sbatch still runs on another machine, nobody here can see.
      const quietMs = credentialMs + messageTimeoutMs + 10_000 + (submitter === undefined || isHere ? 0 : parts.submitTimeoutMs);
      const leftMs = firstMs + quietMs - nowMs;
      if (leftMs > 0) return unknown(`asks again at ${timeIn(leftMs)}, when a submission that was on its way cannot arrive any more`);
      if (last !== undefined && nowMs - last.atMs < parts.pollMs) return last.finding;
      const finding = await lookUp(job, firstMs + quietMs, parts);
      if (finding.kind === "unknown") looks.set(job.folder, { firstMs, last: { atMs: nowMs, finding } });
      else looks.delete(job.folder);
      return finding;
    },
  };
}

async function lookUp(job: PreparedJob, quietSinceMs: number, { queue, accounting, monotonicMs, ambiguousMs }: FinderParts): Promise<Finding> {
  const look = await queue.look(quietSinceMs);
  if (look.kind === "unavailable") return unknown(`the queue does not answer (${look.reason})`);
  const seen = look.jobs.find(({ key }) => key === job.key);
  if (seen !== undefined) return { kind: "found", id: seen.id };
  if (look.unread.length > 0) return unknown("squeue shows a job that cannot be read");
  const answer = await accounting.readSince(sinceMs(job));
  if (answer.kind === "rows") {
    const row = answer.rows.findLast(({ key }) => key === job.key);
    if (row !== undefined) return { kind: "found", id: row.id };
    const unattributed = answer.rows.find((other) => !other.isAttributed && !other.isStub && other.workFolder === job.submitFolder);
    if (unattributed === undefined) return { kind: "absent" };
    return unknown(`accounting shows job ${unattributed.id} from the same folder, but not whether it is this one`);
  }
  if (!job.isClaiming) return unknown(`${excuse(answer)}, and the script notes no start: look yourself, then nightshift release TARGET`);
  const leftMs = quietSinceMs + ambiguousMs - monotonicMs();
  // Had it started, its claim would be on the disk; what waited in the queue would be seen there.
  return leftMs <= 0 ? { kind: "absent" } : unknown(`${excuse(answer)}; counts as not submitted from ${timeIn(leftMs)} on, if it neither starts nor is seen in the queue by then`);
}

// The controller's clock may differ from this one's, and this one may have been stepped back since.
function sinceMs({ folder }: PreparedJob): number {
  const { preparedAt } = JSON.parse(textOf(join(folder, intentFile)) || "{}") as { readonly preparedAt?: unknown };
  const preparedMs = typeof preparedAt === "string" ? Date.parse(preparedAt) : Number.NaN;
  return Math.min(Number.isNaN(preparedMs) ? Infinity : preparedMs, Date.now()) - 3_600_000;
}

function unknown(reason: string): Finding {
  return { kind: "unknown", reason };
}

// To the second, so that the same moment is told in the same words however often it is asked for.
function timeIn(milliseconds: number): string {
  return wallTime(instantOf(new Date(Math.round((Date.now() + milliseconds) / 1000) * 1000)));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
