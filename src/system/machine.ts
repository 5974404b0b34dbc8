import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Names where the jobs of a scheduler are: `host login1` for this machine's own, `cluster della` for SLURM's, whose login
 * nodes are one. `undefined` where no configuration of SLURM can be read, as without SLURM.
 */
export function machineOf(scheduler: "slurm" | "local"): string | undefined {
  if (scheduler === "local") return `host ${hostname()}`;
  knownCluster ??= { name: readClusterName() };
  return knownCluster.name === undefined ? undefined : `cluster ${knownCluster.name}`;
}

/** Parses the cluster's name out of the text of a slurm.conf; names are case-insensitive there. */
export function parseClusterName(text: string): string | undefined {
  return /^[ \t]*ClusterName[ \t]*=[ \t]*"?(?<name>[^\s"#]+)/imu.exec(text)?.groups?.["name"]?.toLowerCase();
}

let knownCluster: { readonly name: string | undefined } | undefined;

// Debian's older packages, the usual place, and where slurmd keeps what it got from the controller.
const usualPlaces = ["/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf", "/run/slurm/conf/slurm.conf"];

function readClusterName(): string | undefined {
  const given = process.env["SLURM_CONF"];
  for (const file of given === undefined ? usualPlaces : [given]) {
    try {
      return parseClusterName(readFileSync(file, "utf8"));
    } catch {
      continue;
    }
  }
  return undefined;
}
