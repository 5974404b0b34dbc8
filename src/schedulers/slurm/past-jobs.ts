import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { isFinal, type JobSeen } from "../../domain/job.ts";
import { mergeTasks } from "./merge-tasks.ts";
import type { AccountingRow } from "./parse-sacct.ts";

/** Turns rows of accounting into the jobs that are over, each as its newest row says, with the scripts that still stand. */
export async function pastJobs(rows: readonly AccountingRow[]): Promise<readonly JobSeen[]> {
  const newest = new Map(rows.filter(({ isStub }) => !isStub).map((row) => [`${row.id} ${row.task ?? ""}`, row]));
  const merged = mergeTasks([...newest.values()].map(({ isAttributed: _attributed, isStub: _stub, ...row }) => row));
  return Promise.all(merged.filter(({ state }) => isFinal(state)).map(async ({ command = "", workFolder, ...job }) => {
    const script = workFolder === undefined ? undefined : await findScript(command, workFolder);
    return { ...job, ...(workFolder === undefined ? {} : { workFolder: await realpath(workFolder).catch(() => workFolder) }), ...(script === undefined ? {} : { script }) };
  }));
}

// An option's value may stand before it, and it may hold spaces: it is the first word, or words, that is a file's name.
async function findScript(command: string, workFolder: string): Promise<string | undefined> {
  const words = command.split(" ").slice(1, mostWords);
  for (const [start, word] of words.entries()) {
    if (word === "" || word.startsWith("-")) continue;
    for (let end = start + 1; end <= words.length; end += 1) {
      const path = resolve(workFolder, words.slice(start, end).join(" "));
      if (await stat(path).then((found) => found.isFile(), () => false)) return realpath(path).catch(() => path);
    }
  }
  return undefined;
}

const mostWords = 12;
