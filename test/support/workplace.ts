import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "vitest";

import { eventually } from "./eventually.ts";

const repository = join(import.meta.dirname, "../..");
const launcher = join(repository, "src/cli/nightshift.js");

/** Folders of a test's own, in which nightshift runs as a person would start it. */
export interface Workplace {
  /** Holds all the others; it goes when the test is over. */
  readonly folder: string;
  /** The folder to watch. */
  readonly root: string;
  /** What jobs append to: outside nightshift's files. */
  readonly ledger: string;
  /** Stands in for `~/.local/state`. */
  readonly stateHome: string;
  /** Starts nightshift and leaves it running. */
  start(parameters: readonly string[], surroundings?: Surroundings): Nightshift;
  /** Starts nightshift and waits for its end. */
  nightshift(parameters: readonly string[], surroundings?: Surroundings): Promise<Ended>;
  /** The units that jobs have begun with, sorted. */
  units(): readonly string[];
  /** The ids of all jobs that the local scheduler has ever taken. */
  localJobs(): readonly string[];
  /** A line of shell that waits until a file is there, at most until the test is over. */
  waitFor(file: string): string;
  /** Ends what is still running and removes everything; at the end of a file it happens by itself. */
  clear(): Promise<void>;
}

/** What of a start is not as usual. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs it and leaves it this process's child, such as `strace -D`. */
  readonly under?: readonly string[];
  /** Whether it sees a terminal, made by script(1) of util-linux. */
  readonly onTerminal?: boolean;
}

/** A nightshift that was started. */
export interface Nightshift {
  readonly pid: number;
  /** Both streams so far. */
  said(): string;
  /** Resolves once it has said this. Rejects when it ends without. */
  says(what: string | RegExp): Promise<void>;
  /** What a person types, on a terminal. */
  types(text: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Reads no further: both streams are closed. */
  turnsAway(): void;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Makes a workplace. */
export function openWorkplace(): Workplace {
  if (!existsSync(join(repository, "dist/nightshift.js"))) throw new Error("there is no dist/nightshift.js: run `npm run build` before these tests");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-cli-")));
  const [root, ledger, stateHome] = [join(folder, "experiments"), join(folder, "ledger"), join(folder, "state")];
  mkdirSync(root);
  const started: Nightshift[] = [];
  const start: Workplace["start"] = (parameters, { cwd = folder, env = {}, under = [], onTerminal = false } = {}) => {
    const command = [...under, process.execPath, launcher, ...parameters];
    const nightshift = spawnNightshift(onTerminal ? onATerminal(command) : command, { cwd, env: { ...process.env, HOME: folder, XDG_STATE_HOME: stateHome, NO_COLOR: "1", ...env } });
    started.push(nightshift);
    return nightshift;
  };
  const place: Workplace = {
    folder, root, ledger, stateHome, start,
    nightshift: async (parameters, surroundings) => start(parameters, surroundings).ended,
    units: () => textOf(ledger).split("\n").filter((line) => line !== "").map((line) => line.replace(/ \d+$/u, "")).sort(),
    localJobs: () => namesIn(join(stateHome, "nightshift/local")).flatMap((host) => namesIn(join(stateHome, "nightshift/local", host, "jobs"))),
    waitFor: (file) => `until [ -e '${file}' ] || [ -e '${folder}/the-end' ]; do sleep 0.05; done`,
    clear: async () => {
      if (!existsSync(folder)) return;
      for (const { signal } of started) signal("SIGKILL");
      await Promise.all(started.map(({ ended }) => ended));
      writeFileSync(join(folder, "the-end"), "");
      await untilRunnersRest(stateHome);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  opened.push(place);
  return place;
}

// At the end of the file that imports this one, whichever of its tests were run.
const opened: Workplace[] = [];
afterAll(async () => {
  for (const place of opened) await place.clear();
}, 60_000);

/** Options with which `watch` and `run` lose no time, and which hold whatever machine this is. */
export const fast = ["--settle", "100ms", "--poll", "100ms", "--stagger", "0ms", "--scheduler", "local", "--max-jobs", "4"];

/** The text of a file, empty where there is none. */
export function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Whether this machine can make a terminal for a test. */
export const hasTerminals = existsSync("/usr/bin/script");

function onATerminal(command: readonly string[]): readonly string[] {
  const line = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
  return ["/usr/bin/script", "-qefc", `stty columns 120 rows 50; exec ${line}`, "/dev/null"];
}

function spawnNightshift([program = "", ...parameters]: readonly string[], { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Nightshift {
  const child = spawn(program, parameters, { cwd, env, stdio: "pipe" });
  let [out, err, said] = ["", "", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => { out += text; said += text; });
  child.stderr.setEncoding("utf8").on("data", (text: string) => { err += text; said += text; });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return {
    pid: child.pid ?? -1,
    said: () => said,
    says: async (what) => {
      const isSaid = (): boolean => (typeof what === "string" ? said.includes(what) : what.test(said));
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
      await eventually(() => isSaid() || isOver(), String(what)).catch(() => undefined);
      if (isOver()) await ended;
      if (!isSaid()) throw new Error(`nightshift ${isOver() ? "ended without saying" : "has not said"} ${String(what)}; it said:\n${said}`);
    },
    types: (text) => { child.stdin.write(text); },
    signal: (signal) => { child.kill(signal); },
    turnsAway: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    ended,
  };
}

// Runners of local jobs are on their own: they are seen in /proc by the state folder among their parameters.
async function untilRunnersRest(stateHome: string): Promise<void> {
  const isRunner = (pid: string): boolean => {
    try {
      return readFileSync(join("/proc", pid, "cmdline"), "utf8").includes(`local-runner.js\0${stateHome}`);
    } catch {
      return false;
    }
  };
  await eventually(() => !namesIn("/proc").some((name) => /^\d+$/u.test(name) && isRunner(name)), "the end of the runners");
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
