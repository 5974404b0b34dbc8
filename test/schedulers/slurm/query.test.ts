import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import { instantOf } from "../../../src/system/clock.ts";
import { userName } from "../../../src/system/user.ts";
import { eventually } from "../../support/eventually.ts";
import { configuration, expectedJob, type FakeCluster, openCluster } from "./fake-cluster.ts";
import { copyPath, sacctRow, squeueRow } from "./rows.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const ours = (key: string): string => `sbatch --parsable ${copyPath(key)}`;

describe("the queue", () => {
  test("is asked for with one squeue, in an environment that cannot change what it prints", async () => {
    const cluster = openCluster();
    const environment = { ...cluster.environment, SQUEUE_FORMAT: "%i", SACCT_FORMAT: "JobID", SLURM_TIME_FORMAT: "%H", LC_ALL: "de_DE", TZ: "Asia/Tokyo", SLURM_CONF: "/etc/x", MINE: "kept" };
    cluster.does("squeue", 'env > "$0.env"; umask > "$0.umask"');
    expect(await cluster.schedulerWith({ environment }).query([expectedJob("k1")])).toMatchObject({ kind: "available", jobs: [], missing: [] });
    const seen = readFileSync(join(cluster.folder, "bin", "squeue.env"), "utf8").split("\n");
    expect(seen).toEqual(expect.arrayContaining(["SLURM_TIME_FORMAT=%s", "LC_ALL=C", "TZ=UTC", "SLURM_CONF=/etc/x", "MINE=kept"]));
    expect(seen.join("\n")).not.toMatch(/SQUEUE_|SACCT_/u);
    expect(cluster.calls("squeue")).toEqual([expect.stringMatching(/^-h -r -t all -u \d+ -o \u001E%F/u) as string]);
    expect(cluster.calls("sacct")).toEqual([]);
  });

  test("shows jobs of ours by their key, with their output as the submitted copy says", async () => {
    const cluster = openCluster();
    const copy = (key: string, text: string): string => {
      const folder = join(cluster.experiment, ".nightshift", "jobs", key);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "finetune.slurm"), text);
      return join(folder, "finetune.slurm");
    };
    cluster.says("squeue", { stdout: [
      squeueRow({ id: "1", command: copy("k1", "#!/bin/sh\n"), folder: "/exp/run" }),
      squeueRow({ id: "2", command: copy("k2", "#!/bin/sh\n#SBATCH -o logs/%x-%j-%u-%N-%A.out\n"), name: "rank8" }),
      squeueRow({ id: "3", command: copy("k3", "#!/bin/sh\n#SBATCH --array=0-1\n"), task: "0" }),
      squeueRow({ id: "4", command: copy("k4", "#!/bin/sh\n#SBATCH -o /scratch/%N\n"), node: "n[1-2]" }),
      squeueRow({ id: "5", command: copyPath("gone") }),
    ].join("") });
    const { jobs } = await cluster.query();
    expect(jobs.map(({ key, output }) => [key, output])).toEqual([
      ["k1", "/exp/run/slurm-1.out"], ["k2", `/exp/run/logs/rank8-2-${userName()}-n1-2.out`], ["k3", undefined], ["k4", undefined], ["gone", undefined],
    ]);
    expect(jobs[0]).toMatchObject({ script: join(cluster.experiment, ".nightshift", "jobs", "k1", "finetune.slurm"), workFolder: "/exp/run" });
    expect(jobs[0]).not.toHaveProperty("command");
  });

  test("shows others' jobs by their script and folder, as they really are", async () => {
    const cluster = openCluster();
    const real = join(cluster.experiment, "run one");
    mkdirSync(real);
    writeFileSync(join(real, "my script.sh"), "");
    symlinkSync(cluster.experiment, join(cluster.folder, "link"));
    const linked = join(cluster.folder, "link", "run one");
    const commands = [join(linked, "my script.sh"), `${join(linked, "my script.sh")} --lr 1e-3 out.txt`, "./my script.sh", "/no/such.sh arg", `${join(linked, "gone.sh")} arg`, "(null)"];
    cluster.says("squeue", { stdout: commands.map((command, index) => squeueRow({ id: String(index + 1), command, folder: linked })).join("") });
    const { jobs } = await cluster.query();
    expect(jobs.map(({ script }) => script)).toEqual([join(real, "my script.sh"), join(real, "my script.sh"), join(real, "my script.sh"), "/no/such.sh", join(linked, "gone.sh"), undefined]);
    expect(new Set(jobs.map(({ workFolder }) => workFolder))).toEqual(new Set([real]));
    expect(jobs.every(({ key, output }) => key === undefined && output === undefined)).toBe(true);
  });

  test("remembers how tasks of an array ended that left it before the others", async () => {
    const cluster = openCluster();
    const task = (number: number, state: string): string => squeueRow({ id: "30", task: String(number), state });
    cluster.says("squeue", { stdout: task(0, "FAILED") + task(1, "RUNNING") });
    expect((await cluster.query()).jobs).toMatchObject([{ id: "30", state: "RUNNING" }]);
    cluster.says("squeue", { stdout: task(1, "COMPLETED") });
    expect((await cluster.query()).jobs).toMatchObject([{ id: "30", state: "FAILED" }]);
    // The same id, given out again.
    cluster.says("squeue", { stdout: squeueRow({ id: "30", task: "1", state: "COMPLETED", submit: "1795299999" }) });
    expect((await cluster.query()).jobs).toMatchObject([{ id: "30", state: "COMPLETED" }]);
  });
});

