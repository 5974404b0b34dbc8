import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach } from "vitest";

import type { ExpectedJob, JobIntent, JobSeen, MissingJob } from "../../../src/domain/job.ts";
import type { Scheduler } from "../../../src/domain/scheduler.ts";
import { type SlurmOptions, slurmScheduler } from "../../../src/schedulers/slurm/slurm.ts";
import { instantOf } from "../../../src/system/clock.ts";

/** A folder with an experiment and five tiny programs that answer what a test tells them to. */
export interface FakeCluster {
  readonly folder: string;
  readonly experiment: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly scheduler: Scheduler;
  /** Another scheduler, as a nightshift that was started again has one. */
  schedulerWith(options?: Partial<SlurmOptions>): Scheduler;
  /** What a program prints from now on, and its exit code. */
  says(program: Program, answer: { readonly stdout?: string; readonly stderr?: string; readonly code?: number }): void;
  /** What a program does from now on: lines of sh. */
  does(program: Program, script: string): void;
  /** The arguments of all calls of a program. */
  calls(program: Program): readonly string[];
  /** Lets time pass on the monotonic clock, and for nobody else. */
  pass(milliseconds: number): void;
  /** Writes a script and says how it would be submitted. */
  intent(key: string, difference?: Partial<JobIntent> & { readonly text?: string }): JobIntent;
  /** Asks for a snapshot; an outage is an error of the test. */
  query(expected?: readonly ExpectedJob[]): Promise<{ readonly jobs: readonly JobSeen[]; readonly missing: readonly MissingJob[] }>;
}

export type Program = "sbatch" | "squeue" | "sacct" | "scancel" | "scontrol";

/** Makes a cluster with an empty queue, accounting that knows nothing, and sbatch that gives the id 12. It is removed after the test. */
export function openCluster(options: Partial<SlurmOptions> = {}): FakeCluster {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-slurm-")));
  open.push(folder);
  const bin = join(folder, "bin");
  const experiment = join(folder, "experiment");
  for (const path of [bin, experiment]) mkdirSync(path);
  const environment = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder };
  let passedMs = 0;
  const schedulerWith = (more: Partial<SlurmOptions> = {}): Scheduler => slurmScheduler({
    maxSubmit: 25, minFreeBytes: 0, pollMs: 60_000, queryTimeoutMs: 20_000, submitTimeoutMs: 20_000, environment, monotonicMs: () => 1000 + passedMs, ...options, ...more,
  });
  const scheduler = schedulerWith();
  const does: FakeCluster["does"] = (program, script) => {
    const file = join(bin, program);
    writeFileSync(`${file}.new`, `#!/bin/sh\nprintf '%s\\n' "$*" >> "$0.calls"\n${script}\n`);
    chmodSync(`${file}.new`, 0o755);
    // Replaced whole: a program may be running.
    writeFileSync(file, readFileSync(`${file}.new`));
    chmodSync(file, 0o755);
  };
  const cluster: FakeCluster = {
    folder, experiment, environment, scheduler, schedulerWith, does,
    says: (program, { stdout = "", stderr = "", code = 0 }) => {
      const file = join(bin, program);
      writeFileSync(`${file}.out`, stdout);
      writeFileSync(`${file}.err`, stderr);
      does(program, `cat "$0.out"; cat "$0.err" >&2; exit ${code}`);
    },
    calls: (program) => {
      const file = join(bin, `${program}.calls`);
      return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    },
    pass: (milliseconds) => { passedMs += milliseconds; },
    intent: (key, { text = "#!/bin/sh\necho work\n", ...difference } = {}) => {
      const intent: JobIntent = { key, kind: "training", experimentFolder: experiment, script: join(experiment, "finetune.slurm"), submitFolder: experiment, ...difference };
      mkdirSync(dirname(intent.script), { recursive: true });
      writeFileSync(intent.script, text);
      return intent;
    },
    query: async (expected = []) => {
      const snapshot = await scheduler.query(expected);
      if (snapshot.kind === "unavailable") throw new Error(snapshot.reason);
      return snapshot;
    },
  };
  for (const program of ["squeue", "sacct", "scancel"] as const) cluster.says(program, {});
  cluster.says("sbatch", { stdout: "12\n" });
  cluster.says("scontrol", { stdout: configuration() });
  return cluster;
}

/** What scontrol prints of a cluster's configuration. */
export function configuration(accounting = "accounting_storage/slurmdbd"): string {
  return `Configuration data as of 2026-11-21T16:35:50\nAccountingStorageType   = ${accounting}\nAuthInfo                = (null)\nClusterName             = testcluster\nMessageTimeout          = 10 sec\nMinJobAge               = 300 sec\nSLURM_VERSION           = 22.05.8\n`;
}

/** A job that is waited for, intended a little before the rows of these tests were submitted. */
export function expectedJob(key: string, id?: string): ExpectedJob {
  return { key, intendedAt: instantOf(new Date(1_795_278_940_000)), ...(id === undefined ? {} : { id }) };
}

const open: string[] = [];

afterEach(() => {
  for (const folder of open.splice(0)) rmSync(folder, { recursive: true, force: true });
});
