import type { ExpectedJob, JobSeen, MissingJob } from "../../domain/job.ts";
import { judgeRows, type Verdict } from "./judge-rows.ts";
import { type AccountingRow, parseSacct, sacctOptions } from "./parse-sacct.ts";
import type { ConfigAnswer } from "./config.ts";
import { complaintOf, isGood, type Programs } from "./programs.ts";

/** What sacct answered: rows, or why there are none to judge by. */
export type AccountingAnswer = { readonly kind: "rows"; readonly rows: readonly AccountingRow[] } | { readonly kind: "off" } | { readonly kind: "unavailable"; readonly reason: string };

/** sacct, asked about jobs that left the queue and for look-ups. */
export interface Accounting {
  /** Says how jobs ended that are not in the queue any more. A good answer is remembered and not asked for again. */
  readEnds(departed: readonly DepartedJob[], expectedKeys: ReadonlySet<string>): Promise<{ readonly ended: readonly JobSeen[]; readonly missing: readonly MissingJob[] }>;
  /** All jobs that this user submitted since a moment. */
  readSince(sinceMs: number): Promise<AccountingAnswer>;
}

export interface DepartedJob extends ExpectedJob {
  readonly id: string;
  readonly workFolder?: string;
}

/** Makes the accounting of one user. */
export function slurmAccounting(programs: Programs, readConfig: () => Promise<ConfigAnswer>, monotonicMs: () => number, userId = process.getuid?.() ?? 0): Accounting {
  const known = new Map<string, JobSeen>();
  const doubtful = new Map<string, { readonly what: string; readonly sinceMs: number }>();
  let hasSubmitLine = true;
  const ask = async (filter: readonly string[]): Promise<AccountingAnswer> => {
    const config = await readConfig();
    if (config.kind === "known" && !config.config.hasAccounting) return { kind: "off" };
    const end = await programs.ask("sacct", [...sacctOptions(hasSubmitLine), "-u", String(userId), ...filter]);
    if (hasSubmitLine && /Invalid field requested: "?SubmitLine/iu.test(end.stderr)) {
      hasSubmitLine = false;
      return ask(filter);
    }
    if (/accounting storage is disabled/iu.test(end.stderr)) return { kind: "off" };
    return isGood(end) ? { kind: "rows", rows: parseSacct(end.stdout, hasSubmitLine) } : { kind: "unavailable", reason: complaintOf("sacct", end) };
  };
  const settle = (key: string, verdict: Verdict): JobSeen | string => {
    if (verdict.kind === "ended") return verdict.job;
    if (verdict.kind === "unknown") return verdict.reason;
    // A requeued job shows such an end for up to 5 s before it is back in the queue.
    const what = `${verdict.job.state} ${verdict.job.endedAt}`;
    const before = doubtful.get(key);
    if (before?.what === what && monotonicMs() - before.sinceMs >= requeueMs) return verdict.job;
    if (before?.what !== what) doubtful.set(key, { what, sinceMs: monotonicMs() });
    return verdict.reason;
  };
  return {
    readEnds: async (departed, expectedKeys) => {
      for (const memory of [known, doubtful]) for (const key of memory.keys()) if (!expectedKeys.has(key)) memory.delete(key);
      const missing: MissingJob[] = [];
      for (const batch of inBatches(departed.filter(({ key }) => !known.has(key)))) {
        const answer = await ask(["-j", batch.map(({ id }) => id).join(",")]);
        for (const job of batch) {
          const told = answer.kind === "rows" ? settle(job.key, judgeRows(job, answer.rows, job.workFolder)) : excuse(answer);
          if (typeof told === "string") missing.push({ key: job.key, reason: told });
          else known.set(job.key, told);
        }
      }
      return { ended: departed.map(({ key }) => known.get(key)).filter((job) => job !== undefined), missing };
    },
    // Without a state sacct leaves out jobs that were cancelled before they ever could start, and with states all the others.
    readSince: async (sinceMs) => {
      const window = ["-S", new Date(sinceMs).toISOString().slice(0, 19), "-E", "now+1day"];
      const most = await ask(window);
      if (most.kind !== "rows") return most;
      const rest = await ask([...window, "-s", "CA,CD,F,TO,NF,OOM,PR,DL,BF,RQ"]);
      return rest.kind === "rows" ? { kind: "rows", rows: [...most.rows, ...rest.rows] } : rest;
    },
  };
}

/** Why accounting says nothing, for people. */
export function excuse(answer: Exclude<AccountingAnswer, { kind: "rows" }>): string {
  return answer.kind === "off" ? "accounting is off" : `accounting does not answer (${answer.reason})`;
}

const requeueMs = 6000;

function inBatches<Item>(items: readonly Item[], size = 400): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, batch) => items.slice(batch * size, (batch + 1) * size));
}
