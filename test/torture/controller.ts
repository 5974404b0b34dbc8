import { setTimeout as pause } from "node:timers/promises";

import type { Cluster } from "../slurm/cluster.ts";
import { eventually } from "../support/eventually.ts";
import type { ControllerDeed } from "./plan.ts";
import { textOf } from "./files.ts";

/** The controller of a cluster, in the hands of those who trouble it, and of the operator who mends what that breaks. */
export interface Controller {
  /** Resolves when nobody else troubles it. Whoever has it gives it back. */
  take(): Promise<() => void>;
  pid(): number;
  /** Lets what was done to it last for a while, then makes it work again. */
  mend(deed: ControllerDeed, lastsMs: number): Promise<void>;
  /** What was done to it, oldest first. */
  readonly deeds: readonly { readonly deed: ControllerDeed; readonly atMs: number }[];
  /** How often nodes had to be resumed and held jobs released, which is an operator's work after a crash. */
  readonly operations: { nodes: number; jobs: number; cancelled: number };
  /** Ends the operator's rounds. */
  stop(): Promise<void>;
}

/** Takes the controller of a cluster over. From then on an operator looks after the cluster every few seconds. */
export function takeController(cluster: Cluster): Controller {
  const deeds: { deed: ControllerDeed; atMs: number }[] = [];
  const operations = { nodes: 0, jobs: 0, cancelled: 0 };
  let turn: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  const operator = operate(cluster, operations, () => deeds.length > 0, stopping.signal);
  return {
    deeds, operations,
    take: async () => {
      let giveBack = (): void => {};
      const before = turn;
      turn = new Promise((resolve) => { giveBack = resolve; });
      await before;
      return giveBack;
    },
    // Noted by cluster.sh, which starts it under exec.
    pid: () => Number(textOf(`${cluster.folder}/run/slurmctld`)),
    mend: async (deed, lastsMs) => {
      deeds.push({ deed, atMs: Date.now() });
      await pause(lastsMs);
      if (deed === "frozen") await cluster.daemon("thaw", "slurmctld");
      if (deed === "restarted") await cluster.daemon("stop", "slurmctld");
      if (deed !== "frozen") await cluster.daemon("start", "slurmctld");
      await eventually(async () => (await cluster.run("scontrol", ["ping"])).code === 0, "the controller's answer", 60_000);
    },
    stop: async () => {
      stopping.abort();
      await operator;
    },
  };
}

// A controller that crashed near a job's start drains the node ("Duplicate jobid") or holds the job ("launch failed"). Where
// accounting knows the id from before the crash, it never gets to release it ("the DB index is being set"), and all that
// is left is to cancel it.
async function operate({ run }: Cluster, operations: Controller["operations"], isNeeded: () => boolean, signal: AbortSignal): Promise<void> {
  const inVain = new Map<string, number>();
  while (!signal.aborted) {
    await pause(3000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || !isNeeded()) continue;
    const { out: nodes } = await run("sinfo", ["--noheader", "--Node", "--partition=main", "--states=drain,down", "--format=%N"]);
    for (const node of nodes.split("\n").filter((name) => name !== "")) {
      operations.nodes += 1;
      await run("scontrol", ["update", `nodename=${node}`, "state=resume"]);
    }
    const { out: jobs } = await run("squeue", ["--noheader", "--states=PENDING", "--format=%A|%r"]);
    for (const [id = "", reason = ""] of jobs.split("\n").map((line) => line.split("|"))) {
      if (!/launch failed|held/iu.test(reason)) continue;
      const { code } = await run("scontrol", ["release", id]);
      operations.jobs += code === 0 ? 1 : 0;
      inVain.set(id, code === 0 ? 0 : (inVain.get(id) ?? 0) + 1);
      if ((inVain.get(id) ?? 0) < 4) continue;
      operations.cancelled += 1;
      inVain.delete(id);
      await run("scancel", [id]);
    }
  }
}
