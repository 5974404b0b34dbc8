import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { eventually } from "../support/eventually.ts";
import type { Ended } from "../support/workplace.ts";

/** nightshift as another user starts it. */
export interface OtherUser {
  start(parameters: readonly string[], surroundings?: { readonly umask?: string }): Started;
  nightshift(parameters: readonly string[], surroundings?: { readonly umask?: string }): Promise<Ended>;
  /** Ends what is still running. */
  end(): Promise<void>;
}

export interface Started {
  said(): string;
  says(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface OtherUserOptions {
  readonly uid: number;
  readonly groups: readonly number[];
  readonly home: string;
  /** The built program, in a folder that everybody may enter. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts nightshift for another user, by setpriv(1) of util-linux. Only root can. */
export function runAs({ uid, groups, home, program, environment }: OtherUserOptions): OtherUser {
  const children: ChildProcess[] = [];
  const start: OtherUser["start"] = (parameters, { umask = "022" } = {}) => {
    const child = spawn("setpriv", [
      `--reuid=${uid}`, `--regid=${uid}`, `--groups=${[uid, ...groups].join(",")}`, "sh", "-c", 'umask "$1"; shift; exec "$@"', "sh", umask, process.execPath, program, ...parameters,
    ], { cwd: dirname(program), env: { PATH: process.env["PATH"], HOME: home, NO_COLOR: "1", ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => { out += text; });
    child.stderr.setEncoding("utf8").on("data", (text: string) => { err += text; });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, out, err }));
    });
    return {
      ended,
      said: () => out + err,
      says: async (text) => eventually(() => (out + err).includes(text), text),
      signal: (signal) => { child.kill(signal); },
    };
  };
  return {
    start,
    nightshift: async (parameters, surroundings) => start(parameters, surroundings).ended,
    end: async () => {
      for (const child of children) child.kill("SIGKILL");
      await eventually(() => children.every((child) => child.exitCode !== null || child.signalCode !== null) && !isAnyRunnerOf(home), "their end");
    },
  };
}

// Runners of local jobs outlive what started them; they have the state's folder among their parameters.
function isAnyRunnerOf(home: string): boolean {
  return readdirSync("/proc").filter((name) => /^\d+$/u.test(name)).some((pid) => {
    try {
      return readFileSync(join("/proc", pid, "cmdline"), "utf8").includes(`local-runner.js\0${home}/`);
    } catch {
      return false;
    }
  });
}
