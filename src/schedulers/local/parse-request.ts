import { parseGpuRequest, parseTimeLimit } from "../../domain/sbatch-values.ts";
import type { SbatchScript } from "../../domain/sbatch-script.ts";
import { tooManyGpus } from "./choose.ts";
import type { StoredJob } from "./stored.ts";

/** What a script asks of this machine. */
export type Request = Pick<StoredJob, "interpreter" | "timeLimitMs" | "gpus" | "tasks" | "cpusPerTask">;

/**
 * Parses what a script asks for, or says why this machine must refuse it.
 *
 * Refused in sbatch's words: what sbatch refuses. Refused besides: what would silently mean something else here. Memory,
 * partition, account, mail and the like have no meaning on one machine and are passed over.
 */
export function parseRequest({ fault, interpreter, options }: SbatchScript, gpusHere: number): Request | { readonly refusal: string } {
  if (fault !== undefined || interpreter === undefined) return { refusal: fault ?? "no interpreter" };
  const unsupported = ["array", "dependency", "begin", "hold"].find((name) => options.has(name));
  if (unsupported !== undefined) return { refusal: `--${unsupported} needs a SLURM cluster: the local scheduler does not know it` };
  const nodes = Number.parseInt(options.get("nodes") ?? "1", 10);
  if (nodes > 1) return { refusal: `asks for ${nodes} nodes, this machine is one` };
  const timeLimitMs = parseTimeLimit(options.get("time") ?? "0");
  if (timeLimitMs === undefined) return { refusal: `Invalid --time specification: ${options.get("time")}` };
  const gpus = parseGpuRequest(options);
  if (gpus === undefined) return { refusal: `Invalid generic resource (gres) specification: ${options.get("gres") ?? options.get("gpus") ?? ""}` };
  if (gpusHere > 0 && gpus > gpusHere) return { refusal: tooManyGpus(gpus, gpusHere) };
  const cpusPerTask = count(options.get("cpus-per-task"));
  return {
    interpreter,
    gpus,
    tasks: count(options.get("ntasks")) ?? 1,
    ...(timeLimitMs === Infinity ? {} : { timeLimitMs }),
    ...(cpusPerTask === undefined ? {} : { cpusPerTask }),
  };
}

function count(text = ""): number | undefined {
  return /^[1-9]\d{0,5}$/u.test(text) ? Number(text) : undefined;
}
