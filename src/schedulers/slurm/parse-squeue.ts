import { isFinal, type JobState } from "../../domain/job.ts";
import { plainLine } from "../../domain/plain-text.ts";
import type { Instant } from "../../domain/time.ts";
import { parseKey } from "./parse-key.ts";
import { isWaiting, parseState } from "./parse-state.ts";
import { parseTime } from "./parse-time.ts";

/** One job, or one task of a job array, as squeue or sacct shows it. Only what is known of it is there. */
export interface JobRow {
  /** Of a task, that of its array. */
  readonly id: string;
  readonly task?: string;
  readonly state: JobState;
  readonly reason?: string;
  readonly submittedAt?: Instant;
  readonly startedAt?: Instant;
  /** Of a job that is over. */
  readonly endedAt?: Instant;
  readonly exitCode?: number;
  readonly signal?: number;
  readonly node?: string;
  readonly name: string;
  readonly workFolder?: string;
  /** The script with its arguments, as it was given. */
  readonly command?: string;
  readonly key?: string;
}

export type SqueueText =
  /** `unread`: ids of rows that cannot be understood, `undefined` where not even that can be. */
  | { readonly kind: "rows"; readonly rows: readonly JobRow[]; readonly unread: readonly (string | undefined)[] }
  | { readonly kind: "unreadable"; readonly reason: string };

/**
 * The format for `squeue -h -r -o`: array id, task, state, reason, times of submission, start and end, nodes; then name,
 * folder and command, which may hold any character. squeue passes the control characters around them through.
 *
 * Neither `%i`, which is cut at 30 characters for arrays, nor `--json`, which answers an empty list with exit code 0 when
 * the controller is down.
 */
export const squeueFormat = "\u001E%F\u001F%K\u001F%T\u001F%r\u001F%V\u001F%S\u001F%e\u001F%N\u001F%j\u001F%Z\u001F%o\u001D";

/**
 * Parses what squeue printed in that format.
 *
 * Text between rows (a site's greeting) is passed over. A bad row hides no other one. Text that ends within a row is not
 * all there was, and text without any row that can be understood says nothing.
 */
export function parseSqueue(text: string): SqueueText {
  const [before = "", ...parts] = text.split("\u001E");
  // With SLURM_CLUSTERS in the environment a line `CLUSTER: name` comes first, whatever the options are.
  const noise = before.replaceAll(/^CLUSTER: .*$/gmu, "").trim();
  if (parts.length === 0) return noise === "" ? { kind: "rows", rows: [], unread: [] } : { kind: "unreadable", reason: `squeue printed something else: ${plainLine(noise, 200)}` };
  if (!(parts.at(-1) ?? "").includes("\u001D")) return { kind: "unreadable", reason: "what squeue printed is cut off" };
  const parsed = parts.map((part) => parseRow(part));
  const rows = parsed.filter((row) => typeof row === "object");
  if (rows.length === 0) return { kind: "unreadable", reason: `squeue printed ${parts.length} rows that cannot be understood` };
  return { kind: "rows", rows, unread: parsed.filter((row) => typeof row !== "object") };
}

function parseRow(part: string): JobRow | string | undefined {
  const [id = "", task = "", stateText = "", reason = "", submit = "", start = "", end = "", node = "", ...free] = part.slice(0, part.includes("\u001D") ? part.indexOf("\u001D") : 0).split("\u001F");
  const goodId = /^\d+$/u.test(id) ? id : /^\d+$/u.exec(part.split("\u001F")[0] ?? "")?.[0];
  const state = parseState(stateText);
  if (goodId === undefined || !/^[A-Z_]+\+?$/u.test(state) || free.length < 3) return goodId;
  // A name may hold the separator itself; folders and commands hardly ever do.
  const [workFolder = "", command = ""] = free.slice(-2);
  const key = parseKey(command);
  return {
    id: goodId, state, name: plainLine(free.slice(0, -2).join(" ")),
    ...(/^\d+$/u.test(task) ? { task } : {}),
    ...given("reason", reason === "None" ? "" : plainLine(reason)),
    ...given("submittedAt", parseTime(submit)),
    // The start is a guess while a job waits, and its end where it was cancelled meanwhile; the end is when its time will be up.
    ...given("startedAt", isWaiting(state) || node === "" ? undefined : parseTime(start)),
    ...given("endedAt", isFinal(state) ? parseTime(end) : undefined),
    ...given("node", node),
    ...given("workFolder", workFolder),
    ...given("command", command === "(null)" ? "" : command),
    ...given("key", key),
  };
}

/** A property, unless there is nothing to put into it. */
export function given<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined || value === "" ? {} : { [name]: value } as Record<Name, string>;
}
