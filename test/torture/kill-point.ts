import { spawnSync } from "node:child_process";

import { eventually } from "../support/eventually.ts";
import type { DaemonProcess } from "../support/daemon-process.ts";
import { textOf } from "./files.ts";

/**
 * Where a daemon is killed: at its `nth` call of a kind, counted from 1.
 *
 * strace without `-f` follows the one thread that the daemon's durable writes and spawns are made on, synchronously; its
 * children (sbatch, runners, jobs) are neither traced nor killed. A SIGKILL injected at a call is delivered when the call
 * is entered, and the kernel then skips it: the file is not renamed, not synced, the child is never made. What a kill
 * after a call leaves behind is what a kill before the next one does.
 *
 * Only `execve` has no such neighbour. The daemon calls it in a child between fork and program, and a SIGKILL injected
 * there (`-f`) would kill the child alone. What can go wrong is the daemon's death around it, and there are two cases:
 * `spawn` kills the daemon as it enters the fork, so that there is no child. (A child that died with it before its execve
 * would leave the same world: until then it touches nothing but itself.) `execve` holds the daemon at the fork's return,
 * waits until the child has become its program, and kills the daemon there, which therefore does nothing more after the
 * child's execve. Threads are made by another call, clone3 (Node's own and its pool's), and are not counted.
 */
export interface KillPoint {
  readonly call: Call;
  readonly nth: number;
}

export type Call = "rename" | "fsync" | "spawn" | "execve" | "link" | "unlink" | "mkdir" | "write";

// The question mark lets strace pass over names that a processor does not have.
const systemCalls: Readonly<Record<Call, string>> = {
  rename: "?rename,?renameat,?renameat2", fsync: "fsync,fdatasync", spawn: "clone,?fork,?vfork", execve: "clone,?fork,?vfork",
  link: "?link,linkat", unlink: "?unlink,unlinkat", mkdir: "?mkdir,mkdirat", write: "write,pwrite64,writev",
};

export const calls = Object.keys(systemCalls) as readonly Call[];

/** Whether kill points can be set here at all. */
export const hasStrace = process.platform === "linux" && spawnSync("strace", ["-V"]).status === 0;

/** The command that a daemon runs under so that it dies at a point; strace's record goes to a file. */
export function killing({ call, nth }: KillPoint, record: string): readonly string[] {
  const fault = call === "execve" ? `delay_exit=${heldMs * 1000}` : "signal=SIGKILL";
  return ["strace", "-D", "-qq", "-o", record, "-e", `trace=${systemCalls[call]}`, "-e", `inject=${systemCalls[call]}:${fault}:when=${nth}`];
}

/** The command that a daemon runs under so that its calls can be counted. */
export function counting(kinds: readonly Call[], record: string): readonly string[] {
  return ["strace", "-D", "-qq", "-o", record, "-e", `trace=${kinds.map((call) => systemCalls[call]).join(",")}`];
}

/** How many calls of a kind a record holds. */
export function countIn(record: string, call: Call): number {
  const names = systemCalls[call].replaceAll("?", "").split(",");
  return linesOf(record).filter((line) => names.some((name) => line.startsWith(`${name}(`))).length;
}

/** The call at which a daemon died, as strace shows it. */
export function lastCallIn(record: string): string {
  return linesOf(record).findLast((line) => !line.startsWith("---") && !line.startsWith("+++")) ?? "before any call";
}

/** Kills a daemon that is held at the return of its fork, once its child has become another program. */
export async function killAtExecve(daemon: DaemonProcess, record: string): Promise<void> {
  const child = (): string | undefined => linesOf(record).map((line) => /= (\d+) \(DELAYED\)/u.exec(line)?.[1]).find((pid) => pid !== undefined);
  await eventually(() => daemon.isOver() || isOtherProgram(child()), "the child's execve", heldMs);
  if (child() === undefined) return;
  const tracer = Number(/^TracerPid:\s*(\d+)$/mu.exec(textOf(`/proc/${daemon.pid}/status`))?.[1] ?? "0");
  daemon.signal("SIGKILL");
  // strace would sleep the rest of its time before it lets go of the dead.
  if (tracer > 0) process.kill(tracer, "SIGKILL");
}

const heldMs = 60_000;

// Until its execve a child has its parent's command line. Without one it has ended already: its execve lies behind it.
function isOtherProgram(pid: string | undefined): boolean {
  return pid !== undefined && !textOf(`/proc/${pid}/cmdline`).includes("nightshift.js");
}

function linesOf(record: string): readonly string[] {
  return textOf(record).split("\n").filter((line) => line !== "");
}
