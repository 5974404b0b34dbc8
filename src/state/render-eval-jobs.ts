import type { Evaluation } from "../domain/experiment.ts";
import type { Attempt, EvaluationLife, ExperimentState, RunLife, WorkContext } from "../domain/state.ts";
import { evaluationStatus, runStatus } from "../domain/status.ts";
import { elapsedMs, wallTime } from "../domain/time.ts";
import { formatElapsed } from "../domain/elapsed.ts";

/**
 * Renders `eval_jobs.json`: the fields of the users' documents first in every entry, then what nightshift needs to go on.
 *
 * Made for git: keys sorted, two spaces, one trailing newline, no field that changes without a change of meaning.
 */
export function renderEvalJobs(state: ExperimentState): string {
  const known = rendered.get(state);
  if (known !== undefined) return known;
  const text = render(state);
  rendered.set(state, text);
  return text;
}

/** Gives a state another revision. Only the end of its text changes, so that nothing is rendered anew. */
export function withRevision(state: ExperimentState, revision: number): ExperimentState {
  const next = { ...state, revision };
  rendered.set(next, renderEvalJobs(state).replace(/"revision": -?\d+\n\}\n$/u, `"revision": ${revision}\n}\n`));
  return next;
}

// States do not change, and one of a thousand evaluations takes a tenth of a second to render.
const rendered = new WeakMap<ExperimentState, string>();

function render(state: ExperimentState): string {
  const document = {
    experiment: state.experiment,
    monitoring_started: wallTime(state.monitoringStarted),
    evaluations: sorted(state.evaluations, (key, life) => evaluationEntry(life, state.units[key])),
    runs: sorted(state.runs, (name, life) => runEntry(name, life)),
    state: state.life.state,
    ...snake(state.life.context),
    monitoring_started_at: state.monitoringStarted,
    schema: 1,
    id: state.id,
    revision: state.revision,
  };
  return `${JSON.stringify(document, nonFinite, 2)}\n`;
}

function evaluationEntry(life: EvaluationLife, unit: Evaluation | undefined): object {
  const log = life.context.result?.log;
  return {
    ...(unit === undefined ? {} : { run: unit.run, task: unit.task, epoch: unit.epoch }),
    ...documented(life.context, evaluationStatus(life)),
    log_path: log === undefined || life.context.result?.printed === true ? null : log.slice(0, log.lastIndexOf("/") + 1),
    state: life.state,
    ...snake(life.context),
  };
}

function runEntry(name: string, life: RunLife): object {
  return { run: name, ...documented(life.context, runStatus(life)), state: life.state, ...snake(life.context) };
}

// The fields of the documents' example: they are derived, never read back.
function documented({ attempts }: WorkContext, status: string): object {
  const last: Attempt | undefined = attempts.at(-1);
  return {
    job_id: last?.jobId ?? null,
    status,
    submitted: last?.submittedAt === undefined ? null : wallTime(last.submittedAt),
    completed: last?.endedAt === undefined ? null : wallTime(last.endedAt),
    elapsed: last?.startedAt === undefined || last.endedAt === undefined ? null : formatElapsed(elapsedMs(last.startedAt, last.endedAt)),
  };
}

function sorted<Value>(record: Readonly<Record<string, Value>>, entry: (key: string, value: Value) => object): object {
  return Object.fromEntries(Object.keys(record).sort().map((key) => [key, entry(key, record[key] as Value)]));
}

/** Renames keys to snake_case, all the way down. */
function snake(value: unknown): object {
  return snakeValue(value) as object;
}

function snakeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeValue);
  if (value === null || typeof value !== "object") return value;
  // Sorted, because a state that was read back holds its fields in another order than one that has just moved.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [snakeKey(key), snakeValue(inner)]));
}

// The same few dozen names, thousands of times.
function snakeKey(key: string): string {
  const known = snakeKeys.get(key);
  if (known !== undefined) return known;
  const name = key.replace(/[A-Z]|(?<=[a-z]{2})\d+$/gu, (part) => `_${part.toLowerCase()}`);
  snakeKeys.set(key, name);
  return name;
}

const snakeKeys = new Map<string, string>();

// JSON has no NaN or Infinity, and a diverged loss must not become null.
function nonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
