import type { ExpectedJob, JobSeen, MissingJob } from "../../domain/job.ts";
import type { ConfigAnswer } from "./config.ts";
import type { DepartedJob } from "./departed.ts";
import { judgeRows, type Verdict } from "./judge-rows.ts";
import { type AccountingRow, parseSacct, sacctOptions } from "./parse-sacct.ts";
import { complaintOf, isGood, type Programs } from "./programs.ts";

/** What sacct answered: rows, or why there are none to judge by. */
export type AccountingAnswer = { readonly kind: "rows"; readonly rows: readonly AccountingRow[] } | { readonly kind: "off" } | { readonly kind: "unavailable"; readonly reason: string };

/** sacct, asked about jobs that left the queue and for look-ups. */
export interface Accounting {
  /** Says how jobs ended that are not in the queue any more. A final answer is remembered while its job is expected, and not asked for again. */
  readEnds(departed: readonly DepartedJob[], expected: readonly ExpectedJob[]): Promise<Ends>;
  /** All jobs that this user submitted since a moment, as sacct showed them at or after a moment of the monotonic clock. */
  readSince(since: Date, notBeforeMs: number): Promise<AccountingAnswer>;
  /** This user's jobs with these ids. */
  readIds(ids: readonly string[]): Promise<AccountingAnswer>;
}

export interface Ends {
  readonly ended: readonly JobSeen[];
  readonly missing: readonly MissingJob[];
}

export interface AccountingParts {
  readonly programs: Programs;
  readonly readConfig: () => Promise<ConfigAnswer>;
  readonly monotonicMs: () => number;
}

/** Makes the accounting of the user who runs this process. */
export function slurmAccounting({ programs, readConfig, monotonicMs }: AccountingParts): Accounting {
  const known = new Map<string, JobSeen>();
  const doubtful = new Map<string, { readonly what: string; readonly sinceMs: number }>();
  let hasSubmitLine = true;
  let last: { readonly since: Date; readonly askedMs: number; readonly answer: Promise<AccountingAnswer> } | undefined;
  const ask = async (filter: readonly string[]): Promise<AccountingAnswer> => {
    const config = await readConfig();
    if (config.kind === "known" && !config.config.hasAccounting) return { kind: "off" };
    const end = await programs.ask("sacct", [...sacctOptions(hasSubmitLine), "-u", String(process.getuid?.() ?? 0), ...filter]);
    if (hasSubmitLine && /Invalid field requested: "?SubmitLine/iu.test(end.stderr)) {
      hasSubmitLine = false;
      return ask(filter);
    }
    if (/accounting storage is disabled/iu.test(end.stderr)) return { kind: "off" };
    const rows = isGood(end) ? parseSacct(end.stdout, hasSubmitLine) : undefined;
    if (rows === undefined && isGood(end)) return { kind: "unavailable", reason: "what sacct printed is cut off or something else" };
    // Whoever says "error" and shows nothing has not looked.
    return rows === undefined || (rows.length === 0 && /error/iu.test(end.stderr)) ? { kind: "unavailable", reason: complaintOf("sacct", end) } : { kind: "rows", rows };
  };
  const settle = (name: string, verdict: Verdict): JobSeen | string => {
    if (verdict.kind === "ended") return verdict.job;
    if (verdict.kind === "unknown") return verdict.reason;
    const what = `${verdict.job.state} ${verdict.job.endedAt}`;
    const before = doubtful.get(name);
    if (before?.what === what && monotonicMs() - before.sinceMs >= requeueMs) return verdict.job;
    if (before?.what !== what) doubtful.set(name, { what, sinceMs: monotonicMs() });
    return verdict.reason;
  };
  return {
    readEnds: async (departed, expected) => {
      const names = new Set(expected.map(nameOf));
      for (const memory of [known, doubtful]) for (const name of memory.keys()) if (!names.has(name)) memory.delete(name);
      const missing: MissingJob[] = [];
      let answer: AccountingAnswer = { kind: "rows", rows: [] };
      for (const batch of inBatches(departed.filter((job) => !known.has(nameOf(job))))) {
        if (answer.kind === "rows") answer = await ask(["-j", batch.map(({ id }) => id).join(",")]);
        for (const job of batch) {
          const verdict: Verdict = answer.kind === "rows" ? judgeRows(job, answer.rows) : { kind: "unknown", reason: excuse(answer) };
          const told = settle(nameOf(job), verdict);
          if (typeof told === "string") missing.push({ key: job.key, reason: told, ...(verdict.kind === "unknown" && verdict.isUnheard === true ? { isUnknown: true } : {}) });
          else known.set(nameOf(job), told);
        }
      }
      return { ended: departed.map((job) => known.get(nameOf(job))).filter((job) => job !== undefined), missing };
    },
    readSince: async (since, notBeforeMs) => {
      if (last === undefined || last.askedMs < notBeforeMs || last.since > since) last = { since, askedMs: monotonicMs(), answer: askSince(ask, since) };
      return last.answer;
    },
    readIds: async (ids) => {
      const rows: AccountingRow[] = [];
      for (const batch of inBatches(ids)) {
        const answer = await ask(["-j", batch.join(",")]);
        if (answer.kind !== "rows") return answer;
        rows.push(...answer.rows);
      }
      return { kind: "rows", rows };
    },
  };
}

/** Why accounting says nothing, for people. */
export function excuse(answer: Exclude<AccountingAnswer, { kind: "rows" }>): string {
  return answer.kind === "off" ? "accounting is off" : `accounting does not answer (${answer.reason})`;
}

// How long a requeued job looks as if it had ended (measured: up to 5 s), before it is back in the queue.
const requeueMs = 6000;

// Without states sacct leaves out jobs that were cancelled before they could ever start, and with states all others.
async function askSince(ask: (filter: readonly string[]) => Promise<AccountingAnswer>, since: Date): Promise<AccountingAnswer> {
  const window = ["-S", since.toISOString().slice(0, 19), "-E", "now+1day"];
  const most = await ask(window);
  if (most.kind !== "rows") return most;
  const rest = await ask([...window, "-s", "CA,CD,F,TO,NF,OOM,PR,DL,BF,RQ"]);
  return rest.kind === "rows" ? { kind: "rows", rows: [...most.rows, ...rest.rows] } : rest;
}

function nameOf({ key, id }: ExpectedJob): string {
  return `${key} ${id}`;
}

function inBatches<Item>(items: readonly Item[], size = 400): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, batch) => items.slice(batch * size, (batch + 1) * size));
}
