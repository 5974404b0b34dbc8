import { existsSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Lets a job that SLURM has put back into the queue start soon instead of after two minutes.
 *
 * A node refuses a start within the second in which it ended the job before ("already killed, do not launch batch job"),
 * and removes the script of one that comes while it still cleans up.
 *
 * @param from The nodes that have to have cleaned up: not those that are down.
 */
export async function startSoon(cluster: Cluster, id: string, from: readonly string[] = ["n1", "n2"]): Promise<void> {
  const isCleanedUp = (): boolean => from.every((node) => !existsSync(join(cluster.folder, "spool", node, `job${id.padStart(5, "0")}`)));
  await eventually(async () => isCleanedUp() && (await cluster.squeue()).some((row) => row.id === id && row.reason === "BeginTime"), `the requeueing of ${id}`, 60_000);
  await cluster.run("scontrol", ["update", `jobid=${id}`, "StartTime=now+3"]);
}
