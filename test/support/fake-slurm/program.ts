import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { noteCall, readScenario, theEnd } from "./cluster-files.ts";
import { sacct } from "./sacct.ts";
import { type Outcome, sbatch } from "./sbatch.ts";
import { scancel } from "./scancel.ts";
import type { Fault, ProgramName } from "./scenario.ts";
import { scontrol } from "./scontrol.ts";
import { squeue } from "./squeue.ts";

// All programs of the fake are this one: its name says which, and where it stands, whose cluster it belongs to.
const [, self = "", ...parameters] = process.argv;
const name = basename(self) as ProgramName;
const cluster = dirname(dirname(self));
const nth = noteCall(cluster, name, parameters);
const fault = findFault();
const programs: Readonly<Record<ProgramName, () => Outcome>> = {
  sbatch: () => sbatch(cluster, parameters, fault), squeue: () => squeue(cluster, parameters), sacct: () => sacct(cluster, parameters),
  scancel: () => scancel(cluster, parameters), scontrol: () => scontrol(cluster, parameters),
};
const outcome = fault.isDeaf === true ? { stdout: "", stderr: "", exitCode: 0 } : programs[name]();
if (fault.answersWith !== undefined) waitFor(fault.answersWith);
if (fault.dies === true) process.kill(process.pid, "SIGKILL");
const words = `${fault.before ?? ""}${fault.stdout ?? outcome.stdout}${fault.after ?? ""}`;
process.stdout.write(words.slice(0, fault.cutAfter));
process.stderr.write(fault.stderr ?? outcome.stderr);
process.exitCode = fault.exitCode ?? outcome.exitCode;

function findFault(): Partial<Fault> {
  const { faults = [] } = readScenario(cluster);
  return faults.find(({ program, calls: [from, to] = [1, Infinity], until }) => program === name && nth >= from && nth <= to && (until === undefined || !existsSync(until))) ?? {};
}

function waitFor(file: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(file) && !existsSync(join(cluster, theEnd))) Atomics.wait(clock, 0, 0, 20);
}