describe("a queue that cannot be asked", () => {
  test.each<[string, Parameters<FakeCluster["says"]>[1], string]>([
    ["is down", { stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n", code: 1 }, "squeue: Unable to contact slurm controller (connect failure)"],
    ["is frozen", { stderr: "slurm_load_jobs error: Socket timed out on send/recv operation\n", code: 1 }, "squeue: Socket timed out on send/recv operation"],
    ["cannot be authenticated to", { stderr: "squeue: error: Munge encode failed: x\nslurm_load_jobs error: Protocol authentication error\n", code: 1 }, "squeue: Protocol authentication error"],
    ["fails without a word", { code: 3 }, "squeue failed with exit code 3"],
    ["shows rows, but fails", { stdout: squeueRow(), code: 1 }, "squeue failed with exit code 1"],
    ["is cut off", { stdout: squeueRow().slice(0, -9) }, "what squeue printed is cut off"],
    ["speaks of an error and shows nothing", { stderr: "squeue: error: slurm_receive_msg: Zero Bytes\n" }, "squeue: slurm_receive_msg: Zero Bytes"],
  ])("because it %s changes no job, and says since when", async (_name, answer, reason) => {
    const cluster = openCluster();
    cluster.says("squeue", answer);
    const first = await cluster.scheduler.query([expectedJob("k1", "12")]);
    expect(first).toMatchObject({ kind: "unavailable", reason });
    cluster.pass(60_000);
    const second = await cluster.scheduler.query([expectedJob("k1", "12")]);
    expect(second).toMatchObject({ kind: "unavailable", since: first.at });
    expect(cluster.calls("sacct")).toEqual([]);
    cluster.says("squeue", { stdout: squeueRow({ command: copyPath("k1") }) });
    expect((await cluster.query([expectedJob("k1", "12")])).jobs).toMatchObject([{ key: "k1", state: "RUNNING" }]);
  });

  test("because it hangs is killed with its children at its timeout", async () => {
    const cluster = openCluster({ queryTimeoutMs: 5000 });
    cluster.does("squeue", 'sleep 600 & echo $! > "$0.child"; wait');
    expect(await cluster.scheduler.query([])).toMatchObject({ kind: "unavailable", reason: "squeue did not answer within 5 s" });
    const child = Number(readFileSync(join(cluster.folder, "bin", "squeue.child"), "utf8"));
    await eventually(() => !existsSync(`/proc/${child}`) || readFileSync(`/proc/${child}/stat`, "latin1").includes(") Z "), "the end of the child");
  });

  test("because there is no such program says so", async () => {
    const cluster = openCluster();
    const scheduler = cluster.schedulerWith({ environment: { PATH: join(cluster.folder, "nowhere") } });
    expect(await scheduler.query([])).toMatchObject({ kind: "unavailable", reason: expect.stringContaining("squeue could not be started") as string });
  });

  test("shows no job at all where a moment ago some were waiting or running: it is not believed until they may be gone", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ command: copyPath("k1") }) });
    await cluster.query();
    cluster.says("squeue", {});
    cluster.pass(299_000);
    expect(await cluster.scheduler.query([expectedJob("k1", "12")])).toMatchObject({ kind: "unavailable", reason: "squeue shows no job at all, though some were waiting or running a moment ago" });
    cluster.pass(1000);
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [], missing: [{ key: "k1" }] });
  });
});

