import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { SubmitAnswer } from "../../domain/job.ts";
import { spawnedFile } from "../job-folder.ts";
import type { PreparedJob } from "../submission.ts";
import { parseSubmission } from "./parse-submission.ts";
import type { Programs } from "./programs.ts";

/**
 * Submits a prepared job with sbatch.
 *
 * sbatch goes on when this process ends, and its answer is in the job's folder then. It is started by a shell that first
 * takes the mark, exclusively and durably, and becomes sbatch: the process that the mark names is sbatch.
 */
export async function startSbatch(programs: Programs, { folder, script, submitFolder }: Pick<PreparedJob, "folder" | "script" | "submitFolder">): Promise<SubmitAnswer> {
  const mark = join(folder, spawnedFile);
  const end = await programs.submit("/bin/sh", ["-c", takeMarkAndSubmit, "sh", mark, join(folder, outputFile), join(folder, errorFile), "sbatch", "--parsable", script], submitFolder);
  if (end.error !== undefined) return { kind: "postponed", reason: `could not start a shell: ${end.error}` };
  if (end.exitCode === isTaken) return { kind: "unclear", reason: "somebody else is submitting it" };
  if (end.exitCode === cannotWrite && !existsSync(mark)) return { kind: "postponed", reason: `could not write into ${folder}` };
  return parseSubmission({ ...end, stdout: textOf(join(folder, outputFile)), stderr: textOf(join(folder, errorFile)) });
}

/** What sbatch said of a job, whoever started it. Empty where it said nothing. */
export function readSbatchOutput(folder: string): string {
  return textOf(join(folder, outputFile));
}

const outputFile = "sbatch.out";
const errorFile = "sbatch.err";
const isTaken = 75;
const cannotWrite = 76;

// Arguments: the mark, the files for what sbatch prints, sbatch with its own. `set -C` makes `>` create exclusively, and
// `true` is no special builtin, so that a redirection that fails does not end the shell. A mark that cannot be written
// whole is taken back: nothing was started then. The third line of /proc/PID/stat and the boot's id tell for ever which
// process it was.
const takeMarkAndSubmit = `
set -C
true >"$1" || { [ -e "$1" ] && exit ${isTaken}; exit ${cannotWrite}; }
set +C
{ uname -n; cat /proc/sys/kernel/random/boot_id; cat "/proc/$$/stat"; date +%Y-%m-%dT%H:%M:%S%z; } >"$1" && true >"$2" && true >"$3" || { rm -f "$1"; exit ${cannotWrite}; }
sync "$1" "\${1%/*}" || true
out=$2 err=$3
shift 3
exec "$@" >>"$out" 2>>"$err"
`;

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
