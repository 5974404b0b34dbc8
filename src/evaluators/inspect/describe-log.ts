import type { BinaryMetrics, Metric } from "../../domain/evaluator.ts";
import type { LogObject, ReadableLogObject } from "../../domain/log-object.ts";
import { buildLog } from "./build-log.ts";
import { Damage } from "./damage.ts";
import { defined } from "./defined.ts";
import { isGone, isSystemError } from "./find-logs.ts";
import { oddClauses } from "./log-problems.ts";
import { plainText } from "./plain-text.ts";
import { writable, writableMetadata } from "./writable.ts";
import { readLog, type ReadLog } from "./log/read-log.ts";

/** Reads one log file and describes it for other programs; what cannot be read is said in the object itself. */
export async function describeLogAt(path: string, read: typeof readLog = readLog): Promise<LogObject> {
  try {
    return describeLog(path, await read(path));
  } catch (error) {
    const message = messageOf(error);
    if (message === undefined) throw error;
    return { status: "error", message, path };
  }
}

/** Says why a file cannot be read; `undefined` of what is a bug. */
export function messageOf(error: unknown): string | undefined {
  if (error instanceof Damage) {
    const { message, expected, found } = error;
    return plainText(`the log ${message}${expected === undefined ? "" : ` (expected ${expected}${found === undefined ? "" : `, found ${found}`})`}`);
  }
  if (isGone(error)) return "File not found";
  return isSystemError(error) ? `the file is not accessible (${error.code})` : undefined;
}

function describeLog(path: string, { contents, file }: ReadLog): ReadableLogObject {
  const { header } = contents;
  const log = buildLog(contents, { path, changedAt: new Date(file.changedMs).toISOString() });
  const { accuracy, scorer, metrics, samples } = header.results === undefined ? log.soFar ?? log : log;
  const isPartial = log.status !== "success" || header.invalidated || header.results === undefined;
  return defined<ReadableLogObject>({
    status: "success",
    path,
    task: log.task,
    accuracy: accuracy === undefined ? undefined : writable(accuracy),
    samples,
    scorer,
    model: log.model,
    version: header.version,
    created: log.created,
    completed: log.completedAt,
    eval_id: header.evalId,
    run_id: header.runId,
    log_status: log.status,
    error: log.failure?.message,
    total_samples: log.totalSamples,
    completed_samples: log.completedSamples,
    epochs: header.epochs,
    metadata: writableMetadata(header.metadata),
    tags: header.tags.map((tag) => plainText(tag)),
    metrics: metrics.map(describeMetric),
    partial: isPartial,
    invalidated: header.invalidated,
    warnings: [
      ...(header.results === undefined && metrics.length > 0 ? [`stores no results: the metrics are those of the ${samples} samples it has`] : []),
      ...oddClauses(contents),
    ],
    binary: log.binary === undefined ? undefined : describeBinary(path, log.binary),
  });
}

function describeMetric({ scorer, score, name, reducer, value }: Metric): ReadableLogObject["metrics"][number] {
  return defined<ReadableLogObject["metrics"][number]>({ scorer, score, name, reducer, value: writable(value) });
}

function describeBinary(path: string, { samples, accuracy, balancedAccuracy, f1, precision1, recall1, recall0, confusionMatrix }: BinaryMetrics): NonNullable<ReadableLogObject["binary"]> {
  return {
    status: "success", path, samples, accuracy, balanced_accuracy: balancedAccuracy, f1, precision_1: precision1, recall_1: recall1, recall_0: recall0,
    confusion_matrix: { ...confusionMatrix },
  };
}