describe("a job that left the queue", () => {
  test("has ended as accounting says, which is asked no more", async () => {
    const cluster = openCluster();
    cluster.says("sacct", { stdout: sacctRow({ state: "CANCELLED by 1000", line: ours("k1") }) + sacctRow({ id: "13", state: "OUT_OF_ME+", exit: "0:125", line: ours("k2") }) });
    const expected = [expectedJob("k1", "12"), expectedJob("k2", "13"), expectedJob("k3")];
    for (let time = 0; time < 3; time += 1) {
      expect(await cluster.query(expected)).toMatchObject({ jobs: [{ key: "k1", id: "12", state: "CANCELLED" }, { key: "k2", state: "OUT_OF_MEMORY", signal: 125 }], missing: [] });
    }
    expect(cluster.calls("sacct")).toEqual([expect.stringMatching(/ -u \d+ -j 12,13$/u) as string]);
    expect((await cluster.query([])).jobs).toEqual([]);
  });

  test("that ended while the queue still shows it needs no accounting", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ state: "TIMEOUT", reason: "TimeLimit", command: copyPath("k1") }) });
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [{ key: "k1", state: "TIMEOUT", reason: "TimeLimit" }], missing: [] });
    expect(cluster.calls("sacct")).toEqual([]);
  });

  test("whose id another job has now is asked for", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ command: copyPath("k2") }) });
    cluster.says("sacct", { stdout: sacctRow({ line: ours("k1") }) });
    expect((await cluster.query([expectedJob("k1", "12")])).jobs).toMatchObject([{ key: "k2", state: "RUNNING" }, { key: "k1", state: "COMPLETED" }]);
  });

  test.each([
    ["does not know it", {}, "accounting does not know job 12"],
    ["knows a stranger's", { stdout: sacctRow({ submit: "1495278950" }) }, "accounting knows only another job 12"],
    ["is down", { stderr: "sacct: error: Sending PersistInit msg: Connection refused\nsacct: error: Problem talking to the database: Connection refused\n", code: 1 },
      "accounting does not answer (sacct: Problem talking to the database: Connection refused)"],
    ["is disabled", { stderr: "Slurm accounting storage is disabled\n", code: 1 }, "accounting is off"],
    ["is cut off", { stdout: sacctRow().slice(0, -4) }, "accounting does not answer (what sacct printed is cut off or something else)"],
    ["fails without saying so", { stderr: "sacct: error: slurmdbd: lost\n" }, "accounting does not answer (sacct: slurmdbd: lost)"],
  ])("is missing where accounting %s", async (_name, answer, reason) => {
    const cluster = openCluster();
    cluster.says("sacct", answer);
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [], missing: [{ key: "k1", reason }] });
    cluster.says("sacct", { stdout: sacctRow({ line: ours("k1") }) });
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [{ key: "k1", state: "COMPLETED" }], missing: [] });
  });

  test("is missing where accounting hangs, which holds up nothing for longer than its timeout", async () => {
    const cluster = openCluster({ queryTimeoutMs: 5000 });
    cluster.does("sacct", "exec sleep 600");
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ missing: [{ key: "k1", reason: "accounting does not answer (sacct did not answer within 5 s)" }] });
  });

  test("is missing where the cluster has no accounting; then sacct is never called", async () => {
    const cluster = openCluster();
    cluster.says("scontrol", { stdout: configuration("accounting_storage/none") });
    for (let time = 0; time < 2; time += 1) expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ missing: [{ key: "k1", reason: "accounting is off" }] });
    expect([cluster.calls("sacct").length, cluster.calls("scontrol").length]).toEqual([0, 1]);
  });

  test.each(["PREEMPTED", "NODE_FAIL"])("and is %s may come back: it counts as over when that is still so in a later cycle", async (state) => {
    const cluster = openCluster();
    cluster.says("sacct", { stdout: sacctRow({ state, line: ours("k1") }) });
    const missing = [{ key: "k1", reason: `accounting shows job 12 as ${state}; it may be started again` }];
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [], missing });
    cluster.pass(5000);
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [], missing });
    cluster.pass(1000);
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ jobs: [{ key: "k1", state }], missing: [] });
  });

  test("was submitted by somebody else and has ended as the newest row of its id says", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ id: "7", command: "/exp/run/finetune.slurm" }) });
    expect(await cluster.query([expectedJob("job-7", "7")])).toMatchObject({ jobs: [{ id: "7", state: "RUNNING" }], missing: [] });
    expect(cluster.calls("sacct")).toEqual([]);
    cluster.says("squeue", { stdout: squeueRow({ id: "8" }) });
    cluster.says("sacct", { stdout: sacctRow({ id: "7", state: "FAILED", exit: "1:0", line: "sbatch finetune.slurm" }) });
    const { jobs } = await cluster.query([expectedJob("job-7", "7")]);
    expect(jobs[1]).toMatchObject({ id: "7", state: "FAILED", exitCode: 1 });
    expect(jobs[1]).not.toHaveProperty("key");
  });

  test("is told by its folder and time where sacct knows no submit line", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { stdout: squeueRow({ command: copyPath("k1") }) + squeueRow({ id: "99" }) });
    await cluster.query([expectedJob("k1", "12")]);
    cluster.says("squeue", { stdout: squeueRow({ id: "99" }) });
    const old = (folder: string): string => sacctRow({ folder }).replace("\u001F\u001Esbatch job.sh", "");
    const answering = (text: string): string => `case "$*" in *SubmitLine*) echo 'sacct: error: Invalid field requested: "SubmitLine"' >&2; exit 1;; esac\nprintf '%s' '${text}'`;
    cluster.does("sacct", answering(old("/exp/other")));
    expect(await cluster.query([expectedJob("k1", "12")])).toMatchObject({ missing: [{ reason: "accounting knows only another job 12" }] });
    cluster.does("sacct", answering(old("/exp/run")));
    expect((await cluster.query([expectedJob("k1", "12")])).jobs).toMatchObject([{ id: "99" }, { key: "k1", state: "COMPLETED" }]);
    expect(cluster.calls("sacct")).toHaveLength(3);
  });

  test("is neither missing nor over while the queue has it in a row that cannot be read, or has any row of an unknown job", async () => {
    const cluster = openCluster();
    const expected = [expectedJob("k1", "12"), expectedJob("k2", "13")];
    cluster.says("squeue", { stdout: squeueRow({ id: "11" }) + squeueRow({ state: "" }) });
    expect(await cluster.query(expected)).toMatchObject({ jobs: [{ id: "11" }], missing: [{ key: "k2" }] });
    cluster.says("squeue", { stdout: squeueRow({ id: "11" }) + squeueRow({ id: "?" }) });
    expect(await cluster.query(expected)).toMatchObject({ jobs: [{ id: "11" }], missing: [] });
  });
});

