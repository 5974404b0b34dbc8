import { plainLine } from "../../domain/plain-text.ts";
import { parseKey } from "./parse-key.ts";
import { given, type JobRow } from "./parse-squeue.ts";
import { parseState } from "./parse-state.ts";
import { parseTime } from "./parse-time.ts";

/** One row of accounting: one life of a job. A requeued job has several, and so has an id that was given out again. */
export interface AccountingRow extends JobRow {
  /** The command that submitted it: sbatch with its options, the script and its arguments, none of them quoted. */
  readonly command?: string;
  /** Whether the row says which command submitted the job. The first seconds' rows do not, nor do old versions of SLURM. */
  readonly isAttributed: boolean;
  /** Whether this is all that accounting has in a job's first seconds: a row made up from its batch step. */
  readonly isStub: boolean;
  /** What `%j` and `SLURM_JOB_ID` are for a task of an array, where that is not the array's id. */
  readonly ownId?: string;
}

const columns = ["JobID", "JobIDRaw", "State", "ExitCode", "Submit", "Start", "End", "NodeList", "JobName", "WorkDir"];
// Two characters that no name holds side by side.
const separator = "\u001F\u001E";

/** The options for sacct that make it print what `parseSacct` reads. `SubmitLine` is known to SLURM since 21.08. */
export function sacctOptions(hasSubmitLine: boolean): readonly string[] {
  return ["-n", "-X", "-P", "-D", `--delimiter=${separator}`, "-o", [...columns, ...(hasSubmitLine ? ["SubmitLine"] : [])].join(",")];
}

/**
 * Parses what sacct printed with those options, in its order. Undefined for text that is cut off or something else.
 *
 * Names and submit lines may hold line breaks, so a row ends where its number of columns is full: the last column and
 * the next row's id share a piece between two separators, and the id is what follows the last line break in it. Rows
 * whose id is none are left out.
 */
export function parseSacct(text: string, hasSubmitLine: boolean): readonly AccountingRow[] | undefined {
  const width = columns.length - (hasSubmitLine ? 0 : 1);
  const [first = "", ...pieces] = text.split(separator);
  if (pieces.length === 0) return first.trim() === "" ? [] : undefined;
  if (pieces.length % width !== 0 || !text.endsWith("\n")) return undefined;
  const rows: (AccountingRow | undefined)[] = [];
  let id = lastLine(first);
  for (let start = 0; start < pieces.length; start += width) {
    const fields = pieces.slice(start, start + width);
    const last = fields.pop() ?? "";
    rows.push(parseRow(id, [...fields, last.slice(0, last.lastIndexOf("\n"))], hasSubmitLine));
    id = lastLine(last);
  }
  return rows.filter((row) => row !== undefined);
}

function parseRow(jobId: string, fields: readonly string[], hasSubmitLine: boolean): AccountingRow | undefined {
  const [rawId = "", stateText = "", exit = "", submit = "", start = "", end = "", node = "", name = "", workFolder = "", submitLine = ""] = fields;
  const { id, task } = /^(?<id>\d+)(?:[_+](?<task>.*))?$/u.exec(jobId)?.groups ?? {};
  const state = parseState(stateText);
  if (id === undefined || state === "") return undefined;
  return {
    id, state, name: plainLine(name), isAttributed: hasSubmitLine && submitLine !== "", isStub: name === "allocation" && workFolder === "",
    ...given("task", task),
    ...given("ownId", task === undefined || rawId === id ? "" : rawId),
    ...parseExitCode(exit),
    ...given("submittedAt", parseTime(submit)),
    ...given("startedAt", parseTime(start)),
    ...given("endedAt", parseTime(end)),
    ...given("node", node === "None assigned" ? "" : node),
    ...given("workFolder", workFolder),
    ...given("command", submitLine),
    ...given("key", parseKey(submitLine)),
  };
}

// `CODE:SIGNAL`. A job that a signal ended has code 0, which would read as success.
function parseExitCode(text: string): { readonly exitCode?: number; readonly signal?: number } {
  const { code, signal } = /^(?<code>\d+):(?<signal>\d+)$/u.exec(text)?.groups ?? {};
  if (code === undefined || signal === undefined) return {};
  if (signal === "0") return { exitCode: Number(code) };
  return { signal: Number(signal), ...(code === "0" ? {} : { exitCode: Number(code) }) };
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
