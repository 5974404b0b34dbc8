import { createServer } from "node:net";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { type Cluster, type DaemonName, openCluster } from "./cluster.ts";

describe("a test's cluster", () => {
  const daemons: readonly DaemonName[] = ["munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd.n1"];
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17450, conf: ["SchedulerParameters=bf_interval=1,sched_min_interval=100000"] });
  });
  afterAll(async () => cluster.down());

  test.each(daemons)("goes on once its %s was frozen, killed, stopped and started again", async (name) => {
    const { daemon, run } = cluster;
    await daemon("freeze", name);
    await daemon("thaw", name);
    await daemon("kill9", name);
    await daemon("start", name);
    await daemon("stop", name);
    await daemon("start", name);
    await eventually(async () => (await run("sinfo", ["--noheader", "--states=idle", "--partition=main", "--format=%D"])).out === "2", "both nodes", 60_000);
    const { out: id } = await run("sbatch", ["--parsable", "--wrap=exit 3"]);
    await eventually(async () => (await cluster.sacct([id])).some((row) => row.state === "FAILED" && row.exitCode === "3:0" && row.endedMs !== undefined), "the job's end", 60_000);
  });
});

describe("a cluster that cannot come up", () => {
  test("fails with the daemon's last words, and leaves nothing behind", async () => {
    const taken = createServer().listen(17460, "127.0.0.1");
    try {
      await expect(openCluster(inject("clusters"), { port: 17460, accounting: false })).rejects.toThrow(/Address already in use[^]*slurmctld did not start/u);
    } finally {
      taken.close();
    }
    const again = await openCluster(inject("clusters"), { port: 17460, accounting: false });
    await again.down();
  });
});
