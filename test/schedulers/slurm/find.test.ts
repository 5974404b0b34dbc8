import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import type { SlurmOptions } from "../../../src/schedulers/slurm/slurm.ts";
import { identityOf } from "../../../src/system/process-identity.ts";
import { configuration, type FakeCluster, openCluster } from "./fake-cluster.ts";
import { sacctRow, squeueRow } from "./rows.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const quietMs = 320_000;
const off = configuration("accounting_storage/none");

describe("a submission of which nobody knows whether it arrived", () => {
  test("is left alone for the life of its credential, then looked for in queue and accounting, and made again if there is no job", async () => {
    const { cluster, again } = await unclearSubmission();
    const waits = expect.stringMatching(/^sbatch failed \(exit code 1\): Socket timed out on send\/recv operation; asks again at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, when a submission that was on its way cannot arrive any more$/u) as string;
    expect(await again()).toEqual({ kind: "unclear", reason: waits });
    cluster.pass(quietMs - 1);
    expect(await again()).toEqual({ kind: "unclear", reason: waits });
    expect([cluster.calls("squeue").length, cluster.calls("sacct").length, cluster.calls("scontrol").length]).toEqual([1, 0, 1]);
    cluster.pass(1);
    cluster.says("sbatch", { stdout: "13\n" });
    expect(await again()).toEqual({ kind: "accepted", id: "13" });
    expect(cluster.calls("squeue")).toHaveLength(2);
    expect(cluster.calls("sacct")).toEqual([expect.stringMatching(/ -S \d{4}-\d\d-\d\dT\d\d:00:00 -E now\+1day$/u) as string, expect.stringMatching(/ -E now\+1day -s CA,CD,/u) as string]);
  });

  test("is found in the queue when it arrived late", async () => {
    const { cluster, again, copy } = await unclearSubmission();
    await again();
    cluster.pass(quietMs);
    cluster.says("squeue", { stdout: squeueRow({ id: "45", state: "PENDING", command: copy }) });
    expect(await again()).toEqual({ kind: "accepted", id: "45" });
    expect(cluster.calls("sacct")).toEqual([]);
  });

  test.each(["a waiting job's", "a cancelled job's"])("is found in accounting when it came and went: among %s rows", async (whose) => {
    const { cluster, again, copy } = await unclearSubmission();
    const row = sacctRow({ id: "45", line: `sbatch --parsable ${copy}` });
    cluster.does("sacct", `case "$*" in *" -s CA,"*) ${whose.startsWith("a c") ? "" : "exit 0"};; *) ${whose.startsWith("a w") ? "" : "exit 0"};; esac\nprintf '%s' '${row}'`);
    await again();
    cluster.pass(quietMs);
    expect(await again()).toEqual({ kind: "accepted", id: "45" });
  });

  test("is not known to be absent while the queue or accounting is down, and each is asked no more than once a poll", async () => {
    const { cluster, again } = await unclearSubmission();
    await again();
    cluster.pass(quietMs);
    cluster.says("squeue", { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n" });
    for (let time = 0; time < 3; time += 1) expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringContaining("; the queue does not answer (squeue: Unable to contact") as string });
    expect(cluster.calls("squeue")).toHaveLength(2);
    cluster.says("squeue", {});
    cluster.says("sacct", { code: 1, stderr: "sacct: error: Problem talking to the database: Connection refused\n" });
    cluster.pass(60_000);
    for (let time = 0; time < 3; time += 1) expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringContaining("accounting does not answer (sacct: Problem talking to the database: Connection refused); counts as not submitted from ") as string });
    expect(cluster.calls("sacct")).toHaveLength(1);
    expect(cluster.calls("sbatch")).toHaveLength(1);
  });

  test("is not known to be absent while the queue has a job that cannot be read", async () => {
    const { cluster, again } = await unclearSubmission();
    await again();
    cluster.pass(quietMs);
    cluster.says("squeue", { stdout: squeueRow() + squeueRow({ id: "?" }) });
    expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringContaining("squeue shows a job that cannot be read") as string });
  });

  test("is not known to be absent while nobody knows how long a credential lives", async () => {
    const { cluster, again } = await unclearSubmission();
    cluster.says("scontrol", { code: 1, stderr: "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n" });
    expect(await again()).toMatchObject({ reason: expect.stringContaining("cannot tell how long a submission may be on its way (scontrol: Unable to contact slurm controller (connect failure))") as string });
    cluster.pass(quietMs);
    await again();
    await again();
    expect(cluster.calls("scontrol")).toHaveLength(2);
    cluster.says("scontrol", { stdout: configuration().replace("(null)", "ttl=15") });
    cluster.says("sbatch", { stdout: "13\n" });
    cluster.pass(60_000);
    expect(await again()).toEqual({ kind: "accepted", id: "13" });
  });

  test("begins its quiet time anew for a nightshift that was started again, whatever the wall clock says", async () => {
    const { cluster, again } = await unclearSubmission();
    await again();
    cluster.pass(quietMs - 1);
    // A process that was started again has seen nothing of the quiet time: it begins anew.
    const other = cluster.schedulerWith();
    expect(await other.submit(cluster.intent("k1"))).toMatchObject({ kind: "unclear" });
    cluster.pass(1);
    expect(await other.submit(cluster.intent("k1"))).toMatchObject({ kind: "unclear" });
    cluster.says("sbatch", { stdout: "13\n" });
    cluster.pass(quietMs);
    expect(await other.submit(cluster.intent("k1"))).toMatchObject({ kind: "accepted" });
  });

  test("on another machine, where sbatch may still be at work, is waited for as long as that may take", async () => {
    const cluster = openCluster({ submitTimeoutMs: 180_000 });
    const self = identityOf(process.pid);
    leaveMark(cluster, `another-login-node\n${self?.bootId}\n${process.pid} (sbatch) S ${Array.from({ length: 18 }, () => 0).join(" ")} ${self?.startTicks} 0\n`);
    const again = async (): Promise<unknown> => cluster.scheduler.submit(cluster.intent("k1"));
    await again();
    cluster.pass(quietMs + 180_000 - 1);
    expect(await again()).toMatchObject({ kind: "unclear" });
    cluster.pass(1);
    expect(await again()).toMatchObject({ kind: "accepted" });
  });

  test("may be made again a second time, after a quiet time of its own", async () => {
    const { cluster, again } = await unclearSubmission();
    await again();
    cluster.pass(quietMs);
    expect(await again()).toMatchObject({ kind: "unclear" });
    expect(cluster.calls("sbatch")).toHaveLength(2);
    expect(await again()).toMatchObject({ kind: "unclear" });
    cluster.pass(quietMs - 1);
    expect(await again()).toMatchObject({ kind: "unclear" });
    expect(cluster.calls("sbatch")).toHaveLength(2);
    cluster.pass(1);
    cluster.says("sbatch", { stdout: "14\n" });
    expect(await again()).toEqual({ kind: "accepted", id: "14" });
  });
});

