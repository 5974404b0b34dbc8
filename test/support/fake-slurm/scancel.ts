import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { clusterSeconds, readJobs, rowOf, textOf } from "./cluster-files.ts";
import type { Call, Outcome } from "./parse-call.ts";

/** `scancel ID...`: ends jobs and their processes. One that is not there, or over, is no reason to complain. */
export function scancel(cluster: string, { parameters }: Call): Outcome {
  for (const id of parameters.filter((parameter) => /^\d+$/u.test(parameter))) {
    const job = readJobs(cluster).find((one) => one.id === id);
    if (job === undefined || !["PENDING", "RUNNING"].includes(rowOf(cluster, job).state)) continue;
    writeFileSync(join(cluster, "jobs", id, "cancelled"), `${clusterSeconds(cluster)}\n`);
    endProcesses(cluster, id);
  }
  return { stdout: "", stderr: "", exitCode: 0 };
}

/** Ends all processes of a job, if it has any. */
export function endProcesses(cluster: string, id: string): void {
  const pid = Number(textOf(join(cluster, "jobs", id, "started")).split(/\s/u)[1]);
  if (!(pid > 1) || !existsSync(`/proc/${pid}`)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
