import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { type ExpectedJob, isFinal, type JobIntent, type JobSeen, type SubmitAnswer } from "../../src/domain/job.ts";
import { type SlurmOptions, slurmScheduler } from "../../src/schedulers/slurm/slurm.ts";
import { now } from "../../src/system/clock.ts";
import { eventually } from "../support/eventually.ts";
import { type Cluster, openCluster } from "./cluster.ts";

describe("the scheduler that is a real cluster", () => {
  let cluster: Cluster;
  let experiment: string;
  let passedMs = 0;
  const schedulerWith = (options: Partial<SlurmOptions> = {}): ReturnType<typeof slurmScheduler> =>
    slurmScheduler({ maxSubmit: 1000, minFreeBytes: 0, pollMs: 200, environment: cluster.env, monotonicMs: () => performance.now() + passedMs, ...options });
  let scheduler: ReturnType<typeof slurmScheduler>;

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port: 17510 });
    scheduler = schedulerWith();
    experiment = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-real-")));
  });
  afterAll(async () => {
    await cluster.down();
    rmSync(experiment, { recursive: true, force: true });
  });

  const intent = (key: string, text: string): JobIntent => {
    const folder = join(experiment, `run ${key}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "finetune.slurm"), text);
    return { key: `${key}-${process.pid}`, kind: "training", experimentFolder: experiment, script: join(folder, "finetune.slurm"), submitFolder: folder };
  };
  const expected = ({ key }: JobIntent, id: string): ExpectedJob => ({ key, id, intendedAt: now() });
  const query = async (jobs: readonly ExpectedJob[] = [], from = scheduler): Promise<Extract<Awaited<ReturnType<typeof scheduler.query>>, { kind: "available" }>> => {
    const snapshot = await from.query(jobs);
    if (snapshot.kind === "unavailable") throw new Error(snapshot.reason);
    return snapshot;
  };
  const seen = async (choose: (job: JobSeen) => boolean): Promise<JobSeen | undefined> => (await query()).jobs.find(choose);
  const ended = async (id: string): Promise<JobSeen> => {
    await eventually(async () => isFinal((await seen((job) => job.id === id))?.state ?? ""), `the end of job ${id}`, 60_000);
    return await seen((job) => job.id === id) as JobSeen;
  };

  test("runs a job with its name, comment and output as the user wrote them, and shows it by its key", async () => {
    const one = intent("one", "#!/bin/bash\n#SBATCH --job-name=\"rank|8 $(x)\" --comment=mine\n#SBATCH --output=logs/%x-%j.out\necho \"$SLURM_JOB_NAME\"\nexit 3\n");
    const id = idOf(await scheduler.submit(one));
    const { output = "", ...job } = await ended(id);
    expect(job).toMatchObject({ id, key: one.key, state: "FAILED", reason: "NonZeroExitCode", workFolder: one.submitFolder, script: join(experiment, ".nightshift", "jobs", one.key, "finetune.slurm") });
    expect(readFileSync(output, "utf8")).toContain("rank|8");
    expect(await scheduler.submit(one)).toEqual({ kind: "accepted", id });
    expect((await scheduler.readRecords(experiment)).get(one.key)).toMatchObject({ claimedBy: id, exitCode: 3, ids: [id] });
  });

  test("is searched for a key whose answer was lost: in the queue, then in accounting", async () => {
    const two = intent("two", "#!/usr/bin/env python3\nprint('no claim')\n");
    const id = idOf(await scheduler.submit(two));
    const forget = (): void => {
      for (const name of ["answer.json", "sbatch.out"]) rmSync(join(experiment, ".nightshift", "jobs", two.key, name), { force: true });
    };
    forget();
    expect(await scheduler.submit(two)).toMatchObject({ kind: "unclear", reason: expect.stringContaining("asks again at") as string });
    passedMs += 400_000;
    expect(await scheduler.submit(two)).toEqual({ kind: "accepted", id });
    await ended(id);
    const blind = schedulerWith({ environment: hidingEndedJobs() });
    forget();
    expect(await blind.submit(two)).toMatchObject({ kind: "unclear" });
    // The quiet time is only pretended here, and accounting needs some seconds of it.
    await eventually(async () => (await query([expected(two, id)], blind)).missing.length === 0, "the job in accounting");
    passedMs += 400_000;
    expect(await blind.submit(two)).toEqual({ kind: "accepted", id });
    expect(Object.fromEntries(blind.calls ?? [])).not.toHaveProperty("sbatch");
  });

  test("says how a job ended that the queue does not show any more, and nothing of one that never was", async () => {
    const three = intent("three", "#!/bin/sh\nkill -SEGV $$\n");
    const never = { key: "never", id: "4000000", intendedAt: now() };
    const id = idOf(await scheduler.submit(three));
    await ended(id);
    const blind = schedulerWith({ environment: hidingEndedJobs() });
    let jobs: readonly JobSeen[] = [];
    await eventually(async () => {
      const snapshot = await query([expected(three, id), never, { ...never, key: `job-${id}`, id }], blind);
      expect(snapshot.missing).toContainEqual({ key: "never", reason: "accounting does not know job 4000000", isUnknown: true });
      ({ jobs } = snapshot);
      return jobs.some(({ key }) => key === three.key);
    }, "the job in accounting");
    expect(jobs.find(({ key }) => key === three.key)).toMatchObject({ id, state: "FAILED", signal: 11, node: expect.any(String) as string, workFolder: three.submitFolder });
    // Under the key of somebody else's job it is not taken for one: it is ours.
    expect(jobs.filter((job) => job.id === id)).toHaveLength(1);
  });

  test("cancels a job, and no other", async () => {
    const four = intent("four", "#!/bin/sh\nsleep 300\n");
    const id = idOf(await scheduler.submit(four));
    await scheduler.cancel({ ...four, key: "another", id, by: "the test" });
    await scheduler.cancel({ ...four, key: `job-${id}`, id, by: "the test" });
    expect(scheduler.calls?.get("scancel")).toBeUndefined();
    await scheduler.cancel({ ...four, id, by: "the test" });
    expect(await ended(id)).toMatchObject({ state: "CANCELLED" });
  });

  test.each([
    ["--partition=nope", { kind: "refused", reason: "invalid partition specified: nope; Invalid partition name specified" }],
    ["--time=banana", { kind: "refused", reason: "Invalid --time specification" }],
    ["--qos=nope", { kind: "refused", reason: "Invalid qos specification" }],
    ["--nosuch", { kind: "refused", reason: "unrecognized option '--nosuch'" }],
    ["--array=5-1", { kind: "refused", reason: "Invalid job array specification" }],
  ])("refuses %s in sbatch's own words", async (option, answer) => {
    expect(await scheduler.submit(intent(`refused${option}`, `#!/bin/sh\n#SBATCH ${option}\n`))).toEqual(answer);
  });

  test("shows an array as one job", async () => {
    const five = intent("five", "#!/bin/sh\n#SBATCH --array=0-2\nexit $SLURM_ARRAY_TASK_ID\n");
    const id = idOf(await scheduler.submit(five));
    expect(await ended(id)).toMatchObject({ id, key: five.key, state: "FAILED" });
    expect((await query()).jobs.filter((job) => job.id === id)).toHaveLength(1);
  });

  test("shows a job that somebody submitted by hand, through a link, with its real script and folder", async () => {
    const { script, submitFolder } = intent("by hand", "#!/bin/sh\nsleep 1\n");
    const link = join(experiment, "link");
    symlinkSync(submitFolder, link);
    const id = execFileSync("sbatch", ["--parsable", "finetune.slurm", "an argument"], { cwd: link, env: { ...cluster.env, PWD: link }, encoding: "utf8" }).trim();
    const job = await seen((one) => one.id === id);
    expect(job).toMatchObject({ id, script, workFolder: submitFolder });
    expect(job).not.toHaveProperty("key");
    await scheduler.cancel({ ...intent("by hand", ""), key: `job-${id}`, id, by: "the test" });
    await ended(id);
  });

  // squeue as it is when the controller has forgotten what is over.
  function hidingEndedJobs(): NodeJS.ProcessEnv {
    const bin = join(experiment, "bin");
    mkdirSync(bin, { recursive: true });
    const real = execFileSync("/bin/sh", ["-c", "command -v squeue"], { env: cluster.env, encoding: "utf8" }).trim();
    writeFileSync(join(bin, "squeue"), `#!/bin/sh\n[ "$4" = all ] || exit 9\nshift 4\nexec ${real} -h -r -t PENDING,RUNNING,COMPLETING "$@"\n`);
    chmodSync(join(bin, "squeue"), 0o755);
    return { ...cluster.env, PATH: `${bin}:${cluster.env["PATH"]}` };
  }
});

function idOf(answer: SubmitAnswer): string {
  if (answer.kind !== "accepted") throw new Error(JSON.stringify(answer));
  return answer.id;
}
