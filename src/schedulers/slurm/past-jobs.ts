import { isFinal, type JobSeen } from "../../domain/job.ts";
import { findScript, realPath } from "./find-script.ts";
import { mergeTasks } from "./merge-tasks.ts";
import type { AccountingRow } from "./parse-sacct.ts";

/** Turns rows of accounting into the jobs that are over, each as its newest row says, with the scripts that still stand. */
export async function pastJobs(rows: readonly AccountingRow[]): Promise<readonly JobSeen[]> {
  const newest = new Map(rows.filter(({ isStub }) => !isStub).map((row) => [`${row.id} ${row.task ?? ""}`, row]));
  const merged = mergeTasks([...newest.values()].map(({ isAttributed: _attributed, isStub: _stub, ownId: _ownId, ...row }) => row));
  return Promise.all(merged.filter(({ state }) => isFinal(state)).map(async ({ command = "", workFolder, ...job }) => {
    const script = workFolder === undefined ? undefined : await findScriptIn(command, workFolder);
    return { ...job, ...(workFolder === undefined ? {} : { workFolder: await realPath(workFolder) }), ...(script === undefined ? {} : { script }) };
  }));
}

/**
 * Puts rows of accounting under the ids that were asked for, and leaves out what was not.
 *
 * sacct takes the id that a task of an array has of its own (`%j` in the name of its output), and answers with the array's.
 */
export function rowsUnder(ids: readonly string[], rows: readonly AccountingRow[]): readonly AccountingRow[] {
  const asked = new Set(ids);
  return rows.flatMap((row) => {
    const { task, ownId = "", ...job } = row;
    const own = [ownId, `${row.id}_${task}`].filter((id) => asked.has(id)).map((id) => ({ ...job, id }));
    return asked.has(row.id) ? [row, ...own] : own;
  });
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
