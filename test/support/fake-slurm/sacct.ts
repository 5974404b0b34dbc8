import { readJobs, readScenario, rowOf } from "./cluster-files.ts";
import { parseOptions } from "./options.ts";
import type { Call, Outcome } from "./parse-call.ts";
import { isShown, type TimeWriter, timeWriter, viewed } from "./rows.ts";
import type { Row } from "./scenario.ts";

/** `sacct -P`: everything that was ever submitted, in any columns of `-o`. Whoever was cancelled was cancelled by somebody. */
export function sacct(cluster: string, { parameters, environment }: Call): Outcome {
  const scenario = readScenario(cluster);
  if (scenario.config?.["AccountingStorageType"]?.endsWith("none") === true) return { stdout: "", stderr: "Slurm accounting storage is disabled\n", exitCode: 1 };
  const options = parseOptions(parameters, { n: false, X: false, P: false, D: false, a: false, u: true, j: true, S: true, E: true, s: true, o: true, "-delimiter": true });
  const rows = readJobs(cluster).map((job) => rowOf(cluster, job)).map((row) => (row.state === "CANCELLED" ? { ...row, state: `CANCELLED by ${row.uid}` } : row));
  const shown = rows.flatMap((row) => viewed(row, "sacct", scenario)).filter((row) => isShown(row, options));
  const columns = (options.get("o") ?? "JobID,State").split(",");
  const unknown = columns.find((column) => fields[column] === undefined);
  if (unknown !== undefined) return { stdout: "", stderr: `sacct: fatal: Invalid field requested: "${unknown}"\n`, exitCode: 1 };
  const time = timeWriter(environment, "Unknown");
  const lines = shown.map((row) => columns.map((column) => fields[column]?.(row, time) ?? "").join(options.get("-delimiter") ?? "|"));
  return { stdout: [...(options.has("n") ? [] : [columns.join("|")]), ...lines].map((line) => `${line}\n`).join(""), stderr: "", exitCode: 0 };
}

// Of sacct(1), "Job Accounting Fields".
const fields: Readonly<Record<string, (row: Row, time: TimeWriter) => string>> = {
  JobID: ({ id, task }) => (task === undefined ? id : `${id}_${task}`), JobIDRaw: ({ id }) => id,
  JobName: ({ name }) => name, State: ({ state }) => state, ExitCode: ({ code, signal }) => `${code}:${signal}`,
  Submit: ({ submit }, time) => time(submit), Start: ({ start }, time) => time(start), End: ({ end }, time) => time(end),
  NodeList: ({ node }) => node || "None assigned", WorkDir: ({ workFolder }) => workFolder, SubmitLine: ({ submitLine }) => submitLine,
  User: ({ uid }) => String(uid), UID: ({ uid }) => String(uid), Partition: ({ partition }) => partition, Reason: ({ reason }) => reason,
};
