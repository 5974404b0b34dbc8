import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Look } from "./look.ts";
import { isOutputName, numberInName, rankName } from "./output-names.ts";

/**
 * Finds the files in these folders that may be the output of a job, the likeliest first.
 *
 * @param jobId The job; without one all outputs are found, the newest first.
 */
export async function findOutputs(folders: readonly string[], jobId: string | undefined, look: Look): Promise<readonly string[]> {
  const found: Found[] = [];
  for (const [order, folder] of [...new Set(folders)].entries()) {
    for (const name of await look(readdir(folder), folder) ?? []) {
      const rank = jobId === undefined ? (isOutputName(name) ? 0 : undefined) : rankName(name, jobId);
      if (rank === undefined) continue;
      const path = join(folder, name);
      const stats = await look(stat(path), path);
      if (stats?.isFile() === true) found.push({ path, rank, changedMs: stats.mtimeMs, number: numberInName(name), order });
    }
  }
  return found.toSorted(compare).map(({ path }) => path);
}

interface Found {
  readonly path: string;
  readonly rank: number;
  readonly changedMs: number;
  readonly number: number;
  readonly order: number;
}

// A copied experiment has lost its times: then the higher job id is the later one.
function compare(a: Found, b: Found): number {
  return a.rank - b.rank || b.changedMs - a.changedMs || b.number - a.number || a.order - b.order;
}
