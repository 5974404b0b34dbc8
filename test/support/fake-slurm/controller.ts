import { existsSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { noteCall, readScenario, theEnd } from "./cluster-files.ts";
import { type Call, type Outcome, parseCall } from "./parse-call.ts";
import { sacct } from "./sacct.ts";
import { sbatch } from "./sbatch.ts";
import { scancel } from "./scancel.ts";
import type { Fault } from "./scenario.ts";
import { scontrol } from "./scontrol.ts";
import { squeue } from "./squeue.ts";

/**
 * The cluster's controller: one process that answers its programs, which are clients of a few lines of bash. So that a call
 * costs milliseconds: a program of Node.js would be twenty times as dear.
 *
 * An answer: exit code, whether the client is to kill itself, the length of standard error, then both texts.
 */
const cluster = process.argv[2] ?? "";
const server = createServer((socket) => {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const call = parseCall(text);
    if (call !== undefined) void answer(call).then((said) => socket.end(said));
  });
  // Whoever was killed while it waited has gone away.
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  writeFileSync(join(cluster, "port.new"), `${typeof address === "object" ? address?.port : ""}\n`);
  renameSync(join(cluster, "port.new"), join(cluster, "port"));
});
// It ends with the test that began it.
process.stdin.resume().on("end", () => process.exit());

async function answer(call: Call): Promise<string> {
  const fault = findFault(call.name, noteCall(cluster, call.name, call.parameters));
  const outcome = fault.isDeaf === true ? { stdout: "", stderr: "", exitCode: 0 } : act(call, fault);
  while (fault.answersWith !== undefined && !existsSync(fault.answersWith) && !existsSync(join(cluster, theEnd))) await pause(20);
  const words = `${fault.before ?? ""}${fault.stdout ?? outcome.stdout}${fault.after ?? ""}`.slice(0, fault.cutAfter);
  const complaint = fault.stderr ?? outcome.stderr;
  return `${fault.exitCode ?? outcome.exitCode} ${fault.dies === true ? "dies" : "lives"} ${Buffer.byteLength(complaint)}\n${complaint}${words}`;
}

function act(call: Call, fault: Partial<Fault>): Outcome {
  switch (call.name) {
    case "sbatch": return sbatch(cluster, call, fault);
    case "squeue": return squeue(cluster, call);
    case "sacct": return sacct(cluster, call);
    case "scancel": return scancel(cluster, call);
    case "scontrol": return scontrol(cluster, call);
    default: return { stdout: "", stderr: `${call.name}: command not found\n`, exitCode: 127 };
  }
}

function findFault(name: string, nth: number): Partial<Fault> {
  const { faults = [] } = readScenario(cluster);
  return faults.find(({ program, calls: [from, to] = [1, Infinity], until }) => program === name && nth >= from && nth <= to && (until === undefined || !existsSync(until))) ?? {};
}
