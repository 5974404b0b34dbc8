import { clusterSeconds, readJobs, readScenario, rowOf } from "./cluster-files.ts";
import { parseOptions } from "./options.ts";
import type { Call, Outcome } from "./parse-call.ts";
import { isShown, passes, type TimeWriter, timeWriter, viewed } from "./rows.ts";
import type { Row } from "./scenario.ts";

/** `squeue`: the jobs that are in the queue, and for MinJobAge those that have ended, in any format of `-o`. */
export function squeue(cluster: string, { parameters, environment }: Call): Outcome {
  const scenario = readScenario(cluster);
  const options = parseOptions(parameters, { h: false, r: false, a: false, t: true, u: true, j: true, n: true, p: true, o: true, M: true });
  const minJobAge = Number.parseInt(scenario.config?.["MinJobAge"] ?? "300", 10);
  const isOld = ({ end }: Row): boolean => typeof end === "number" && end + minJobAge < clusterSeconds(cluster);
  const rows = readJobs(cluster).map((job) => rowOf(cluster, job)).filter((row) => !isOld(row)).flatMap((row) => viewed(row, "squeue", scenario));
  const others = Array.from({ length: scenario.others?.count ?? 0 }, (_, index) => otherRow(index, scenario.others?.uid ?? 0));
  const isIn = ({ state }: Row): boolean => options.get("t") === "all" || passes(options.get("t") ?? "PENDING,RUNNING,COMPLETING", state);
  const shown = [...rows, ...others].filter((row) => isIn(row) && isShown(row, options) && passes(options.get("n"), row.name) && passes(options.get("p"), row.partition));
  const format = options.get("o") ?? "%.18i %.9P %.8j %.8u %.2t";
  const time = timeWriter(environment, "N/A");
  const head = options.has("h") ? [] : ["(a head that nobody asked for)"];
  return { stdout: [...head, ...shown.map((row) => render(format, row, time))].map((line) => `${line}\n`).join(""), stderr: "", exitCode: 0 };
}

function render(format: string, row: Row, time: TimeWriter): string {
  return format.replaceAll(/%\.?\d*(?<letter>[A-Za-z])/gu, (_, letter: string) => fields[letter]?.(row, time) ?? "?");
}

// Of squeue(1), "-o".
const fields: Readonly<Record<string, (row: Row, time: TimeWriter) => string>> = {
  i: ({ id, task }) => (task === undefined ? id : `${id}_${task}`),
  A: ({ id }) => id, F: ({ id }) => id, K: ({ task }) => task ?? "N/A",
  T: ({ state }) => state, t: ({ state }) => state.slice(0, 2), r: ({ reason }) => reason, P: ({ partition }) => partition,
  U: ({ uid }) => String(uid), u: ({ uid }) => String(uid), j: ({ name }) => name, N: ({ node }) => node, B: ({ node }) => node,
  V: ({ submit }, time) => time(submit), S: ({ start }, time) => time(start), e: ({ end }, time) => time(end),
  Z: ({ workFolder }) => workFolder, o: ({ command }) => command, k: () => "(null)",
};

function otherRow(index: number, uid: number): Row {
  return {
    id: String(5_000_000 + index), name: "someone's | work\twith\nodd: names", state: index % 3 === 0 ? "RUNNING" : "PENDING", reason: "Priority", uid, partition: "gpu", submit: 1_700_000_000 + index,
    code: 0, signal: 0, node: "", workFolder: "/home/somebody", command: `/home/somebody/job ${index}.sh`, submitLine: "sbatch job.sh",
    ...(index % 7 === 0 ? { task: `[0-9${"9".repeat(18)}` } : {}),
  };
}
