import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readJobs, readScenario, textOf } from "./cluster-files.ts";
import type { Call, Outcome } from "./parse-call.ts";
import { startJob } from "./sbatch.ts";
import { endProcesses } from "./scancel.ts";

/** `scontrol show config`, `scontrol requeue ID`, `scontrol hold ID`, `scontrol release ID`. */
export function scontrol(cluster: string, { parameters: [verb, what = ""] }: Call): Outcome {
  const job = readJobs(cluster).find(({ id }) => id === what);
  const folder = join(cluster, "jobs", what);
  if (verb === "show" && what === "config") return { stdout: renderConfig({ ...config, ...readScenario(cluster).config }), stderr: "", exitCode: 0 };
  if (job === undefined) return { stdout: "", stderr: "slurm_load_jobs error: Invalid job id specified\n", exitCode: 1 };
  if (verb === "hold") writeFileSync(join(folder, "hold"), "");
  if (verb === "release") rmSync(join(folder, "hold"), { force: true });
  if (verb === "requeue") {
    endProcesses(cluster, what);
    const restarts = Number(textOf(join(folder, "restarts")) || "0") + 1;
    writeFileSync(join(folder, "restarts"), String(restarts));
    for (const name of ["started", "ended", "cancelled"]) rmSync(join(folder, name), { force: true });
    startJob(cluster, job, restarts);
  }
  return { stdout: "", stderr: "", exitCode: 0 };
}

// As on a real one, but for the lives of credentials and messages, which tests would wait for.
const config: Readonly<Record<string, string>> = {
  AccountingStorageType: "accounting_storage/slurmdbd", AuthInfo: "ttl=2", ClusterName: "fake", MessageTimeout: "1 sec", MinJobAge: "300 sec", SLURM_VERSION: "22.05.8",
};

function renderConfig(values: Readonly<Record<string, string>>): string {
  return `Configuration data as of 2026-11-21T12:00:00\n${Object.entries(values).map(([name, value]) => `${name.padEnd(23)} = ${value}`).join("\n")}\n\nSlurmctld(primary) at fake is UP\n`;
}
