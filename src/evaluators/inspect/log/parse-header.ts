import * as z from "zod";
import { Damage } from "../damage.ts";
import { describeConfigChanges } from "./config-changes.ts";
import { computeEvalId } from "./eval-id.ts";
import type { JsonObject, LogHeader } from "./log-header.ts";
import { replayEdits } from "./log-edits.ts";
import { parseInstant } from "./parse-instant.ts";
import { parseJson } from "./parse-json.ts";
import { parseResults } from "./parse-results.ts";
import { parseScorers } from "./parse-scorers.ts";

/**
 * Parses `header.json`, or the fields of a `.json` log, as written by any inspect-ai since 0.3.8.
 *
 * Only what everything rests on must be there, status and task; whatever else is missing or of another type is left
 * out, since logs are also written by other programs. Throws Damage.
 */
export function parseHeader(text: string): LogHeader {
  return readHeader(parseObject(text));
}

/**
 * Parses `_journal/start.json`, which has no status: all it knows is that the evaluation started. Throws Damage.
 *
 * @param configUpdates The texts of `_journal/config_updates/N.json`, in order.
 */
export function parseStart(text: string, configUpdates: readonly string[] = []): LogHeader {
  return readHeader({ ...parseObject(text), status: "started", config_updates: configUpdates.map(parseObject) });
}

function parseObject(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (cause) {
    throw new Damage("has a header that is no JSON", { cause });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Damage("has a header that is no JSON object");
  return parsed as JsonObject;
}

function readHeader(raw: JsonObject): LogHeader {
  const header = check(raw);
  const { dataset, config, ...evaluation } = header.eval;
  const { sample_ids: ids } = dataset;
  const { tags, metadata } = replayEdits(evaluation, header.log_updates);
  return {
    version: evaluation.packages["inspect_ai"],
    evalId: evaluation.eval_id || computeEvalId(evaluation.run_id, evaluation.task_id, evaluation.created),
    runId: evaluation.run_id,
    tags,
    status: header.status,
    task: evaluation.task,
    registryName: evaluation.task_registry_name,
    model: evaluation.model,
    created: parseInstant(evaluation.created),
    completedAt: parseInstant(header.stats.completed_at),
    metadata,
    modelArgs: evaluation.model_args,
    taskArgs: evaluation.task_args,
    datasetName: dataset.name,
    // With --limit the ids are those that are run, none where it lies beyond the end; the count is still that of the whole dataset.
    datasetSamples: ids !== undefined && (ids.length > 0 || config.limit !== undefined) ? ids.length : dataset.samples,
    epochs: config.epochs,
    scorers: parseScorers(evaluation.scorers),
    reducers: config.epochs_reducer ?? [undefined],
    results: header.results === undefined ? undefined : parseResults(header.results),
    headline: headline.parse(header.results?.["headline"]) ?? evaluation.headline_metric,
    errorMessage: header.error?.message,
    invalidated: header.invalidated,
    configChanges: describeConfigChanges(header.config_updates),
  };
}

const text = z.string().optional().catch(undefined);
const count = z.number().int().nonnegative().optional().catch(undefined);
const object = z.record(z.string(), z.unknown());

const headline = z.object({ scorer: text, score: text, metric: text, reducer: text }).optional().catch(undefined);

// What is missing is no fault, and a default costs nothing; an exception that is caught does.
const schema = z.object({
  status: z.enum(["started", "success", "cancelled", "error"]),
  eval: z.object({
    task: z.string(),
    task_registry_name: text,
    model: z.string().catch(""),
    created: text,
    eval_id: text,
    run_id: text,
    task_id: text,
    packages: z.record(z.string(), z.string()).default({}).catch({}),
    tags: z.array(z.string()).default([]).catch([]),
    metadata: object.default({}).catch({}),
    model_args: object.default({}).catch({}),
    task_args: object.default({}).catch({}),
    dataset: z.object({ name: text, samples: count, sample_ids: z.array(z.unknown()).optional().catch(undefined) }).catch({}),
    scorers: z.unknown().optional(),
    headline_metric: headline,
    config: z.object({ limit: z.unknown().optional(), epochs: z.number().int().positive().catch(1), epochs_reducer: z.array(z.string()).optional().catch(undefined) }).catch({ epochs: 1 }),
  }),
  results: object.optional().catch(undefined),
  stats: z.object({ completed_at: text }).catch({}),
  error: z.object({ message: z.string() }).optional().catch(undefined),
  invalidated: z.boolean().default(false).catch(false),
  log_updates: z.unknown().optional(),
  config_updates: z.array(z.unknown()).default([]).catch([]),
});

function check(raw: JsonObject): z.infer<typeof schema> {
  const { success, data, error } = schema.safeParse(raw);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  throw new Damage(`is no evaluation log that can be understood: its ${path.join(".")} is not as it should be`, {
    expected: issue?.code === "invalid_value" ? issue.values.join(", ") : "an inspect-ai header",
    found: describe(path.reduce<unknown>((at, key) => (at as JsonObject | undefined)?.[String(key)], raw)),
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : typeof value;
}
