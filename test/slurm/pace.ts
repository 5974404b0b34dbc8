import type { Surroundings } from "../support/workplace.ts";
import type { Cluster } from "./cluster.ts";

/** Options with which `watch` and `run` lose as little time on a cluster as they can. */
export const pace = ["--scheduler", "slurm", "--poll", "1s", "--settle", "200ms", "--stagger", "200ms"];

/** Lets nightshift find a cluster. */
export function beside({ env: { SLURM_CONF = "" } }: Cluster): Surroundings {
  return { env: { SLURM_CONF } };
}