describe("the cost of a cycle", () => {
  test.each([[1, 1], [100, 1], [1000, 3]])("with %i expected jobs is one squeue while they are in the queue, and %i sacct when all have left it at once", async (count, batches) => {
    const cluster = openCluster();
    const jobs = Array.from({ length: count }, (_, index) => ({ id: String(index + 100), key: `k${index}` }));
    const expected = jobs.map(({ id, key }) => expectedJob(key, id));
    cluster.says("squeue", { stdout: jobs.map(({ id, key }) => squeueRow({ id, command: copyPath(key) })).join("") });
    expect((await cluster.query(expected)).jobs).toHaveLength(count);
    expect(Object.fromEntries(cluster.scheduler.calls ?? [])).toEqual({ squeue: 1 });
    cluster.says("squeue", { stdout: squeueRow({ id: "1" }) });
    cluster.says("sacct", { stdout: jobs.map(({ id, key }) => sacctRow({ id, line: ours(key) })).join("") });
    expect(await cluster.query(expected)).toMatchObject({ missing: [], jobs: { length: count + 1 } });
    await cluster.query(expected);
    expect(Object.fromEntries(cluster.scheduler.calls ?? [])).toEqual({ squeue: 3, sacct: batches, scontrol: 1 });
    expect(cluster.calls("sacct")).toHaveLength(batches);
  });

  test("is one sacct where accounting does not answer, however many batches there were", async () => {
    const cluster = openCluster();
    cluster.says("sacct", { stderr: "sacct: error: down\n", code: 1 });
    const expected = Array.from({ length: 1000 }, (_, index) => expectedJob(`k${index}`, String(index + 1)));
    expect((await cluster.query(expected)).missing).toHaveLength(1000);
    expect(cluster.calls("sacct")).toHaveLength(1);
  });
});

