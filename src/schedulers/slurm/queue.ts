import { isFinal } from "../../domain/job.ts";
import type { Instant } from "../../domain/time.ts";
import { now } from "../../system/clock.ts";
import type { ConfigAnswer } from "./config.ts";
import { mergeTasks, type MergedJob } from "./merge-tasks.ts";
import { type JobRow, parseSqueue, squeueFormat } from "./parse-squeue.ts";
import { complaintOf, isGood, type ProgramEnd, type Programs } from "./programs.ts";

/** One answer of squeue. `askedMs`: when it was asked, by the monotonic clock. */
export type Look = GoodLook | { readonly kind: "unavailable"; readonly at: Instant; readonly askedMs: number; readonly reason: string; readonly since: Instant };

export interface GoodLook {
  readonly kind: "available";
  readonly at: Instant;
  readonly askedMs: number;
  /** All jobs of this user. */
  readonly jobs: readonly MergedJob[];
  /** Ids of jobs that are in the queue but could not be read, `undefined` where not even the id could. */
  readonly unread: readonly (string | undefined)[];
  /** Jobs that are not over, each task of an array by itself, as limits count them. */
  readonly openCount: number;
}

/** squeue, asked for all jobs of this user at once. */
export interface Queue {
  /** The last answer, if it was asked for at or after a moment of the monotonic clock; else, and for `Infinity`, a new one. */
  look(notBeforeMs: number): Promise<Look>;
}

export interface QueueParts {
  readonly programs: Programs;
  readonly readConfig: () => Promise<ConfigAnswer>;
  readonly monotonicMs: () => number;
}

/** Makes the queue of the user who runs this process. */
export function slurmQueue({ programs, readConfig, monotonicMs }: QueueParts): Queue {
  let last: { readonly askedMs: number; readonly look: Promise<Look> } | undefined;
  let blindSince: Instant | undefined;
  let endedTasks: readonly JobRow[] = [];
  let lastOpenMs = -Infinity;
  // A controller that has just taken over may show an empty queue, with exit code 0; but jobs that end stay for a while.
  const isTooEmpty = async (askedMs: number): Promise<boolean> => {
    if (lastOpenMs === -Infinity) return false;
    const config = await readConfig();
    return config.kind === "known" && askedMs - lastOpenMs < config.config.minJobAgeMs;
  };
  const ask = async (askedMs: number): Promise<Look> => {
    const end = await programs.ask("squeue", ["-h", "-r", "-t", "all", "-u", String(process.getuid?.() ?? 0), "-o", squeueFormat]);
    const at = now();
    const shown = understand(end);
    const isDoubtful = shown.kind === "rows" && shown.rows.length === 0 && await isTooEmpty(askedMs);
    const understood = isDoubtful ? { kind: "unreadable" as const, reason: "squeue shows no job at all, though some were waiting or running a moment ago" } : shown;
    if (understood.kind === "unreadable") {
      blindSince ??= at;
      return { kind: "unavailable", at, askedMs, reason: understood.reason, since: blindSince };
    }
    blindSince = undefined;
    const rows = [...understood.rows, ...missedTasks(endedTasks, understood.rows)];
    endedTasks = rows.filter(({ task, state }) => task !== undefined && isFinal(state));
    const openCount = understood.rows.filter(({ state }) => !isFinal(state)).length;
    lastOpenMs = openCount > 0 ? askedMs : -Infinity;
    return { kind: "available", at, askedMs, jobs: mergeTasks(rows), unread: understood.unread, openCount };
  };
  return {
    look: async (notBeforeMs) => {
      if (last === undefined || last.askedMs < notBeforeMs) {
        const askedMs = monotonicMs();
        last = { askedMs, look: ask(askedMs) };
      }
      return last.look;
    },
  };
}

function understand(end: ProgramEnd): ReturnType<typeof parseSqueue> {
  if (!isGood(end)) return { kind: "unreadable", reason: complaintOf("squeue", end) };
  const parsed = parseSqueue(end.stdout);
  // Whoever says "error" and shows nothing has not seen an empty queue.
  const isDoubtful = parsed.kind === "rows" && parsed.rows.length === 0 && /error/iu.test(end.stderr);
  return isDoubtful ? { kind: "unreadable", reason: complaintOf("squeue", end) } : parsed;
}

// Tasks that ended early leave the queue before the others do: how they ended counts for the array as long as it is there.
function missedTasks(before: readonly JobRow[], rows: readonly JobRow[]): readonly JobRow[] {
  const ids = new Set(rows.map(({ id, submittedAt }) => `${id} ${submittedAt}`));
  const tasks = new Set(rows.map(({ id, task }) => `${id} ${task}`));
  return before.filter(({ id, task, submittedAt }) => ids.has(`${id} ${submittedAt}`) && !tasks.has(`${id} ${task}`));
}
