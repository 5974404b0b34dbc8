import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { wallTime } from "../../domain/time.ts";
import { instantOf } from "../../system/clock.ts";
import { signalGroup } from "../../system/process-group.ts";
import { isAlive, type ProcessIdentity } from "../../system/process-identity.ts";
import { intentFile, spawnedFile } from "../job-folder.ts";
import type { Finding, PreparedJob } from "../submission.ts";
import { type Accounting, excuse } from "./accounting.ts";
import type { ConfigAnswer } from "./config.ts";
import { parseMark } from "./parse-mark.ts";
import { parseSubmittedId } from "./parse-submission.ts";
import type { Queue } from "./queue.ts";
import { readSbatchOutput } from "./start-sbatch.ts";

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
 * Makes what looks for the job of a key that may have been submitted.
 *
 * sbatch's own answer, which outlives whoever started it, is believed at once. Else a job is found where its key shows.
 * That there is none is certain only after a quiet time: a request that was on its way can be accepted, with a later
 * submission time, as long as its credential lives (measured: one of 70 s was, one of 330 s was not), and what timed
 * out for the client goes on in the controller. It is counted by this process's own monotonic clock, since a wall clock
 * may be stepped, from its first look after the submitting process was gone.
 */
export function jobFinder(parts: FinderParts): (job: PreparedJob) => Promise<Finding> {
  const { readConfig, monotonicMs, submitTimeoutMs, pollMs } = parts;
  // By mark: each attempt to submit a key has its own, and its own quiet time.
  const busySinceMs = new Map<string, number>();
  const quietSinceMs = new Map<string, number>();
  const lastFindings = new Map<string, { readonly atMs: number; readonly finding: Finding }>();
  return async (job) => {
    const told = parseSubmittedId(readSbatchOutput(job.folder));
    if (told !== undefined) return { kind: "found", id: told };
    const mark = textOf(join(job.folder, spawnedFile));
    const name = `${job.folder}\n${mark}`;
    const submitter = parseMark(mark);
    const nowMs = monotonicMs();
    if (submitter !== undefined && isAtWorkHere(submitter)) {
      if (nowMs - firstTime(busySinceMs, name, nowMs) >= submitTimeoutMs) signalGroup(submitter.pid, "SIGKILL");
      return unknown(`sbatch is still at work (process ${submitter.pid} on ${submitter.host})`);
    }
    const beganMs = firstTime(quietSinceMs, name, nowMs);
    const config = await readConfig();
    if (config.kind === "unknown") return unknown(`cannot tell how long a submission may be on its way (${config.reason})`);
    const { credentialMs, messageTimeoutMs } = config.config;
    // Whether sbatch still runs on another machine, nobody here can see.
    const foreignMs = submitter === undefined || submitter.host === hostname() ? 0 : submitTimeoutMs;
    const quietUntilMs = beganMs + credentialMs + messageTimeoutMs + marginMs + foreignMs;
    if (nowMs < quietUntilMs) return unknown(`asks again at ${timeIn(quietUntilMs - nowMs)}, when a submission that was on its way cannot arrive any more`);
    const last = lastFindings.get(name);
    if (last !== undefined && nowMs - last.atMs < pollMs) return last.finding;
    // Look-ups of several keys share answers, but not those of the poll before.
    const finding = await lookUp(job, quietUntilMs, Math.max(quietUntilMs, nowMs - pollMs / 2), parts);
    lastFindings.set(name, { atMs: nowMs, finding });
    return finding;
  };
}

async function lookUp(job: PreparedJob, quietUntilMs: number, notBeforeMs: number, { queue, accounting, monotonicMs, ambiguousMs }: FinderParts): Promise<Finding> {
  const look = await queue.look(notBeforeMs);
  if (look.kind === "unavailable") return unknown(`the queue does not answer (${look.reason})`);
  const seen = look.jobs.find(({ key }) => key === job.key);
  if (seen !== undefined) return { kind: "found", id: seen.id };
  if (look.unread.length > 0) return unknown("squeue shows a job that cannot be read");
  const answer = await accounting.readSince(sinceWhen(job), notBeforeMs);
  if (answer.kind === "rows") {
    const row = answer.rows.findLast(({ key }) => key === job.key);
    if (row !== undefined) return { kind: "found", id: row.id };
    const unattributed = answer.rows.find(({ isAttributed, isStub, workFolder }) => !isAttributed && !isStub && workFolder === job.submitFolder);
    if (unattributed === undefined) return { kind: "absent" };
    return unknown(`accounting shows job ${unattributed.id} from the same folder, but not whether it is this one`);
  }
  if (!job.isClaiming) return unknown(`${excuse(answer)}, and the script notes no start: look yourself, then nightshift release TARGET`);
  const leftMs = quietUntilMs + ambiguousMs - monotonicMs();
  // Had it started, its claim would be on the disk; what waited in the queue would be seen there.
  return leftMs <= 0 ? { kind: "absent" } : unknown(`${excuse(answer)}; counts as not submitted from ${timeIn(leftMs)} on, if it neither starts nor is seen in the queue by then`);
}

// A wait of the network, and the difference between two machines' clocks.
const marginMs = 10_000;

const hourMs = 3_600_000;

function isAtWorkHere(submitter: ProcessIdentity): boolean {
  return submitter.host === hostname() && isAlive(submitter);
}

// An hour before the preparation and to the whole hour, so that look-ups share an answer: the controller's clock may differ
// from this one's, and this one may have been stepped back since.
function sinceWhen({ folder }: PreparedJob): Date {
  const preparedMs = Date.parse(/"preparedAt": "(?<at>[^"]+)"/u.exec(textOf(join(folder, intentFile)))?.groups?.["at"] ?? "");
  const sinceMs = Math.min(Number.isNaN(preparedMs) ? Infinity : preparedMs, Date.now()) - hourMs;
  return new Date(Math.floor(sinceMs / hourMs) * hourMs);
}

function firstTime(times: Map<string, number>, name: string, nowMs: number): number {
  const first = times.get(name) ?? nowMs;
  times.set(name, first);
  return first;
}

// To the second, so that the same moment is told in the same words however often it is asked for.
function timeIn(milliseconds: number): string {
  return wallTime(instantOf(new Date(Math.round((Date.now() + milliseconds) / 1000) * 1000)));
}

function unknown(reason: string): Finding {
  return { kind: "unknown", reason };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
