import { z } from "zod";

import type { Problem } from "../domain/problem.ts";
import { failureCauses } from "../domain/failure.ts";
import type { ExperimentState } from "../domain/state.ts";
import { findJsonFault, findJsonPlace } from "./find-json-fault.ts";

/**
 * Reads `eval_jobs.json` back. Fields of the documents are derived and not looked at; what nightshift goes on from must
 * be whole: a corrupt state is never an empty one, and neither is one in which a merge has left an entry twice. Fields
 * that are not known here are kept, since a newer nightshift may have written them. A file without anything of ours is
 * that of the users' own tools.
 */
export function parseEvalJobs(text: string): { readonly state: ExperimentState } | { readonly problem: Problem } | { readonly isTheirs: true } {
  const fault = findJsonFault(text);
  if (fault !== undefined) return corrupt(fault.message, { line: fault.line, column: fault.column });
  const json: unknown = JSON.parse(text);
  const version = z.looseObject({ schema: z.number() }).safeParse(json);
  if (version.success && version.data.schema !== 1) {
    return corrupt(`has schema ${version.data.schema}, which this nightshift does not know`, {}, "Use the nightshift that wrote it, or a newer one.");
  }
  if (!version.success && theirs.safeParse(json).success) return { isTheirs: true };
  const parsed = documentSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path ?? [];
    return corrupt(`${path.length === 0 ? "" : `${path.join(".")}: `}${issue?.message ?? "cannot be understood"}`, findJsonPlace(text, path));
  }
  return { state: stateOf(parsed.data) };
}

const theirs = z.looseObject({ evaluations: z.looseObject({}), schema: z.never().optional(), id: z.never().optional(), revision: z.never().optional() });
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "expected an ISO 8601 time");
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);
const failure = z.looseObject({ cause: z.enum(failureCauses), message: z.string(), file: z.string().optional() });

const attempt = z.looseObject({
  number: z.int(), key: z.string().regex(/^(?!\.)[^/\0]+$/u, "expected a name such as rank8-1-0a1b2c3d"), intended_at: instant, job_id: z.string().optional(), job_state: z.string().optional(),
  submitted_at: instant.optional(), started_at: instant.optional(), ended_at: instant.optional(), exit_code: z.int().optional(),
  node: z.string().optional(), output: z.string().optional(), config_hash: z.string().optional(), git_commit: z.string().optional(),
  unclear: z.object({ since: instant, reason: z.string() }).optional(), missing: z.object({ since: instant, reason: z.string() }).optional(),
  absent_by: z.string().optional(), asked_by: z.string().optional(), adopted_from: z.string().optional(), cancelled_by: z.string().optional(),
});

const work = z.looseObject({
  attempts: z.array(attempt), reason: z.string().optional(), failure: failure.optional(), stale: z.boolean().optional(), adopted: z.string().optional(),
  stopped_by: z.string().optional(), retry: z.object({ by: z.string(), at: instant }).optional(),
});

const run = work.extend({
  state: z.enum(["waiting", "held", "ready", "submitting", "pending", "running", "retrying", "trained", "failed", "cancelled"]),
  released: z.boolean().optional(),
  result: z.looseObject({
    final_loss: number.optional(), total_steps: z.int().optional(), epochs: z.int().optional(), diverged_at_step: z.int().optional(),
    checkpoints: z.array(z.int()), checkpoint_folder: z.string().optional(), saved_at: instant.optional(), output: z.string().optional(),
  }).optional(),
});

const evaluation = work.extend({
  run: z.string(), task: z.string(), epoch: z.int().nullable(),
  state: z.enum(["blocked", "ready", "submitting", "pending", "running", "retrying", "scored", "failed", "cancelled", "skipped"]),
  result: z.looseObject({
    log_status: z.enum(["started", "success", "cancelled", "error"]), log: z.string(), task: z.string(), model: z.string(),
    accuracy: number.optional(), scorer: z.string().optional(), samples: number,
    binary: z.object({
      samples: z.number(), accuracy: z.number(), balanced_accuracy: z.number(), f1: z.number(), precision_1: z.number(), recall_1: z.number(), recall_0: z.number(),
      confusion_matrix: z.object({ tp: z.number(), tn: z.number(), fp: z.number(), fn: z.number(), other: z.number() }),
    }).optional(),
    printed: z.literal(true).optional(), choice: z.string().optional(), completed_at: instant.optional(),
  }).optional(),
});

const documentSchema = z.looseObject({
  experiment: z.string(), monitoring_started_at: instant, id: z.string().min(1), revision: z.int(),
  state: z.enum(["held", "settling", "working", "finished"]),
  reason: z.string().optional(), armed_by: z.string().optional(), armed_at: instant.optional(), armed_explicitly: z.boolean().optional(),
  scheduler: z.enum(["slurm", "local"]).optional(), started_at: instant.optional(), finished_at: instant.optional(),
  runs: z.record(z.string(), run), evaluations: z.record(z.string(), evaluation),
});

type Document = z.infer<typeof documentSchema>;

function stateOf(document: Document): ExperimentState {
  const { experiment, monitoring_started_at: monitoringStarted, monitoring_started: _derived, schema: _schema, id, revision, state, runs, evaluations, ...context } = document;
  return {
    experiment, id, revision, monitoringStarted,
    life: { state, context: camel(context) },
    runs: mapValues(runs, ({ state: name, ...rest }) => ({ state: name, context: camel(withoutDerived(rest)) })),
    evaluations: mapValues(evaluations, ({ state: name, task: _task, epoch: _epoch, ...rest }) => ({ state: name, context: camel(withoutDerived(rest)) })),
    units: mapValues(evaluations, ({ run: of, task, epoch }) => ({ run: of, task, epoch })),
  } as ExperimentState;
}

// The fields of the documents: rendered anew from the others each time.
function withoutDerived(entry: Readonly<Record<string, unknown>>): object {
  const { run: _run, job_id: _jobId, status: _status, submitted: _submitted, completed: _completed, elapsed: _elapsed, log_path: _logPath, ...rest } = entry;
  return rest;
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => [camelKey(key), camel(inner)]));
}

// The same few dozen names, thousands of times.
function camelKey(key: string): string {
  const known = camelKeys.get(key);
  if (known !== undefined) return known;
  const name = key.replace(/_([a-z0-9])/gu, (_whole, letter: string) => letter.toUpperCase());
  camelKeys.set(key, name);
  return name;
}

const camelKeys = new Map<string, string>();

function corrupt(what: string, place: { line?: number; column?: number }, advice?: string): { problem: Problem } {
  return { problem: { severity: "error", file: "eval_jobs.json", ...place, message: what, ...(advice === undefined ? {} : { advice }) } };
}
