import { execa, type Options } from "execa";

import { signalGroup } from "../../system/process-group.ts";

export type ProgramName = "sbatch" | "squeue" | "sacct" | "scancel" | "scontrol";

/** How a program ended and what it said. */
export interface ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Set when it was killed because it did not end. */
  readonly timedOutMs?: number;
  /** Why it could not be started. */
  readonly error?: string;
}

/** SLURM's programs, as one process calls them. Every call is counted, and none lasts longer than its timeout. */
export interface Programs {
  /** Asks a program that changes nothing about submissions: in an environment that does not change what it prints. */
  ask(name: Exclude<ProgramName, "sbatch">, parameters: readonly string[]): Promise<ProgramEnd>;
  /** Runs sbatch through a program that starts it, in the user's own environment, in a session of its own that outlives this process. */
  submit(file: string, parameters: readonly string[], folder: string): Promise<ProgramEnd>;
  readonly calls: ReadonlyMap<string, number>;
}

export interface ProgramOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly queryTimeoutMs: number;
  readonly submitTimeoutMs: number;
}

/** Makes the programs. Which ones they are, the PATH of the environment says. */
export function slurmPrograms({ environment, queryTimeoutMs, submitTimeoutMs }: ProgramOptions): Programs {
  const calls = new Map<string, number>();
  const count = (name: ProgramName): void => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
  };
  return {
    calls,
    ask: async (name, parameters) => {
      count(name);
      return run(name, parameters, { env: queryEnvironment(environment) }, queryTimeoutMs);
    },
    submit: async (file, parameters, folder) => {
      count("sbatch");
      return run(file, parameters, { env: environment, cwd: folder, stdout: "ignore", stderr: "ignore" }, submitTimeoutMs);
    },
  };
}

/** What a program that failed said, in one line: its last words, or how it ended. */
export function complaintOf(name: ProgramName, { stderr, exitCode, signal, timedOutMs, error }: ProgramEnd): string {
  if (error !== undefined) return `${name} could not be started: ${error}`;
  if (timedOutMs !== undefined) return `${name} did not answer within ${timedOutMs / 1000} s`;
  const words = stderr.split("\n").map((line) => line.trim().replace(/^(?:\w+: )?(?:\w+ )?(?:error: |fatal: )?/u, "")).findLast((line) => line !== "");
  if (words !== undefined) return `${name}: ${words}`;
  return signal === undefined ? `${name} failed with exit code ${exitCode}` : `${name} was killed (${signal})`;
}

/** Whether a program ended well. */
export function isGood({ exitCode, signal, timedOutMs, error }: ProgramEnd): boolean {
  return exitCode === 0 && signal === undefined && timedOutMs === undefined && error === undefined;
}

// In a process group of its own, so that a wrapper's children die with it at the timeout: one that lived on would hold
// the pipe open, and the answer would never end.
async function run(file: string, parameters: readonly string[], options: Options, timeoutMs: number): Promise<ProgramEnd> {
  const subprocess = execa(file, parameters, {
    ...options, extendEnv: false, reject: false, detached: true, cleanup: false, stdin: "ignore", stripFinalNewline: false, maxBuffer: 512 * 1024 * 1024,
  });
  let timedOutMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const leftBehind = new Promise<ProgramEnd>((resolve) => {
    timer = setTimeout(() => {
      timedOutMs = timeoutMs;
      if (subprocess.pid !== undefined) signalGroup(subprocess.pid, "SIGKILL");
      // What waits for a dead file system does not even end then.
      timer = setTimeout(resolve, 1000, { stdout: "", stderr: "" });
    }, timeoutMs);
  });
  const end = await Promise.race([subprocess.then(endOf), leftBehind]);
  clearTimeout(timer);
  return timedOutMs === undefined ? end : { ...end, timedOutMs };
}

interface Ended {
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
}

function endOf({ stdout, stderr, exitCode, signal, originalMessage }: Ended): ProgramEnd {
  return {
    stdout: typeof stdout === "string" ? stdout : "",
    stderr: typeof stderr === "string" ? stderr : "",
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(exitCode === undefined && signal === undefined ? { error: originalMessage ?? "unknown error" } : {}),
  };
}

// A format or a filter in the user's environment would change what is printed; times come as seconds since 1970.
function queryEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^(?:SQUEUE_|SACCT_|SLURM_TIME_FORMAT$|LC_|LANG)/u.test(name));
  return { ...Object.fromEntries(kept), SLURM_TIME_FORMAT: "%s", LC_ALL: "C", TZ: "UTC" };
}
