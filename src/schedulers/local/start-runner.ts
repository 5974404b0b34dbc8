import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";

/**
 * Starts a runner: a process of its own session that takes jobs from the spool until none fits, and outlives its starter.
 *
 * Its jobs inherit its environment, as sbatch's jobs do; no environment is ever written to the disk.
 */
export function startRunner(spool: string, runnerPath: string, environment: NodeJS.ProcessEnv): void {
  const log = openSync(join(spool, "runners.log"), "a", 0o600);
  try {
    const runner = spawn(process.execPath, [runnerPath, spool], { cwd: spool, detached: true, env: environment, stdio: ["ignore", log, log] });
    // The next query finds the job still pending and tries again.
    runner.on("error", () => undefined);
    runner.unref();
  } finally {
    closeSync(log);
  }
}

export interface RunnerStarter {
  start(): void;
  /** Starts one unless that was done a moment ago: a new runner needs some time until it has taken its job. */
  startUnlessStarting(): void;
}

/** Starts runners on behalf of one process. Throws where the runner's program is missing. */
export function runnerStarter(spool: string, runnerPath: string, environment: NodeJS.ProcessEnv): RunnerStarter {
  let startedMs = -Infinity;
  const start = (): void => {
    if (!existsSync(runnerPath)) throw new Error(missingRunner(runnerPath));
    startRunner(spool, runnerPath, environment);
    startedMs = performance.now();
  };
  return {
    start,
    startUnlessStarting: () => {
      if (performance.now() - startedMs >= startingMs) start();
    },
  };
}

/** Says that no job can run because the runner's program is not there. */
export function missingRunner(path: string): string {
  return `the program that runs jobs is missing: ${path}`;
}

const startingMs = 2000;
