import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { clusterSeconds, type JobFile, takeId, theEnd } from "./cluster-files.ts";
import type { Call, Outcome } from "./parse-call.ts";
import type { Fault } from "./scenario.ts";

/** `sbatch [--parsable] SCRIPT`: takes a job and runs it at once, for itself, in the environment it was called in. */
export function sbatch(cluster: string, call: Call, { isTwice = false, ...fault }: Partial<Fault>): Outcome {
  const outcome = take(cluster, call, isTwice ? { ...fault, isHeld: true } : fault);
  if (isTwice) take(cluster, call, fault);
  return outcome;
}

function take(cluster: string, { parameters, folder: workFolder, environment }: Call, { arrivesWith, isHeld = false }: Partial<Fault>): Outcome {
  const command = parameters.find((parameter) => !parameter.startsWith("-")) ?? "";
  const path = resolve(workFolder, command);
  if (!existsSync(path)) return { stdout: "", stderr: `sbatch: error: Unable to open file ${command}\n`, exitCode: 1 };
  const script = readFileSync(path, "utf8");
  if (!script.startsWith("#!")) return { stdout: "", stderr: "sbatch: error: This does not look like a batch script.\n", exitCode: 1 };
  const id = takeId(cluster);
  const name = optionOf(script, "job-name", "J") ?? basename(path);
  const output = (optionOf(script, "output", "o") ?? "slurm-%j.out").replaceAll(/%(?<letter>[jAxu%])/gu, (_, letter: string) => ({ j: id, A: id, x: name, u: "root" })[letter] ?? "%");
  const folder = join(cluster, "jobs", id);
  const job: JobFile = {
    id, name, uid: process.getuid?.() ?? 0, submit: clusterSeconds(cluster), workFolder, output: resolve(workFolder, output), command,
    submitLine: ["sbatch", ...parameters].join(" "), environment, ...(arrivesWith === undefined ? {} : { arrivesWith }),
  };
  writeFileSync(join(folder, "script"), script);
  chmodSync(join(folder, "script"), 0o755);
  if (isHeld) writeFileSync(join(folder, "hold"), "");
  writeFileSync(join(folder, "job.new"), JSON.stringify(job));
  // Its process waits for the last step: who is killed in between has submitted nothing.
  startJob(cluster, job, 0);
  renameSync(join(folder, "job.new"), join(folder, "job.json"));
  return { stdout: parameters.includes("--parsable") ? `${id}\n` : `Submitted batch job ${id}\n`, stderr: "", exitCode: 0 };
}

/** Starts a job, for the first time or again, as a process that outlives everybody. */
export function startJob(cluster: string, { id, name, workFolder, output, arrivesWith, environment }: JobFile, restarts: number): void {
  const folder = join(cluster, "jobs", id);
  const isWritable = existsSync(dirname(output));
  if (!isWritable) mkdirSync(join(folder, "no-output"), { recursive: true });
  const env = {
    ...environment, SLURM_JOB_ID: id, SLURM_JOBID: id, SLURM_JOB_NAME: name, SLURM_SUBMIT_DIR: workFolder, SLURM_CLUSTER_NAME: "fake", SLURMD_NODENAME: "n1",
    ...(restarts === 0 ? {} : { SLURM_RESTART_COUNT: String(restarts) }),
  };
  spawn("/bin/sh", ["-c", runJob, "sh", folder, workFolder, isWritable ? output : "", join(cluster, theEnd), arrivesWith ?? "/"], { detached: true, stdio: "ignore", env }).unref();
}

// Arguments: the job's folder, where it runs, its output, what ends all waiting, what lets it arrive. Without a folder for
// its output a job fails before its first line, with code 53 and no word.
const runJob = `
until [ -e "$1/job.json" ] && [ -e "$5" ] && [ ! -e "$1/hold" ]; do { [ -e "$4" ] || [ ! -d "$1" ]; } && exit; sleep 0.05; done
[ -e "$1/cancelled" ] && exit
echo "$(date +%s) $$" >"$1/started"
code=53
cd "$2" && [ -n "$3" ] && { "$1/script" >"$3" 2>&1 </dev/null; code=$?; }
echo "$code $(date +%s)" >"$1/ending" && mv "$1/ending" "$1/ended"
`;

function optionOf(script: string, long: string, short: string): string | undefined {
  return new RegExp(`^#SBATCH +(?:--${long}[= ]|-${short} *)(?<value>\\S+)`, "mu").exec(script)?.groups?.["value"];
}
