import { evaluationKey } from "../domain/experiment.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Problem } from "../domain/problem.ts";
import type { SubmissionNote } from "../domain/submitters.ts";
import { parseYaml } from "./parse-yaml.ts";
import { shown } from "./shown.ts";

/** What a file is about: scripts by path (`logs/run-*.state.json`), runs by name (`jobs.json`), or evaluations (`eval_jobs.json`). */
export type NotesShape = "scripts" | "runs" | "evaluations";

/** One entry of such a file. */
export interface NotedEntry {
  /** A script's path as it is written, a run's name, or an evaluation's key, by the file's shape. */
  readonly subject: string;
  readonly note: Pick<SubmissionNote, "jobId" | "state" | "submitted" | "error">;
  /** Whether the tool itself counts the job as over: it watches the others until they are. */
  readonly isOver: boolean;
}

export interface ParsedNotes {
  readonly entries: readonly NotedEntry[];
  readonly problems: readonly Problem[];
}

/**
 * Parses what another tool noted of its submissions.
 *
 * `logs/run-{torchtune,inspect}.state.json` of cruijff_kit's submitters (since 2026-05): `{"rank8/finetune.slurm":
 * {"job_id": "4500003", "state": "COMPLETED", "submitted_at": "2026-05-08 14:32:06"}}`. Before, agents wrote `jobs.json` with
 * `jobs` by run and `eval_jobs.json` with `evaluations`, whose entries have `status` and `submitted`.
 *
 * A file that cannot be read as a whole is one problem, an error: it is never an empty one. An entry that cannot be read
 * still says that somebody dealt with its subject.
 */
export function parseSubmitterState(text: string, file: string, shape: NotesShape): ParsedNotes {
  const root = parseJson(text);
  if (root === undefined) return { entries: [], problems: [unreadable(text, file)] };
  if (shape === "evaluations" && isMap(root) && Object.hasOwn(root, "schema")) return { entries: [], problems: [] };
  const path = { scripts: [], runs: ["jobs"], evaluations: ["evaluations"] }[shape];
  const entries = path.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), root);
  if (!isMap(entries)) {
    const expected = { scripts: "a map of scripts", runs: "a map of runs under \"jobs\"", evaluations: "a map of evaluations under \"evaluations\"" }[shape];
    return { entries: [], problems: [{ severity: "error", message: "this is not what a submitter notes", file, line: 1, column: 1, expected, found: told(isMap(root) ? entries : root), advice: adviceFor(file) }] };
  }
  const problems: Problem[] = [];
  const parsed = Object.entries(entries).map(([key, value]): NotedEntry => {
    const odd = oddityOf(value);
    if (odd !== undefined) problems.push({ severity: "warning", file, ...parseYaml(text, file).placeOf([...path, key]), ...odd });
    return parseEntry(shape === "evaluations" ? keyOf(key, value) : key, value);
  });
  return { entries: parsed, problems };
}

function parseEntry(subject: string, value: unknown): NotedEntry {
  if (!isMap(value)) return { subject, note: {}, isOver: false };
  const said = wordOf(value["state"]) ?? wordOf(value["status"]);
  const jobId = jobIdOf(value["job_id"]);
  // "CANCELLED by 1000", "COMPLETING+": the rest is SLURM's own addition.
  const state = said === undefined ? undefined : (/^[A-Z_]+(?=[+ ]|$)/u.exec(said.toUpperCase())?.[0] ?? said);
  const submitted = wordOf(value["submitted_at"]) ?? wordOf(value["submitted"]);
  const error = wordOf(value["error"]);
  return {
    subject,
    note: {
      ...(jobId === undefined ? {} : { jobId }), ...(state === undefined ? {} : { state }),
      ...(submitted === undefined ? {} : { submitted }), ...(error === undefined ? {} : { error }),
    },
    // The tool compares the whole text: it never finds the end of "CANCELLED by 1000".
    isOver: said !== undefined && finalWords.has(said),
  };
}

const finalWords: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "SUBMIT_FAILED", "completed", "failed"]);

// Of an array's task, a step or another cluster's job (`12_3`, `12.batch`, `12;della`) the number of the job.
function jobIdOf(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  return typeof value === "string" ? /^\s*0*(?<id>[1-9]\d{0,18})(?:[_.;].*)?\s*$/u.exec(value)?.groups?.["id"] : undefined;
}

function wordOf(value: unknown): string | undefined {
  const word = typeof value === "string" ? plainLine(value, 200) : "";
  return word === "" || word === "-" ? undefined : word;
}

function oddityOf(value: unknown): Pick<Problem, "message" | "expected" | "found"> | undefined {
  if (!isMap(value)) return { message: "this entry cannot be read", expected: "a map with job_id and state", found: told(value) };
  const id = value["job_id"];
  const hasNone = id === undefined || id === null || (typeof id === "string" && wordOf(id) === undefined);
  if (!hasNone && jobIdOf(id) === undefined) return { message: "this job id cannot be read", expected: "a number such as 4500003", found: told(id) };
  return undefined;
}

// Scalars of YAML are texts; JSON has numbers and truth as well.
function told(value: unknown): string {
  return shown(typeof value === "number" || typeof value === "boolean" ? String(value) : value);
}

// The key joins run, task and epoch; an agent may have joined them in another way.
function keyOf(key: string, value: unknown): string {
  if (!isMap(value)) return key;
  const { run, task, epoch = null } = value;
  const isUnit = typeof run === "string" && typeof task === "string" && (epoch === null || Number.isInteger(epoch));
  return isUnit ? evaluationKey({ run, task, epoch: epoch as number | null }) : key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch {
    return undefined;
  }
}

// Every JSON text is YAML as well, whose parser knows the place of a mistake.
function unreadable(text: string, file: string): Problem {
  const isEmpty = text.trim() === "";
  const { line = 1, column = 1 } = isEmpty ? {} : parseYaml(text, file).problems[0] ?? {};
  return { severity: "error", message: isEmpty ? "this file is empty" : "this is not JSON, or not all of it", file, line, column, expected: "what a submitter noted of its jobs", advice: adviceFor(file) };
}

function adviceFor(file: string): string {
  return `Mend it, or move it away (mv ${file} ${file}.broken): then what was done is read from the queue, outputs and logs alone`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
