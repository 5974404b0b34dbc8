import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { traceOf } from "./traces.ts";

/** Finds signs of work in a folder of checkpoints that lies elsewhere: weights in `epoch_N`, outputs of jobs beside them. */
export async function findTraces(folder: string): Promise<readonly string[]> {
  const names = await readNames(folder);
  const inside = await Promise.all(names.filter((name) => /^epoch_\d+$/u.test(name)).map(async (name) =>
    (await readNames(join(folder, name))).map((file) => traceOf(join(folder, name, file))).find((trace) => trace?.kind === "a checkpoint's weights")));
  const beside = names.map((name) => traceOf(join(folder, name))).find((trace) => trace !== undefined);
  return [beside, ...inside].flatMap((trace) => (trace === undefined ? [] : [trace.sentence]));
}

async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    // What cannot be read from here cannot be told from an empty folder; the tools' own words come later.
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
