import { isFinal, type JobSeen } from "../../domain/job.ts";
import { findScript, realPath } from "./find-script.ts";
import { mergeTasks } from "./merge-tasks.ts";
import type { AccountingRow } from "./parse-sacct.ts";

/** Turns rows of accounting into the jobs that are over, each as its newest row says, with the scripts that still stand. */
export async function pastJobs(rows: readonly AccountingRow[]): Promise<readonly JobSeen[]> {
  const newest = new Map(rows.filter(({ isStub }) => !isStub).map((row) => [`${row.id} ${row.task ?? ""}`, row]));
  const merged = mergeTasks([...newest.values()].map(({ isAttributed: _attributed, isStub: _stub, ...row }) => row));
  return Promise.all(merged.filter(({ state }) => isFinal(state)).map(async ({ command = "", workFolder, ...job }) => {
    const script = workFolder === undefined ? undefined : await findScriptIn(command, workFolder);
    return { ...job, ...(workFolder === undefined ? {} : { workFolder: await realPath(workFolder) }), ...(script === undefined ? {} : { script }) };
  }));
}

// sbatch's options and their values stand before it.
async function findScriptIn(command: string, workFolder: string): Promise<string | undefined> {
  const words = command.split(" ").slice(1, mostWords);
  for (const [start, word] of words.entries()) {
    const script = word === "" || word.startsWith("-") ? undefined : await findScript(words.slice(start), workFolder);
    if (script !== undefined) return script;
  }
  return undefined;
}

const mostWords = 40;
