import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import type { Taken } from "../../../src/schedulers/local/stored.ts";
import { identityOf, isAlive } from "../../../src/system/process-identity.ts";
import { eventually } from "../../support/eventually.ts";
import { buildRunner, type Laboratory, openLaboratory } from "./laboratory.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const runner = buildRunner();

/** Runs until a file `go` is there, then ends with code 7; its pid is in `pid`. */
const waiting = (options = ""): string => `#!/bin/sh\n${options}\necho $$ > pid\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 7\n`;

describe.concurrent("a runner that is killed with SIGKILL", () => {
  test("leaves a running job, which its own exit record ends", async () => {
    const { lab, id } = await withOrphan();
    expect(await lab.seen(id)).toMatchObject({ state: "RUNNING", reason: "its runner was killed; the script goes on" });
    writeFileSync(join(lab.experiment, "go"), "");
    expect(await lab.ended(id)).toMatchObject({ state: "FAILED", exitCode: 7 });
  });

  test("makes it NODE_FAIL where the script died without a word", async () => {
    const { lab, id, script } = await withOrphan();
    process.kill(-script, "SIGKILL");
    expect(await lab.ended(id)).toMatchObject({ state: "NODE_FAIL", reason: "its runner was killed" });
  });

  test("does not keep the job from being cancelled", async () => {
    const { lab, id } = await withOrphan();
    await lab.cancel(id);
    expect(await lab.ended(id)).toMatchObject({ state: "CANCELLED" });
  });

  test("does not give the job more time than its limit", async () => {
    const { lab, id } = await withOrphan("#SBATCH --time=0:04");
    expect(await lab.ended(id)).toMatchObject({ state: "TIMEOUT" });
  });

  test("frees its place: the next query has the waiting jobs run", async () => {
    const { lab, id, script } = await withOrphan();
    const next = await lab.submit("next", "#!/bin/sh\necho next\n");
    expect(await lab.seen(next)).toMatchObject({ state: "PENDING", reason: "Resources" });
    process.kill(-script, "SIGKILL");
    expect(await lab.ended(id)).toMatchObject({ state: "NODE_FAIL" });
    expect(await lab.ended(next)).toMatchObject({ state: "COMPLETED" });
  });
});

describe.concurrent("records that outlive their processes", () => {
  test("a reboot makes running jobs NODE_FAIL, though their process numbers are in use again", async () => {
    const { lab, id, script } = await withOrphan();
    changeTaken(lab, id, (taken) => ({ ...taken, runner: { ...taken.runner, pid: process.pid, bootId: "the boot before" } }));
    expect(await lab.seen(id)).toMatchObject({ state: "NODE_FAIL", reason: "the machine was restarted" });
    process.kill(-script, "SIGKILL");
  });

  test("a number that was given to another process is not taken for the job", async () => {
    const { lab, id, script } = await withOrphan();
    process.kill(-script, "SIGKILL");
    await eventually(() => identityOf(script) === undefined, "the end of the script");
    changeTaken(lab, id, (taken) => ({ ...taken, runner: { ...taken.runner, pid: process.pid } }));
    const note = lab.recordOf(id, "process");
    writeFileSync(note, readFileSync(note, "utf8").replace(/^\d+/u, String(process.pid)));
    expect(await lab.seen(id)).toMatchObject({ state: "NODE_FAIL" });
  });

  test("a job whose runner died before it started can no longer start once it was declared lost", async () => {
    const lab = openLaboratory(idleRunner());
    const id = await lab.submit("k1", "#!/bin/sh\n");
    const runnerThatDied = { host: identityOf(process.pid)?.host ?? "", pid: 2 ** 22 + 1, startTicks: "1", bootId: identityOf(process.pid)?.bootId ?? "" };
    writeFileSync(lab.recordOf(id, "taken.json"), JSON.stringify({ runner: runnerThatDied, at: "2026-11-21T13:15:00.000+01:00", gpus: [] } satisfies Taken));
    expect(await lab.seen(id)).toMatchObject({ state: "NODE_FAIL", reason: "its runner was killed" });
    expect(readFileSync(lab.recordOf(id, "process"), "utf8")).toBe("never started\n");
  });

  test("waiting jobs that no runner will take are taken up by the next query, as after a reboot", async () => {
    const lab = openLaboratory(idleRunner());
    const id = await lab.submit("k1", "#!/bin/sh\necho at last\n");
    expect(await lab.seen(id)).toMatchObject({ state: "PENDING" });
    await lab.schedulerWith({ runnerPath: runner }).query([]);
    expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
  });

  test("a job record that cannot be understood makes the queue unavailable and is named; nothing is called absent", async () => {
    const lab = openLaboratory(idleRunner());
    const id = await lab.submit("k1", "#!/bin/sh\n");
    const file = lab.recordOf(id, "job.json");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 20));
    expect(await lab.scheduler.query([])).toMatchObject({ kind: "unavailable", reason: `cannot be understood: ${file}` });
    expect(await lab.scheduler.submit(lab.intent("k2", "#!/bin/sh\n"))).toMatchObject({ kind: "unclear" });
    writeFileSync(file, whole);
  });

  test("without the runner's program nothing is submitted, and the reason says what is missing", async () => {
    const lab = openLaboratory("/no/such/local-runner.js");
    const intent = lab.intent("k1", "#!/bin/sh\n");
    expect(await lab.scheduler.submit(intent)).toEqual({ kind: "postponed", reason: "the program that runs jobs is missing: /no/such/local-runner.js" });
    const whole = lab.schedulerWith({ runnerPath: runner });
    expect(await whole.submit(intent)).toEqual({ kind: "accepted", id: "1" });
    expect(await lab.ended("1")).toMatchObject({ state: "COMPLETED" });
  });
});

/** A job whose runner was killed while the script goes on. */
async function withOrphan(options?: string): Promise<{ lab: Laboratory; id: string; script: number }> {
  const lab = openLaboratory(runner, { maxJobs: 1 });
  const id = await lab.submit("k1", waiting(options));
  const script = Number(await lab.text("pid"));
  const taken = JSON.parse(readFileSync(lab.recordOf(id, "taken.json"), "utf8")) as Taken;
  process.kill(taken.runner.pid, "SIGKILL");
  await eventually(() => !isAlive(taken.runner), "the end of the runner");
  return { lab, id, script };
}

function changeTaken(lab: Laboratory, id: string, change: (taken: Taken) => Taken): void {
  const file = lab.recordOf(id, "taken.json");
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")) as Taken)));
}

/** A runner's program that takes no job. */
function idleRunner(): string {
  return "/dev/null";
}