describe("what accounting remembers of jobs that are over", () => {
  test("is each as its newest row says, with the script that still stands", async () => {
    const cluster = openCluster();
    const folder = join(cluster.folder, "by hand");
    mkdirSync(folder);
    for (const name of ["finetune.slurm", "my script.sh"]) writeFileSync(join(folder, name), "");
    const row = (id: string, line: string, fields: Parameters<typeof sacctRow>[0] = {}): string => sacctRow({ id, line, folder, ...fields });
    cluster.says("sacct", { stdout: [
      row("1", "sbatch -p gpu finetune.slurm 3"), row("2", "sbatch --parsable my script.sh"), row("3", "sbatch gone.sh"), row("4", `sbatch ${join(folder, "finetune.slurm")}`, { folder: "/" }),
      row("5", "sbatch finetune.slurm", { state: "PREEMPTED" }), row("5", "sbatch finetune.slurm", { state: "RUNNING", end: "Unknown" }),
      row("6", "sbatch finetune.slurm", { state: "CANCELLED by 1000" }), row("7", ours("k1")), row("8", "", { name: "allocation", folder: "" }),
      row("9", "sbatch --parsable -A ada -p gpu -t 1:00:00 --mem 32G --gres gpu:1 -c 4 -N 1 -n 1 -J a name --mail-type END finetune.slurm"),
    ].join("") });
    const past = await cluster.scheduler.past?.();
    expect(past?.map(({ id, state, script, key }) => [id, state, script === undefined ? "-" : basename(script), key ?? "-"])).toEqual([
      ["1", "COMPLETED", "finetune.slurm", "-"], ["2", "COMPLETED", "my script.sh", "-"], ["3", "COMPLETED", "-", "-"], ["4", "COMPLETED", "finetune.slurm", "-"],
      ["6", "CANCELLED", "finetune.slurm", "-"], ["7", "COMPLETED", "-", "k1"], ["9", "COMPLETED", "finetune.slurm", "-"],
    ]);
  });

  test("is found by ids, in batches, however long ago it was", async () => {
    const cluster = openCluster();
    cluster.does("sacct", `case "$*" in *"-j 1,2,"*) printf '%s' '${sacctRow({ id: "2", name: "eval-cap-r8-ep1" })}${sacctRow({ id: "3", name: "eval-cap-r8-ep2", state: "RUNNING" })}';; esac`);
    const ids = Array.from({ length: 401 }, (_, index) => String(index + 1));
    expect(await cluster.scheduler.find?.(ids)).toMatchObject([{ id: "2", name: "eval-cap-r8-ep1", state: "COMPLETED" }]);
    expect(cluster.calls("sacct").map((call) => / -j (?<ids>[\d,]+)$/u.exec(call)?.groups?.["ids"]?.split(",").length)).toEqual([400, 1]);
    cluster.says("sacct", { stderr: "sacct: error: Problem talking to the database: Connection refused\n", code: 1 });
    expect(await cluster.scheduler.find?.(ids)).toBeUndefined();
    expect(cluster.calls("sacct")).toHaveLength(3);
    cluster.says("sacct", { stderr: "Slurm accounting storage is disabled\n", code: 1 });
    expect(await cluster.scheduler.find?.(["1"])).toEqual([]);
  });

  // As sacct answers for an array 30 of two tasks, whose own ids are 31 and 30.
  test.each([
    ["of the whole array", "30", { id: "30", state: "FAILED" }],
    ["that a task has of its own", "31", { id: "31", state: "COMPLETED", endedAt: instantOf(new Date(1_795_278_956_000)) }],
    ["of a task in the array", "30_4", { id: "30_4", state: "COMPLETED" }],
  ])("is found by the id %s", async (_whose, id, job) => {
    const cluster = openCluster();
    cluster.says("sacct", { stdout: sacctRow({ id: "30_4", own: "31" }) + sacctRow({ id: "30_5", own: "30", state: "FAILED", end: "1795278999" }) });
    expect(await cluster.scheduler.find?.([id])).toMatchObject([job]);
  });

  test("is asked for once a poll, and is not known while sacct fails", async () => {
    const cluster = openCluster();
    cluster.says("sacct", { stderr: "sacct: error: Problem talking to the database: Connection refused\n", code: 1 });
    expect(await cluster.scheduler.past?.()).toBeUndefined();
    cluster.says("sacct", { stdout: sacctRow({ line: "sbatch x" }) });
    expect(await cluster.scheduler.past?.()).toBeUndefined();
    cluster.pass(60_001);
    for (let time = 0; time < 3; time += 1) expect(await cluster.scheduler.past?.()).toMatchObject([{ id: "12", state: "COMPLETED" }]);
    // The first one failed; jobs that never could start are in a list of their own.
    expect(cluster.calls("sacct").map((call) => / -S \d{4}-\d\d-\d\dT00:00:00 /u.test(call))).toEqual([true, true, true]);
  });

  test("is nothing without accounting", async () => {
    const cluster = openCluster();
    cluster.says("sacct", { stderr: "Slurm accounting storage is disabled\n", code: 1 });
    expect(await cluster.scheduler.past?.()).toEqual([]);
  });
});
