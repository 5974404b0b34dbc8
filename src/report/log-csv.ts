import type { LogObject } from "../domain/log-object.ts";
import { plainText } from "../domain/plain-text.ts";

/** The columns of a table of logs for a spreadsheet, in their order. */
export const logColumns = [
  "path", "status", "message", "log_status", "task", "model", "accuracy", "scorer", "samples", "completed_samples", "total_samples", "epochs", "partial", "invalidated", "created", "completed", "version", "eval_id", "run_id",
  "balanced_accuracy", "f1", "precision_1", "recall_1", "recall_0", "tags", "metadata", "metrics", "error", "warnings",
] as const;

/** One log as a row of those columns; what is no plain value is JSON. */
export function logRow(log: LogObject): readonly string[] {
  const { binary, ...rest } = log.status === "success" ? log : { ...log, binary: undefined };
  const values: Readonly<Record<string, unknown>> = { ...binary, ...rest };
  return logColumns.map((column) => cellOf(values[column]));
}

/** A value as the text of a cell. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return plainText(value);
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
