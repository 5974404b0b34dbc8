import { lstatSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";

import type { SubmitAnswer } from "../../domain/job.ts";
import { expandPattern } from "../../domain/sbatch-values.ts";
import { now } from "../../system/clock.ts";
import { userName } from "../../system/user.ts";
import { jobNameOf, workFolderOf } from "../output-folders.ts";
import type { PreparedJob } from "../submission.ts";
import { parseRequest, type Request } from "./parse-request.ts";
import { addJob, readIds, readStoredJob, scriptFile, withSpool, writeLimits } from "./spool.ts";
import type { Limits, StoredJob } from "./stored.ts";

/** Puts a job into the queue, or says which job of the same key is in it already. */
export async function enqueue(spool: string, prepared: PreparedJob, limits: Limits): Promise<SubmitAnswer> {
  const request = parseRequest(prepared.parsed, limits.gpus.length);
  if ("refusal" in request) return { kind: "refused", reason: request.refusal };
  return withSpool(spool, "submit a job", () => {
    writeLimits(spool, limits);
    const earlier = findByKey(spool, prepared.key);
    if (earlier !== undefined) return { kind: "accepted", id: earlier };
    const job = firstFreeJob(prepared, request, Number(readIds(spool).at(-1) ?? "0") + 1);
    addJob(spool, job.id, new Map<string, string | Uint8Array>([["job.json", `${JSON.stringify(job)}\n`], [scriptFile, readFileSync(prepared.script)]]));
    return { kind: "accepted", id: job.id };
  });
}

/** The id of the job of a key. */
export function findByKey(spool: string, key: string): string | undefined {
  return readIds(spool).findLast((id) => readStoredJob(spool, id).key === key);
}

// Ids begin again at 1 when the spool is new, but a `slurm-1.out` of another day must not be appended to.
function firstFreeJob(prepared: PreparedJob, request: Request, from: number): StoredJob {
  for (let id = from; ; id += 1) {
    const job = buildJob(prepared, request, String(id));
    const { output, error } = buildJob(prepared, request, String(id + 1));
    if (!((output !== job.output && exists(job.output)) || (job.error !== undefined && error !== job.error && exists(job.error)))) return job;
  }
}

function buildJob({ key, folder, script, parsed, submitFolder }: PreparedJob, request: Request, id: string): StoredJob {
  const name = jobNameOf(parsed, script);
  const workFolder = workFolderOf(parsed, submitFolder);
  const place = (pattern: string): string => resolve(workFolder, expandPattern(pattern, { jobId: id, jobName: name, user: userName(), node: hostname() }));
  const error = parsed.options.get("error");
  return {
    ...request, id, key, name, script, submitFolder, workFolder,
    recordFolder: folder,
    output: place(parsed.options.get("output") ?? "slurm-%j.out"),
    ...(error === undefined ? {} : { error: place(error) }),
    submittedAt: now(),
    submitHost: hostname(),
  };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