describe("without accounting", () => {
  test("a submission whose script claims its job counts as not made an hour after the quiet time", async () => {
    const { cluster, again } = await unclearSubmission();
    cluster.says("scontrol", { stdout: off });
    await again();
    cluster.pass(quietMs);
    expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringMatching(/; accounting is off; counts as not submitted from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d on, if it neither starts nor is seen in the queue by then$/u) as string });
    cluster.pass(3_599_999);
    expect(await again()).toMatchObject({ kind: "unclear" });
    cluster.pass(60_000);
    cluster.says("sbatch", { stdout: "14\n" });
    expect(await again()).toEqual({ kind: "accepted", id: "14" });
    expect(cluster.calls("sacct")).toEqual([]);
  });

  test("one whose job began meanwhile is known by its claim", async () => {
    const { cluster, again } = await unclearSubmission();
    cluster.says("scontrol", { stdout: off });
    await again();
    writeFileSync(join(cluster.experiment, ".nightshift", "jobs", "k1", "claim"), "45\n");
    expect(await again()).toEqual({ kind: "accepted", id: "45" });
  });

  test.each([
    ["a script for another interpreter", { text: "#!/usr/bin/env python3\nprint()\n" }],
    ["a script that is to be plain", { isPlain: true }],
  ])("%s notes no start, so a person has to look", async (_name, difference) => {
    const { cluster, again } = await unclearSubmission({}, difference);
    cluster.says("scontrol", { stdout: off });
    await again();
    cluster.pass(quietMs + 36_000_000);
    expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringContaining("; accounting is off, and the script notes no start: look yourself, then nightshift release TARGET") as string });
    expect(cluster.calls("sbatch")).toHaveLength(1);
  });
});

test("where accounting knows no submit lines, a job from the same folder leaves it open", async () => {
  const { cluster, again } = await unclearSubmission();
  await again();
  cluster.pass(quietMs);
  cluster.says("sacct", { stdout: sacctRow({ id: "45", folder: cluster.experiment, line: "" }) });
  expect(await again()).toMatchObject({ kind: "unclear", reason: expect.stringContaining("accounting shows job 45 from the same folder, but not whether it is this one") as string });
});

test("a hundred of them share what squeue and sacct say", async () => {
  const cluster = openCluster({ maxSubmit: 1000 });
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  const intents = keys.map((key) => {
    leaveMark(cluster, "", key);
    return cluster.intent(key);
  });
  for (const intent of intents) expect(await cluster.scheduler.submit(intent)).toMatchObject({ kind: "unclear" });
  cluster.pass(quietMs);
  cluster.says("sacct", { code: 1, stderr: "sacct: error: down\n" });
  for (const intent of intents) expect(await cluster.scheduler.submit(intent)).toMatchObject({ kind: "unclear" });
  expect(Object.fromEntries(cluster.scheduler.calls ?? [])).toEqual({ scontrol: 1, squeue: 1, sacct: 1 });
});

interface Unclear {
  readonly cluster: FakeCluster;
  /** The path of the copy that was submitted. */
  readonly copy: string;
  again(): Promise<unknown>;
}

/** A cluster on which sbatch timed out once. */
async function unclearSubmission(options: Partial<SlurmOptions> = {}, difference: Parameters<FakeCluster["intent"]>[1] = {}): Promise<Unclear> {
  const cluster = openCluster(options);
  cluster.says("sbatch", { code: 1, stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n" });
  const again = async (): Promise<unknown> => cluster.scheduler.submit(cluster.intent("k1", difference));
  expect(await again()).toMatchObject({ kind: "unclear" });
  return { cluster, again, copy: join(cluster.experiment, ".nightshift", "jobs", "k1", "finetune.slurm") };
}

/** As after a crash between sbatch and its answer. */
function leaveMark({ experiment }: FakeCluster, mark: string, key = "k1"): void {
  const folder = join(experiment, ".nightshift", "jobs", key);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "spawned"), mark);
}
