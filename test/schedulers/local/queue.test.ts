import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import type { JobSeen } from "../../../src/domain/job.ts";
import { eventually } from "../../support/eventually.ts";
import { buildRunner, bundle, idOf, type Laboratory, openLaboratory } from "./laboratory.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const runner = buildRunner();
const submitter = bundle("test/schedulers/local/submitter.ts");

/** A script that notes when it starts and ends, and waits for a file `go` in between. */
const waiting = (options = ""): string => `#!/bin/sh
${options}
echo "start $SLURM_JOB_ID [$CUDA_VISIBLE_DEVICES]" >> ledger
while [ ! -e go ]; do sleep 0.05; done
echo "end $SLURM_JOB_ID [$CUDA_VISIBLE_DEVICES]" >> ledger
`;

describe.concurrent("the queue", () => {
  test("never runs more jobs at once than it may, and drains in the order of submission", async () => {
    const lab = openLaboratory(runner, { maxJobs: 2 });
    const ids: string[] = [];
    for (const key of ["a", "b", "c", "d"]) ids.push(await lab.submit(key, waiting()));
    await eventually(() => readLedger(lab).length === 2, "two working jobs");
    expect(await jobs(lab)).toMatchObject([
      { id: ids[0], state: "RUNNING" }, { id: ids[1], state: "RUNNING" },
      { id: ids[2], state: "PENDING", reason: "Resources" }, { id: ids[3], state: "PENDING", reason: "Priority" },
    ]);
    release(lab);
    for (const id of ids) expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
    const ledger = readLedger(lab);
    expect(mostAtOnce(ledger)).toBe(2);
    expect(new Set(ledger.filter((line) => line.startsWith("start")))).toEqual(new Set(ids.map((id) => `start ${id} []`)));
  });

  test("gives each GPU to one running job only, and the next one when it is free", async () => {
    const lab = openLaboratory(runner, { gpus: ["0", "GPU-5a"], maxJobs: 4 });
    const ids = [
      await lab.submit("one", waiting("#SBATCH --gres=gpu:1")),
      await lab.submit("two", waiting("#SBATCH --gpus=1")),
      await lab.submit("both", waiting("#SBATCH --gres=gpu:a100:2")),
      await lab.submit("none", waiting()),
      await lab.submit("late", waiting("#SBATCH -G 1")),
    ];
    await eventually(() => readLedger(lab).length === 3, "three working jobs");
    expect(await states(lab)).toEqual(["RUNNING", "RUNNING", "PENDING", "RUNNING", "PENDING"]);
    release(lab);
    for (const id of ids) expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
    const ledger = readLedger(lab);
    expect(ledger).toContain(`start ${ids[2]} [0,GPU-5a]`);
    expect(ledger).toContain(`start ${ids[3]} []`);
    expect(sharedGpus(ledger)).toEqual([]);
  });

  test("runs a job without the GPUs it asks for where there is none, and says so; asking for more than there are is refused", async () => {
    const lab = openLaboratory(runner);
    const id = await lab.submit("k1", waiting("#SBATCH --gres=gpu:1"));
    await eventually(async () => (await lab.seen(id))?.state === "RUNNING", "a running job");
    expect(await lab.seen(id)).toMatchObject({ reason: "asked for 1 GPU; this machine has none, so it runs without" });
    release(lab);
    await lab.ended(id);
    const two = lab.schedulerWith({ gpus: ["0", "1"] });
    expect(await two.submit(lab.intent("k2", waiting("#SBATCH --gres=gpu:4")))).toEqual({ kind: "refused", reason: "asks for 4 GPUs, this machine has 2" });
  });

  test("answers a second submission of the same key with the first one's job", async () => {
    const lab = openLaboratory(runner);
    const first = await lab.submit("same", waiting());
    expect(await lab.submit("same", waiting())).toBe(first);
    // As after a crash that left neither the answer nor the mark: the spool knows the key.
    const again = lab.schedulerWith();
    release(lab);
    await lab.ended(first);
    expect(idOf(await again.submit(lab.intent("same", waiting())))).toBe(first);
    expect(readLedger(lab)).toHaveLength(2);
  });

  test("passes over an id whose output is there from another day", async () => {
    const lab = openLaboratory(runner);
    writeFileSync(join(lab.experiment, "slurm-1.out"), "of another day\n");
    writeFileSync(join(lab.experiment, "slurm-2.out"), "of another day\n");
    const id = await lab.submit("k1", "#!/bin/sh\necho mine\n");
    expect(id).toBe("3");
    await lab.ended(id);
    expect(readFileSync(join(lab.experiment, "slurm-1.out"), "utf8")).toBe("of another day\n");
  });

  test("cancels a waiting job at once and a running one with its children, and shrugs at strangers", async () => {
    const lab = openLaboratory(runner, { maxJobs: 1 });
    const running = await lab.submit("a", waiting());
    await lab.text("ledger");
    const pending = await lab.submit("b", waiting());
    for (const id of [pending, running, "999", "no-id"]) await lab.cancel(id);
    expect(await lab.seen(pending)).toMatchObject({ state: "CANCELLED", reason: "cancelled" });
    expect(await lab.ended(running)).toMatchObject({ state: "CANCELLED", signal: 15 });
    expect(readLedger(lab)).toEqual([`start ${running} []`]);
  });

  test("takes back what was not submitted, cancels what was though its id is not known, and never submits it again", async () => {
    const lab = openLaboratory(runner, { maxJobs: 1 });
    const by = "ada on login1";
    const never = lab.intent("never", waiting());
    expect(await lab.scheduler.cancel({ ...never, by })).toEqual({ kind: "withdrawn", by });
    expect(await lab.scheduler.submit(never)).toEqual({ kind: "withdrawn", by });
    const id = await lab.submit("once", waiting());
    expect(await lab.scheduler.cancel({ ...lab.intent("once", waiting()), by })).toEqual({ kind: "accepted", id });
    expect(await lab.ended(id)).toMatchObject({ state: "CANCELLED" });
    expect(await jobs(lab)).toHaveLength(1);
  });

  test("says which expected job it does not have; one without an id is expected by nobody yet", async () => {
    const lab = openLaboratory(runner);
    const id = await lab.submit("k1", "#!/bin/sh\n");
    await lab.ended(id);
    const intendedAt = "2026-11-21T13:15:00+01:00";
    const snapshot = await lab.scheduler.query([{ key: "k1", id, intendedAt }, { key: "k2", id: "17", intendedAt }, { key: "k3", intendedAt }]);
    expect(snapshot).toMatchObject({ kind: "available", missing: [{ key: "k2", reason: "this machine's spool has no job 17 any more" }] });
  });

  test("goes on when the submitting program is killed, and is found again by the next one", async () => {
    const lab = openLaboratory(runner);
    const { script } = lab.intent("outlive", waiting());
    const program = spawn(process.execPath, [submitter, join(lab.folder, "state"), runner, lab.experiment, script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(program.stdout, "data") as [Buffer];
    program.kill("SIGKILL");
    await once(program, "exit");
    const { id } = JSON.parse(line.toString()) as { id: string };
    await lab.text("ledger");
    expect(await jobs(lab)).toMatchObject([{ id, key: "outlive", state: "RUNNING" }]);
    release(lab);
    expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
    expect(readLedger(lab)).toHaveLength(2);
  });

  test("knows of no jobs, and leaves no trace, before the first submission", async () => {
    const lab = openLaboratory(runner);
    expect(await lab.scheduler.query([])).toMatchObject({ kind: "available", jobs: [] });
    expect(await lab.scheduler.readRecords(lab.experiment)).toEqual(new Map());
    expect(existsSync(lab.spool)).toBe(false);
  });
});

async function jobs(lab: Laboratory): Promise<readonly JobSeen[]> {
  const snapshot = await lab.scheduler.query([]);
  return snapshot.kind === "available" ? snapshot.jobs : [];
}

async function states(lab: Laboratory): Promise<readonly string[]> {
  return (await jobs(lab)).map(({ state }) => state);
}

function release(lab: Laboratory): void {
  writeFileSync(join(lab.experiment, "go"), "");
}

function readLedger(lab: Laboratory): readonly string[] {
  const file = join(lab.experiment, "ledger");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

function mostAtOnce(ledger: readonly string[]): number {
  let now = 0;
  return Math.max(...ledger.map((line) => (now += line.startsWith("start") ? 1 : -1)));
}

/** The lines at which a job got a GPU that another one still had. */
function sharedGpus(ledger: readonly string[]): readonly string[] {
  const held = new Set<string>();
  return ledger.filter((line) => {
    const gpus = /\[(?<gpus>.*)\]/u.exec(line)?.groups?.["gpus"]?.split(",").filter((gpu) => gpu !== "") ?? [];
    const isShared = line.startsWith("start") && gpus.some((gpu) => held.has(gpu));
    for (const gpu of gpus) if (line.startsWith("start")) held.add(gpu);
    else held.delete(gpu);
    return isShared;
  });
}
