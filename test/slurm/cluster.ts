import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { execa } from "execa";

/** A SLURM of a test's own, brought up by `cluster.sh`. */
export interface Cluster {
  /** Short, open to all users of this machine, and gone after `down`. */
  readonly folder: string;
  /** What lets a child find this cluster, and no other. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs one of SLURM's programs, or any other that is to find this cluster. It never throws. */
  run(program: string, parameters: readonly string[], surroundings?: { readonly cwd?: string }): Promise<Ended>;
  /** Does something to one of the daemons. Throws with its last words where that cannot be done. */
  daemon(deed: Deed, name: DaemonName): Promise<void>;
  /** The rows that accounting has of jobs and of their steps, oldest first; those of earlier starts of a requeued job as well. */
  sacct(ids?: readonly string[]): Promise<readonly AccountingRow[]>;
  /** The jobs that slurmctld knows, those that have ended included. */
  squeue(): Promise<readonly QueueRow[]>;
  /** Cancels what still runs, stops all daemons and removes the folder. */
  down(): Promise<void>;
}

export interface ClusterSettings {
  /** The first of five ports; clusters that live at the same time keep ten apart. */
  readonly port: number;
  readonly accounting?: boolean;
  /** Lines for slurm.conf, which overrule those of `cluster.sh`. */
  readonly conf?: readonly string[];
  /** How long a request to SLURM stays valid. */
  readonly ttlSeconds?: number;
  readonly users?: readonly string[];
}

export type Deed = "start" | "stop" | "kill9" | "freeze" | "thaw";
export type DaemonName = "munged" | "mariadbd" | "slurmdbd" | "slurmctld" | "slurmd.n1" | "slurmd.n2";

export interface Ended {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** One row of sacct, with SLURM's own words. */
export interface AccountingRow {
  /** `12`, `12_3` of an array, `12.batch` and `12.0` of a step. */
  readonly id: string;
  readonly rawId: string;
  readonly name: string;
  /** `CANCELLED by 0` is that. */
  readonly state: string;
  /** `CODE:SIGNAL`. */
  readonly exitCode: string;
  /** Milliseconds since 1970; absent while it has not come to that. */
  readonly submittedMs?: number;
  readonly startedMs?: number;
  readonly endedMs?: number;
  readonly timeLimit: string;
  readonly comment: string;
  readonly workFolder: string;
  /** The command line that submitted it. */
  readonly submitLine: string;
}

export interface QueueRow {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  /** The submitted script's path. */
  readonly script: string;
}

const longestMs = 120_000;

/** Brings a cluster up below a folder. Throws with everything that was said where it does not come up. */
export async function openCluster(parent: string, { port, accounting = true, conf = [], ttlSeconds, users = [] }: ClusterSettings): Promise<Cluster> {
  const folder = join(parent, `slurm-${port}`);
  const settings = {
    CLUSTER_FOLDER: folder, CLUSTER_PORT: String(port), CLUSTER_ACCOUNTING: accounting ? "on" : "off", CLUSTER_CONF: conf.join("\n"), CLUSTER_USERS: users.join(" "),
    ...(ttlSeconds === undefined ? {} : { CLUSTER_TTL: String(ttlSeconds) }),
  };
  const env = { ...withoutSlurm(process.env), SLURM_CONF: join(folder, "etc/slurm.conf") };
  const clusterSh = async (...parameters: readonly string[]): Promise<void> => {
    await execa(join(import.meta.dirname, "cluster.sh"), parameters, { env: { ...env, ...settings }, extendEnv: false });
  };
  const run: Cluster["run"] = async (program, parameters, { cwd = folder } = {}) => {
    // Against a controller that is killed while it is frozen, SLURM's programs have been seen to wait for ever.
    const { exitCode, stdout, stderr } = await execa(program, parameters, { env, extendEnv: false, cwd, reject: false, stdin: "ignore", timeout: longestMs });
    return { code: exitCode, out: stdout, err: stderr };
  };
  const ask = async (program: string, parameters: readonly string[]): Promise<readonly string[]> => {
    const { code, out, err } = await run(program, parameters);
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${err}`);
    return out.split("\n").filter((line) => line !== "");
  };
  mkdirSync(folder, { recursive: true });
  try {
    await clusterSh("up");
  } catch (error) {
    await clusterSh("down", "--wipe").catch(() => undefined);
    throw error;
  }
  return {
    folder, env, run,
    daemon: async (deed, name) => clusterSh(deed, name),
    sacct: async (ids) => (await ask("sacct", ["--noheader", "--parsable2", `--delimiter=${delimiter}`, "--duplicates", "--allusers", `--format=${columns.join(",")}`, ...(ids === undefined ? everything : [`--jobs=${ids.join(",")}`])])).map(parseRow),
    squeue: async () => (await ask("squeue", ["--noheader", "--array", "--states=all", "--format=%A|%T|%r|%o"])).map((line) => {
      const [id = "", state = "", reason = "", ...script] = line.split("|");
      return { id, state, reason, script: script.join("|") };
    }),
    down: async () => {
      if (existsSync(folder)) await clusterSh("down", "--wipe");
    },
  };
}

// Without both ends, sacct speaks of today only, and not of jobs that wait for something.
const everything = ["--starttime=2000-01-01", "--endtime=now+1day"];

const columns = ["JobID", "JobIDRaw", "JobName", "State", "ExitCode", "Submit", "Start", "End", "Timelimit", "Comment", "WorkDir", "SubmitLine"];

// Names and comments may hold a bar, which sacct puts between columns unless told otherwise.
const delimiter = "\u001f";

function parseRow(line: string): AccountingRow {
  const [id = "", rawId = "", name = "", state = "", exitCode = "", submit = "", start = "", end = "", timeLimit = "", comment = "", workFolder = "", submitLine = ""] = line.split(delimiter);
  return {
    id, rawId, name, state, exitCode, timeLimit, comment, workFolder, submitLine,
    ...time("submittedMs", submit), ...time("startedMs", start), ...time("endedMs", end),
  };
}

// Local time, without a zone; `Unknown` or `None` where there is none.
function time<Name extends string>(name: Name, text: string): Partial<Record<Name, number>> {
  return /^\d/u.test(text) ? { [name]: Date.parse(text) } as Record<Name, number> : {};
}

// These tests may run in a job of another SLURM; and what a person has set for sacct would change its columns.
function withoutSlurm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:SLURM|SBATCH|SRUN|SACCT|SQUEUE|SINFO|SCANCEL)_/u.test(name)));
}
