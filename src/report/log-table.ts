import { type LogObject, type ReadableLogObject, recoveredFromCrash } from "../domain/log-object.ts";
import { plainLine } from "../domain/plain-text.ts";
import { formatFraction, unknown } from "./numbers.ts";
import { noPaint, type Paint } from "./paint.ts";
import { renderPlainTable } from "./plain-table.ts";

/** Renders what logs say for a terminal: a line each, and below it what is odd about it. Of a single log also every metric. Without a line break at the end. */
export function renderLogTable(logs: readonly LogObject[], paint: Paint = noPaint): string {
  const folder = commonFolder(logs.map(({ path }) => path));
  const rows = logs.map((log) => {
    const name = plainLine(log.path.slice(folder.length));
    return log.status === "error"
      ? [name, unknown, paint("bad", "ERROR"), unknown, unknown, unknown, unknown]
      : [name, plainLine(log.task), statusOf(log, paint), fraction(log.accuracy), countOf(log), plainLine(log.scorer ?? unknown), plainLine(log.model)];
  });
  const remarks = logs.flatMap((log) => remarksOn(log).map((remark) => `${plainLine(log.path)}: ${plainLine(remark)}`));
  const [only] = logs;
  const metrics = logs.length === 1 && only?.status === "success" && only.metrics.length > 0 ? [renderMetrics(only, paint)] : [];
  return [renderPlainTable([headOf(["LOG", "TASK", "STATUS", "ACCURACY", "SAMPLES", "SCORER", "MODEL"], paint), ...rows]), ...metrics, ...(remarks.length === 0 ? [] : [remarks.join("\n")])].join("\n\n");
}

// With the slash at its end; of one file its folder.
function commonFolder([first = "", ...others]: readonly string[]): string {
  let folder = first.slice(0, first.lastIndexOf("/") + 1);
  while (!others.every((path) => path.startsWith(folder))) folder = folder.slice(0, folder.lastIndexOf("/", folder.length - 2) + 1);
  return folder;
}

// inspect-ai's words, and what they mean where they do not say it.
function statusOf({ log_status: status, error, partial, invalidated, metrics }: ReadableLogObject, paint: Paint): string {
  if (error === recoveredFromCrash) return paint("bad", "recovered, partial results");
  if (invalidated) return paint("bad", `${status}, invalidated`);
  switch (status) {
    case "success": return partial ? paint("waiting", metrics.length === 0 ? "success, no results" : "success, partial") : paint("good", "success");
    case "started": return paint("busy", "started, not finished");
    case "cancelled": case "error": return paint("bad", metrics.length === 0 ? status : `${status}, partial results`);
  }
}

function remarksOn(log: LogObject): readonly string[] {
  return log.status === "error" ? [log.message] : [...(log.error === undefined ? [] : [log.error]), ...log.warnings];
}

function countOf({ samples, completed_samples: completed, total_samples: total }: ReadableLogObject): string {
  return total === undefined || completed === undefined || completed === total ? String(samples) : `${completed} of ${total}`;
}

function renderMetrics({ metrics }: ReadableLogObject, paint: Paint): string {
  const rows = metrics.map(({ scorer, score, name, reducer, value }) =>
    [plainLine(score === undefined ? scorer : `${scorer}/${score}`), plainLine(reducer === undefined ? name : `${name} (${reducer})`), String(value)]);
  return renderPlainTable([headOf(["SCORER", "METRIC", "VALUE"], paint), ...rows]);
}

function fraction(value: ReadableLogObject["accuracy"]): string {
  return typeof value === "number" ? formatFraction(value) : value ?? unknown;
}

function headOf(labels: readonly string[], paint: Paint): readonly string[] {
  return labels.map((label) => paint("faint", label));
}
