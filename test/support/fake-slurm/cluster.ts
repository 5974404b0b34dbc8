import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { buildSync } from "esbuild";

import { eventually } from "../eventually.ts";
import { type JobFile, readJobs, rowOf, textOf, theEnd } from "./cluster-files.ts";
import { endProcesses } from "./scancel.ts";
import { type ProgramName, programNames, type Row, type Scenario } from "./scenario.ts";

/** A cluster that does what a test says, and what a real one would not do on demand. */
export interface FakeCluster {
  readonly folder: string;
  /** The PATH on which its programs come first. */
  readonly path: string;
  /** Says what goes wrong from now on. */
  play(scenario: Scenario): void;
  /** Sets its clocks, those of its nodes too, this much ahead of the real one. */
  setClock(aheadMs: number): void;
  /** The arguments of each call of a program so far. */
  calls(program: ProgramName): readonly (readonly string[])[];
  /** All jobs that arrived, oldest first; those that were lost with the controller's memory are none. */
  jobs(): readonly JobFile[];
  /** What is true of a job, whatever its programs say. */
  truthOf(id: string): Row | undefined;
  /** Calls one of its programs, as a person or an operator would. */
  call(program: ProgramName, parameters: readonly string[], surroundings?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }): string;
  /** Ends everything that still runs or waits on it. */
  end(): Promise<void>;
}

/** Makes a cluster in a folder that is not there yet. */
export function makeCluster(folder: string): FakeCluster {
  for (const name of ["", "bin", "calls", "jobs"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "client"), client, { mode: 0o755 });
  for (const name of programNames) symlinkSync("../client", join(folder, "bin", name));
  writeFileSync(join(folder, "controller.cjs"), controllerText());
  const controller = spawn(process.execPath, [join(folder, "controller.cjs"), folder], { stdio: ["pipe", "ignore", "inherit"] });
  return {
    folder,
    path: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    play: (scenario) => replace(join(folder, "scenario.json"), JSON.stringify(scenario)),
    setClock: (aheadMs) => {
      replace(join(folder, "clock"), `${Math.round(aheadMs / 1000)}\n`);
      // What jobs write of the time they ask date(1) for; only GNU's adds to a time.
      if (!existsSync(join(folder, "bin", "date"))) writeFileSync(join(folder, "bin", "date"), `#!/bin/sh\nread -r seconds <'${folder}/clock'\nexec /bin/date -d "$seconds seconds" "$@"\n`, { mode: 0o755 });
    },
    calls: (program) => {
      const names = readdirSync(join(folder, "calls")).filter((name) => name.startsWith(`${program}.`));
      return names.map((_, index) => JSON.parse(readFileSync(join(folder, "calls", `${program}.${index + 1}`), "utf8")) as string[]);
    },
    jobs: () => readJobs(folder),
    truthOf: (id) => readJobs(folder).filter((job) => job.id === id).map((job) => rowOf(folder, job)).at(0),
    call: (program, parameters, surroundings = {}) => execFileSync(join(folder, "bin", program), parameters, { cwd: folder, encoding: "utf8", ...surroundings }),
    end: async () => {
      writeFileSync(join(folder, theEnd), "");
      for (const { id } of readJobs(folder)) endProcesses(folder, id);
      await eventually(() => !hasProcesses(folder, controller.pid), "the end of the fake cluster's jobs");
      const isOver = new Promise((resolve) => { controller.once("exit", resolve); });
      controller.kill();
      await isOver;
    },
  };
}

// Whoever reads it meanwhile reads the one or the other.
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

// The environment is the one that it was called in: bash adds to its own.
const client = `#!/bin/bash
cluster=\${0%/bin/*}
until [ -s "$cluster/port" ]; do [ -d "$cluster" ] || exit 1; sleep 0.02; done
read -r port <"$cluster/port"
exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
{ printf '%s\\0' "\${0##*/}" "$PWD" "$#" "$@"; cat /proc/$$/environ; printf '\\0'; } >&3
read -r code fate length <&3 || exit 1
[ "$fate" = dies ] && kill -KILL $$
head -c "$length" <&3 >&2
cat <&3
exit "$code"
`;

let builtText: string | undefined;

// Bundled once for each process that makes clusters.
function controllerText(): string {
  builtText ??= buildSync({ entryPoints: [join(import.meta.dirname, "controller.ts")], bundle: true, platform: "node", format: "cjs", target: "node20", write: false, logLevel: "warning" }).outputFiles[0]?.text ?? "";
  return builtText;
}

// Its jobs and its waiting clients have the cluster's folder among their parameters.
function hasProcesses(folder: string, controller: number | undefined): boolean {
  return readdirSync("/proc").some((name) => /^\d+$/u.test(name) && Number(name) !== controller && textOf(join("/proc", name, "cmdline")).includes(`${folder}/`));
}
