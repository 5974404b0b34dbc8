import { basename, dirname, isAbsolute, relative, resolve } from "node:path";

import type { JobIntent } from "../domain/job.ts";
import type { SbatchScript } from "../domain/sbatch-script.ts";
import { expandPattern } from "../domain/sbatch-values.ts";

/** The folder a job runs in: `--chdir`, else where it was submitted from. */
export function workFolderOf(script: SbatchScript, submitFolder: string): string {
  return resolve(submitFolder, script.options.get("chdir") ?? ".");
}

/** The job's name: `--job-name`, else the script's. */
export function jobNameOf(script: SbatchScript, scriptPath: string): string {
  return script.options.get("job-name") ?? basename(scriptPath);
}

/**
 * Says which folders must be there before a script is submitted: those of its `--output` and `--error`.
 *
 * SLURM does not make them; it accepts the job and fails it with code 0:53 and no text anywhere. Folders outside the
 * experiment only where the script names them absolutely; none whose name depends on the job's id.
 */
export function outputFoldersOf(script: SbatchScript, intent: JobIntent, user: string): readonly string[] {
  const workFolder = workFolderOf(script, intent.submitFolder);
  const values = { jobName: jobNameOf(script, intent.script), user };
  const patterns = ["output", "error"].map((name) => script.options.get(name)).filter((pattern) => pattern !== undefined && pattern !== "");
  const folders = patterns
    .map((pattern) => expandPattern(pattern ?? "", values))
    .map((path) => ({ folder: dirname(resolve(workFolder, path)), isNamed: isAbsolute(path) }))
    .filter(({ folder, isNamed }) => isNamed || isInside(folder, intent.experimentFolder))
    .map(({ folder }) => folder)
    .filter((folder) => !/%\d*[A-Za-z]/u.test(folder));
  return [...new Set(folders)];
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}
