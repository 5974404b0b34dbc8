import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";
import { afterAll, describe, expect, test, vi } from "vitest";

import { parseMark } from "../../../src/schedulers/slurm/parse-mark.ts";
import { identityOf } from "../../../src/system/process-identity.ts";
import { eventually } from "../../support/eventually.ts";
import { type FakeCluster, openCluster } from "./fake-cluster.ts";
import { squeueRow } from "./rows.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const jobFile = ({ experiment }: FakeCluster, key: string, name: string): string => join(experiment, ".nightshift", "jobs", key, name);

describe("sbatch", () => {
  test("gets the copy by its absolute path, in the folder of the submission, with the user's own environment", async () => {
    const cluster = openCluster();
    const folder = join(cluster.experiment, "it's a \"run\" $(touch evil)\n2");
    mkdirSync(folder);
    cluster.does("sbatch", 'env > "$0.env"; pwd > "$0.pwd"; [ -t 0 ] || cat > "$0.in"; for word; do last=$word; done; cp "$last" "$0.script"; echo 12');
    const scheduler = cluster.schedulerWith({ environment: { ...cluster.environment, SBATCH_PARTITION: "gpu", SLURM_TIME_FORMAT: "relative", LC_ALL: "de_DE", SQUEUE_FORMAT: "x" } });
    const intent = cluster.intent("k1", { text: "#!/bin/bash\n#SBATCH --comment='mine' --job-name=mine\necho\n", script: join(folder, "-x 'y'.sh"), submitFolder: folder });
    expect(await scheduler.submit(intent)).toEqual({ kind: "accepted", id: "12" });
    const seen = (name: string): string => readFileSync(join(cluster.folder, "bin", `sbatch.${name}`), "utf8");
    expect(seen("env").split("\n")).toEqual(expect.arrayContaining(["SBATCH_PARTITION=gpu", "SLURM_TIME_FORMAT=relative", "LC_ALL=de_DE", "SQUEUE_FORMAT=x"]));
    expect(seen("pwd")).toBe(`${folder}\n`);
    expect(seen("in")).toBe("");
    expect(seen("script")).toContain("#SBATCH --comment='mine' --job-name=mine\n# --- nightshift:");
    expect(cluster.calls("sbatch")).toEqual([`--parsable ${jobFile(cluster, "k1", "-x 'y'.sh")}`]);
    expect(existsSync(join(folder, "evil"))).toBe(false);
    expect(scheduler.calls?.get("sbatch")).toBe(1);
  });

  test("finds its mark on the disk, which names its own process for ever", async () => {
    const cluster = openCluster();
    cluster.does("sbatch", `cp "${jobFile(cluster, "k1", "spawned")}" "$0.mark"; cat "/proc/$$/stat" > "$0.stat"; echo 12`);
    await cluster.scheduler.submit(cluster.intent("k1"));
    const mark = readFileSync(join(cluster.folder, "bin", "sbatch.mark"), "utf8");
    const [pid] = readFileSync(join(cluster.folder, "bin", "sbatch.stat"), "utf8").split(" ");
    expect(parseMark(mark)).toMatchObject({ host: hostname(), bootId: identityOf(process.pid)?.bootId, pid: Number(pid) });
    expect(mark).toMatch(/\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}\n$/u);
  });

  test.each([
    [{ stdout: "Welcome, you have 3 jobs\n67043328;della\n", stderr: "sbatch: warning: quota 90 %\n" }, { kind: "accepted", id: "67043328" }],
    [{ stderr: "sbatch: error: QOSMaxSubmitJobPerUserLimit\n", code: 1 }, { kind: "postponed", reason: "QOSMaxSubmitJobPerUserLimit", isForAll: true }],
    [{ stderr: "sbatch: error: Batch job submission failed: Invalid qos specification\n", code: 1 }, { kind: "refused", reason: "Invalid qos specification" }],
    [{ stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n", code: 1 }, { kind: "unclear", reason: "sbatch failed (exit code 1): Socket timed out on send/recv operation" }],
  ])("answers %j", async (said, expected) => {
    const cluster = openCluster();
    cluster.says("sbatch", said);
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toEqual(expected);
    expect((await cluster.scheduler.readRecords(cluster.experiment)).get("k1")).toMatchObject({ spawned: true, answer: expected });
    expect(readFileSync(jobFile(cluster, "k1", "sbatch.out"), "utf8") + readFileSync(jobFile(cluster, "k1", "sbatch.err"), "utf8")).toBe(["stdout", "stderr"].map((stream) => said[stream as never] ?? "").join(""));
  });

  test("that hangs is killed at its timeout; nobody knows then what it did", async () => {
    const cluster = openCluster({ submitTimeoutMs: 5000 });
    cluster.does("sbatch", 'sleep 600 & echo $! > "$0.child"; wait');
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toEqual({ kind: "unclear", reason: "sbatch did not end within 5 s" });
    const child = Number(readFileSync(join(cluster.folder, "bin", "sbatch.child"), "utf8"));
    await eventually(() => identityOf(child) === undefined, "the end of the child");
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toMatchObject({ kind: "unclear", reason: expect.stringMatching(/^sbatch did not end within 5 s; asks again at /u) as string });
    expect(cluster.calls("sbatch")).toHaveLength(1);
  });

  test.each([
    ["--clusters=testcluster", { kind: "accepted", id: "12" }],
    ["-M elsewhere", { kind: "refused", reason: "--clusters=elsewhere names another cluster than this one (testcluster), whose jobs cannot be followed from here" }],
  ])("of a script with %s is asked only for this cluster", async (option, expected) => {
    const cluster = openCluster();
    expect(await cluster.scheduler.submit(cluster.intent("k1", { text: `#!/bin/sh\n#SBATCH ${option}\n` }))).toEqual(expected);
    expect(cluster.calls("sbatch")).toHaveLength(expected.kind === "accepted" ? 1 : 0);
  });

  test("that is not there leaves nothing unclear", async () => {
    const cluster = openCluster();
    const bin = join(cluster.folder, "bin");
    rmSync(join(bin, "sbatch"));
    // Not /bin itself: there may be a real one in it.
    for (const tool of ["cat", "uname", "date", "sync", "rm"]) symlinkSync(`/bin/${tool}`, join(bin, tool));
    const scheduler = cluster.schedulerWith({ environment: { PATH: bin } });
    expect(await scheduler.submit(cluster.intent("k1"))).toEqual({ kind: "postponed", reason: "sbatch is not there", isForAll: true });
  });
});

describe("the mark of a submission", () => {
  test("lets one of all that submit the same key at once arrive", async () => {
    const cluster = openCluster();
    cluster.does("sbatch", 'echo "$$" >> "$0.ledger"; sleep 0.2; echo 12');
    const intent = cluster.intent("k1");
    const rivals = Array.from({ length: 8 }, () => cluster.schedulerWith());
    const answers = await Promise.all(rivals.map(async (scheduler) => scheduler.submit(intent)));
    // One that came so late that the answer was there already says the same.
    const accepted = answers.filter(({ kind }) => kind !== "unclear");
    expect(accepted).toEqual(accepted.map(() => ({ kind: "accepted", id: "12" })));
    expect(accepted.length).toBeGreaterThan(0);
    expect(readFileSync(join(cluster.folder, "bin", "sbatch.ledger"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  test("is taken back where sbatch's answer could not be kept, since nothing was submitted", async () => {
    const cluster = openCluster();
    const intent = cluster.intent("k1");
    mkdirSync(jobFile(cluster, "k1", "sbatch.out"), { recursive: true });
    expect(await cluster.scheduler.submit(intent)).toEqual({ kind: "postponed", reason: `could not write into ${jobFile(cluster, "k1", "")}`.replace(/\/$/u, "") });
    expect(existsSync(jobFile(cluster, "k1", "spawned"))).toBe(false);
    expect(cluster.calls("sbatch")).toEqual([]);
    rmSync(jobFile(cluster, "k1", "sbatch.out"), { recursive: true });
    expect(await cluster.scheduler.submit(intent)).toEqual({ kind: "accepted", id: "12" });
  });
});

describe("a submission that outlives who began it", () => {
  const folder = mkdtempSync(join(tmpdir(), "nightshift-submitter-"));
  const submitter = join(folder, "submitter.mjs");
  buildSync({ entryPoints: ["test/schedulers/slurm/submitter.ts"], outfile: submitter, bundle: true, platform: "node", format: "esm", target: "node20", banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" } });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("is waited for by the next one, and its answer is found in the folder", async () => {
    const cluster = openCluster();
    const go = join(cluster.folder, "go");
    cluster.does("sbatch", `touch "$0.begun"; while [ ! -e ${go} ]; do sleep 0.02; done; echo 12`);
    const intent = cluster.intent("outlive");
    const program = spawn(process.execPath, [submitter, cluster.experiment, intent.script], { env: cluster.environment, stdio: "ignore" });
    await eventually(() => existsSync(join(cluster.folder, "bin", "sbatch.begun")), "sbatch");
    const { pid } = parseMark(readFileSync(jobFile(cluster, "outlive", "spawned"), "utf8")) ?? {};
    program.kill("SIGKILL");
    await once(program, "exit");
    const again = cluster.schedulerWith();
    expect(await again.submit(intent)).toEqual({ kind: "unclear", reason: `nobody noted what the scheduler answered; sbatch is still at work (process ${pid} on ${hostname()})` });
    writeFileSync(go, "");
    await eventually(() => identityOf(pid ?? 0) === undefined, "the end of sbatch");
    expect(await again.submit(intent)).toEqual({ kind: "accepted", id: "12" });
    expect(cluster.calls("sbatch")).toHaveLength(1);
    expect([...(again.calls ?? [])]).toEqual([]);
  });

  test("and hangs is killed by the next one after the time that sbatch may take", async () => {
    const cluster = openCluster({ submitTimeoutMs: 180_000 });
    cluster.does("sbatch", 'touch "$0.begun"; exec sleep 600');
    const intent = cluster.intent("outlive");
    const program = spawn(process.execPath, [submitter, cluster.experiment, intent.script], { env: cluster.environment, stdio: "ignore" });
    await eventually(() => existsSync(join(cluster.folder, "bin", "sbatch.begun")), "sbatch");
    const { pid = 0 } = parseMark(readFileSync(jobFile(cluster, "outlive", "spawned"), "utf8")) ?? {};
    program.kill("SIGKILL");
    await once(program, "exit");
    for (const waitMs of [0, 179_999]) {
      cluster.pass(waitMs);
      expect(await cluster.scheduler.submit(intent)).toMatchObject({ kind: "unclear", reason: expect.stringContaining("sbatch is still at work") as string });
      expect(identityOf(pid)).toBeDefined();
    }
    cluster.pass(1);
    await cluster.scheduler.submit(intent);
    await eventually(() => identityOf(pid) === undefined, "the end of sbatch");
    expect(await cluster.scheduler.submit(intent)).toMatchObject({ kind: "unclear", reason: expect.stringContaining("asks again at") as string });
  });
});

describe("the room for one more job", () => {
  test("ends at --max-submit, counting all jobs of the user that are not over, tasks of arrays each, and those submitted since", async () => {
    const cluster = openCluster({ maxSubmit: 5 });
    cluster.says("squeue", { stdout: squeueRow({ id: "1" }) + squeueRow({ id: "2", task: "0", state: "PENDING" }) + squeueRow({ id: "2", task: "1", state: "PENDING" }) + squeueRow({ id: "3", state: "COMPLETED" }) });
    cluster.says("sbatch", { stdout: "12\n" });
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toMatchObject({ kind: "accepted" });
    cluster.says("sbatch", { code: 1, stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n" });
    expect(await cluster.scheduler.submit(cluster.intent("k2"))).toMatchObject({ kind: "unclear" });
    const full = { kind: "postponed", isForAll: true, reason: "5 jobs of yours are in the queue, as many as --max-submit allows" };
    expect(await cluster.scheduler.submit(cluster.intent("k3"))).toEqual(full);
    expect(await cluster.scheduler.submit(cluster.intent("k3"))).toEqual(full);
    expect(cluster.calls("squeue")).toHaveLength(1);
    expect(cluster.calls("sbatch")).toHaveLength(2);
    expect(existsSync(jobFile(cluster, "k3", "spawned"))).toBe(false);
    cluster.pass(60_001);
    cluster.says("squeue", { stdout: Array.from({ length: 7 }, (_, index) => squeueRow({ id: String(index + 1) })).join("") });
    expect(await cluster.scheduler.submit(cluster.intent("k3"))).toMatchObject({ reason: "7 jobs of yours are in the queue, more than --max-submit allows (5)" });
    cluster.pass(60_001);
    cluster.says("squeue", { stdout: squeueRow({ id: "12" }) });
    cluster.says("sbatch", { stdout: "14\n" });
    expect(await cluster.scheduler.submit(cluster.intent("k3"))).toEqual({ kind: "accepted", id: "14" });
  });

  test("is unknown while the queue does not answer, so nothing is submitted", async () => {
    const cluster = openCluster();
    cluster.says("squeue", { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n" });
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toEqual({
      kind: "postponed", isForAll: true, reason: "the queue does not answer, so nobody can say how many jobs are in it (squeue: Unable to contact slurm controller (connect failure))",
    });
    expect(cluster.calls("sbatch")).toEqual([]);
  });

  test("is also on the disk, for trainings", async () => {
    const cluster = openCluster({ minFreeBytes: 2 ** 60 });
    expect(await cluster.scheduler.submit(cluster.intent("k1"))).toEqual({
      kind: "postponed", reason: expect.stringMatching(/^only [\d.]+ [MG]B are free in \/.*\/experiment, and a training needs 1073741824 GB \(--min-free\)$/u) as string,
    });
    expect(await cluster.scheduler.submit(cluster.intent("k2", { kind: "evaluation" }))).toEqual({ kind: "accepted", id: "12" });
  });
});
