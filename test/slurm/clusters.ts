import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder below which tests open their clusters. */
    readonly clusters: string;
  }
}

/** Before all tests: installs SLURM where it is missing. Fails where that cannot be done, so that nothing is skipped. */
export function setup(project: TestProject): () => void {
  clusterSh({}, "install");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-slurm-")));
  // SLURM's, munge's and the database's users go through it.
  chmodSync(folder, 0o755);
  project.provide("clusters", folder);
  return () => {
    // A test that was broken off has left its own.
    for (const name of readdirSync(folder).filter((entry) => entry.startsWith("slurm-"))) clusterSh({ CLUSTER_FOLDER: join(folder, name) }, "down", "--wipe");
    rmSync(folder, { recursive: true, force: true });
  };
}

function clusterSh(settings: Readonly<Record<string, string>>, ...parameters: readonly string[]): void {
  execFileSync(join(import.meta.dirname, "cluster.sh"), parameters, { env: { ...process.env, ...settings }, stdio: ["ignore", "inherit", "inherit"] });
}
