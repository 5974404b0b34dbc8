import { describe, expect, test, vi } from "vitest";

import type { CancelIntent } from "../../../src/domain/job.ts";
import { type FakeCluster, openCluster } from "./fake-cluster.ts";
import { copyPath, squeueRow } from "./rows.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const cancel = (cluster: FakeCluster, key: string, id?: string): CancelIntent => ({ ...cluster.intent(key), by: "ada on login1", ...(id === undefined ? {} : { id }) });

describe("a job that is to be cancelled", () => {
  test.each([
    ["of ours", "k1", squeueRow({ command: copyPath("k1") })],
    ["that waits", "k1", squeueRow({ command: copyPath("k1"), state: "PENDING" })],
    ["that is over, which does no harm", "k1", squeueRow({ command: copyPath("k1"), state: "COMPLETED" })],
    ["of a job array", "k1", squeueRow({ command: copyPath("k1"), task: "3" })],
    ["that was somebody else's when it was found", "job-12", squeueRow({ command: "/exp/run/finetune.slurm" })],
  ])("%s is named to scancel by its id", async (_name, key, row) => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: row });
    expect(await cluster.scheduler.cancel(cancel(cluster, key, "12"))).toBeUndefined();
    expect(cluster.calls("scancel")).toEqual(["12"]);
  });

  test.each([
    ["a stranger's now: ids are given out again", "k1", squeueRow({ command: "/somebody/else.sh" })],
    ["another one of ours", "k1", squeueRow({ command: copyPath("k2") })],
    ["one of ours, though somebody else's was found", "job-12", squeueRow({ command: copyPath("k2") })],
    ["gone", "k1", squeueRow({ id: "11" })],
    ["not to be seen", "k1", ""],
  ])("is not cancelled where its id is %s", async (_name, key, rows) => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: rows });
    await cluster.scheduler.cancel(cancel(cluster, key, "12"));
    expect(cluster.calls("scancel")).toEqual([]);
  });

  test("is not cancelled blindly while the queue does not answer", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { code: 1 });
    await cluster.scheduler.cancel(cancel(cluster, "k1", "12"));
    expect(cluster.calls("scancel")).toEqual([]);
  });

  test("and was submitted after the last snapshot is looked for once more", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ id: "11" }) });
    await cluster.query();
    cluster.says("squeue", { stdout: squeueRow({ id: "11" }) + squeueRow({ command: copyPath("k1") }) });
    await cluster.scheduler.cancel(cancel(cluster, "k1", "12"));
    await cluster.scheduler.cancel(cancel(cluster, "k1", "12"));
    expect(cluster.calls("scancel")).toEqual(["12", "12"]);
    expect(cluster.calls("squeue")).toHaveLength(2);
  });
});

describe("a submission that is to be taken back", () => {
  test("and was not made is never made", async () => {
    const cluster = openCluster();
    const withdrawn = { kind: "withdrawn", by: "ada on login1" };
    expect(await cluster.scheduler.cancel(cancel(cluster, "k1"))).toEqual(withdrawn);
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toEqual(withdrawn);
    expect(Object.fromEntries(cluster.scheduler.calls ?? [])).toEqual({});
  });

  test("and was made is cancelled by the id that sbatch gave", async () => {
    const cluster = openCluster();
    await cluster.scheduler.submit(cluster.intent("k1"));
    cluster.says("squeue", { stdout: squeueRow({ command: copyPath("k1") }) });
    expect(await cluster.scheduler.cancel(cancel(cluster, "k1"))).toEqual({ kind: "accepted", id: "12" });
    expect(cluster.calls("scancel")).toEqual(["12"]);
  });

  test("and may have been made is looked for first", async () => {
    const cluster = openCluster();
    cluster.says("sbatch", { code: 1, stderr: "sbatch: error: Batch job submission failed: Connection reset by peer\n" });
    await cluster.scheduler.submit(cluster.intent("k1"));
    expect(await cluster.scheduler.cancel(cancel(cluster, "k1"))).toMatchObject({ kind: "unclear", reason: expect.stringContaining("asks again at") as string });
    cluster.pass(320_000);
    expect(await cluster.scheduler.cancel(cancel(cluster, "k1"))).toEqual({ kind: "withdrawn", by: "ada on login1" });
    expect(cluster.calls("scancel")).toEqual([]);
  });
});
