import { readdirSync } from "node:fs";
import { join } from "node:path";

import { textOf } from "../support/fake-slurm/cluster-files.ts";
import type { Stage } from "./stage.ts";

/** The folders in which submissions of an experiment left their records. */
export function jobFolders({ experiment }: Stage): readonly string[] {
  const jobs = join(experiment, ".nightshift", "jobs");
  return readdirSync(jobs).map((key) => join(jobs, key));
}

/** Kills the sbatch of every submission that has begun: the process that its mark names. */
export function killSbatch(stage: Stage): void {
  for (const folder of jobFolders(stage)) process.kill(Number.parseInt(textOf(join(folder, "spawned")).split("\n")[2] ?? "", 10), "SIGKILL");
}
