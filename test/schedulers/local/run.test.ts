import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, test, vi } from "vitest";

import { identityOf } from "../../../src/system/process-identity.ts";
import { eventually } from "../../support/eventually.ts";
import { buildRunner, type Laboratory, openLaboratory } from "./laboratory.ts";

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const runner = buildRunner();
let lab: Laboratory;

beforeAll(() => {
  lab = openLaboratory(runner);
});

describe.concurrent("a job that runs to its end", () => {
  test("is COMPLETED, with its output in slurm-ID.out of the folder it was submitted from", async () => {
    const folder = join(lab.experiment, "run", "eval");
    mkdirSync(folder, { recursive: true });
    const id = await lab.submit("k1", "#!/bin/bash\necho out; echo err >&2; pwd; cat\n", { submitFolder: folder });
    const job = await lab.ended(id);
    expect(job).toMatchObject({ id, key: "k1", name: "job.slurm", state: "COMPLETED", exitCode: 0, workFolder: folder, node: hostname() });
    expect(job.script).toBe(join(lab.experiment, ".nightshift", "jobs", "k1", "job.slurm"));
    expect(readFileSync(join(folder, `slurm-${id}.out`), "utf8")).toBe(`out\nerr\n${folder}\n`);
    expect(Date.parse(job.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(job.startedAt ?? ""));
  });

  test("writes where --output and --error say, relative to --chdir, into folders made for it", async () => {
    mkdirSync(join(lab.experiment, "work"));
    const id = await lab.submit("k2", `#!/bin/sh
#SBATCH --job-name=rank8_lr1e-3 # Job name
#SBATCH --chdir=work
#SBATCH -o logs/%x-%4j.out
#SBATCH --error="logs/%x %u.err"
echo out; echo err >&2; echo here > here
`);
    expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED", name: "rank8_lr1e-3" });
    expect(readFileSync(join(lab.experiment, "work", "logs", `rank8_lr1e-3-${id.padStart(4, "0")}.out`), "utf8")).toBe("out\n");
    expect(existsSync(join(lab.experiment, "work", "here"))).toBe(true);
    const error = readFileSync(join(lab.experiment, "work", "logs", `rank8_lr1e-3 ${process.env["USER"] ?? "root"}.err`), "utf8");
    expect(error).toBe("err\n");
  });

  test("appends to an output file that is there already", async () => {
    writeFileSync(join(lab.experiment, "all.out"), "earlier\n");
    const id = await lab.submit("k3", "#!/bin/sh\n#SBATCH --output=all.out\necho later\n");
    await lab.ended(id);
    expect(readFileSync(join(lab.experiment, "all.out"), "utf8")).toBe("earlier\nlater\n");
  });

  test("sees SLURM's variables, and none that nightshift itself inherited from a cluster", async () => {
    const own = openLaboratory(runner, { environment: { ...process.env, SLURM_ARRAY_JOB_ID: "99", SBATCH_OUTPUT: "x", MINE: "kept" } });
    await own.submit("k1", `#!/bin/sh
#SBATCH -J named
#SBATCH --ntasks=2 --cpus-per-task=3
echo "$SLURM_JOB_ID $SLURM_JOBID $SLURM_JOB_NAME $SLURM_SUBMIT_DIR $SLURM_CLUSTER_NAME $SLURM_NTASKS $SLURM_CPUS_PER_TASK $SLURM_CPUS_ON_NODE"
echo "$SLURM_SUBMIT_HOST $SLURM_JOB_NODELIST $SLURMD_NODENAME"
echo "$MINE [$SLURM_ARRAY_JOB_ID] [$SBATCH_OUTPUT] [$CUDA_VISIBLE_DEVICES] $(basename "$0") $PWD"
`);
    await own.ended("1");
    expect(await own.text("slurm-1.out")).toBe(`1 1 named ${own.experiment} local 2 3 6
${hostname()} ${hostname()} ${hostname()}
kept [] [] [] slurm_script ${own.experiment}
`);
  });

  test.each([
    ["an exit code", "exit 3", { state: "FAILED", exitCode: 3 }],
    ["set -eu", "set -eu\nfalse\necho not reached", { state: "FAILED", exitCode: 1 }],
    ["an unset variable under set -u", "set -u\necho $nothing", { state: "FAILED" }],
    ["exec as its last line", "exec sh -c 'exit 4'", { state: "FAILED", exitCode: 4 }],
    ["its own EXIT trap", "trap 'echo mine' EXIT\nexit 5", { state: "FAILED", exitCode: 5 }],
    ["a command that is not there", "no-such-command", { state: "FAILED", exitCode: 127 }],
    ["a signal", "kill -SEGV $$", { state: "FAILED", signal: 11, reason: "killed (signal 11)" }],
    ["SIGKILL, which is what running out of memory looks like", "kill -9 $$", { state: "FAILED", signal: 9, reason: "killed (signal 9), perhaps for memory" }],
  ])("is judged by the script's own end: %s", async (name, body, expected) => {
    const id = await lab.submit(name, `#!/bin/bash\n${body}\n`);
    expect(await lab.ended(id)).toMatchObject(expected);
  });

  test("ends only when nothing of it is left running", async () => {
    const id = await lab.submit("k4", "#!/bin/sh\nsleep 1000 & echo $! > left.pid\n");
    expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
    expect(identityOf(Number(await lab.text("left.pid")))).toBeUndefined();
  });
});

describe.concurrent("scripts and folders of all kinds", () => {
  test("a script for another interpreter runs as it is", async () => {
    const id = await lab.submit("node", `#!${process.execPath}\n//SBATCH nothing\nconsole.log("from node", process.env.SLURM_JOB_ID);\n`);
    expect(await lab.ended(id)).toMatchObject({ state: "COMPLETED" });
    expect(await lab.text(`slurm-${id}.out`)).toBe(`from node ${id}\n`);
    expect((await lab.scheduler.readRecords(lab.experiment)).get("node")).toEqual({ key: "node", ids: [id], spawned: true, answer: { kind: "accepted", id } });
  });

  test("an interpreter may have one argument, even with spaces in it", async () => {
    const id = await lab.submit("env", "#!/usr/bin/env -S bash -e\nfalse\necho not reached\n");
    expect(await lab.ended(id)).toMatchObject({ state: "FAILED", exitCode: 1 });
  });

  test("spaces, quotes, dollars and newlines in folder and script names are only characters", async () => {
    const name = "it's a \"lab\" $(touch evil)\nwith `two` lines";
    const strange = openLaboratory(runner, { folderName: name });
    const id = await strange.submit("k1", "#!/bin/sh\n#SBATCH --output=\"my logs/%j.out\"\necho fine\n", { name: "-x 'y'.sh" });
    expect(await strange.ended(id)).toMatchObject({ state: "COMPLETED", name: "-x 'y'.sh" });
    expect(await strange.text("my logs", `${id}.out`)).toBe("fine\n");
    expect((await strange.scheduler.readRecords(strange.experiment)).get("k1")).toMatchObject({ claimedBy: id, exitCode: 0 });
    expect(existsSync(join(strange.experiment, "evil"))).toBe(false);
  });

  test.each([
    ["a bad interpreter", "#!/no/such/shell\n", { state: "FAILED", exitCode: 2, reason: "bad interpreter: /no/such/shell" }],
    ["a missing folder to run in", "#!/bin/sh\n#SBATCH -D /no/such/folder\n", { state: "FAILED", reason: "the folder to run in is not there: /no/such/folder" }],
    ["an output that is a folder", "#!/bin/sh\n#SBATCH --output=x\n", { state: "FAILED", reason: expect.stringContaining("could not open the output file: EISDIR") as string }],
    ["an output folder that cannot be made", "#!/bin/sh\n#SBATCH --output=/proc/none/%j.out\n", { kind: "postponed", reason: expect.stringContaining("mkdir '/proc/none'") as string }],
  ])("%s stops the job with a reason", async (name, script, expected) => {
    mkdirSync(join(lab.experiment, "x"), { recursive: true });
    const answer = await lab.scheduler.submit(lab.intent(name, script));
    expect(answer.kind === "accepted" ? await lab.ended(answer.id) : answer).toMatchObject(expected);
  });

  test.each([
    ["DOS line breaks", "#!/bin/sh\r\necho\r\n", /DOS line breaks/u],
    ["no first line", "echo\n", /does not look like a batch script/u],
    ["an empty script", "", /empty/u],
    ["a time that is none", "#!/bin/sh\n#SBATCH -t banana\n", /Invalid --time specification: banana/u],
    ["an array", "#!/bin/sh\n#SBATCH --array=0-3\n", /--array needs a SLURM cluster/u],
    ["two nodes", "#!/bin/sh\n#SBATCH -N 2\n", /asks for 2 nodes/u],
  ])("%s is refused, with sbatch's words where sbatch would refuse it", async (name, script, reason) => {
    const answer = await lab.scheduler.submit(lab.intent(name, script));
    expect(answer).toEqual({ kind: "refused", reason: expect.stringMatching(reason) as string });
    const snapshot = await lab.scheduler.query([]);
    expect(snapshot.kind === "available" && snapshot.jobs.some(({ key }) => key === name)).toBe(false);
  });
});

// Limits are long enough for a script to have come as far as its test says, also on a busy machine.
describe.concurrent("the end of a job's time", () => {
  test("a job over its time limit is TIMEOUT, and its children's children die with it", async () => {
    const id = await lab.submit("time", `#!/bin/bash
#SBATCH --time=0:04
bash -c 'sleep 1000 & echo $! > grandchild.pid; wait'
`);
    expect(await lab.ended(id)).toMatchObject({ state: "TIMEOUT", reason: "ran into its time limit of 4 s" });
    expect(identityOf(Number(await lab.text("grandchild.pid")))).toBeUndefined();
    expect(await lab.text(`slurm-${id}.out`)).toMatch(/^slurmstepd: error: \*\*\* JOB \d+ ON \S+ CANCELLED AT \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d DUE TO TIME LIMIT \*\*\*$/mu);
  });

  test("a script that ignores SIGTERM gets SIGKILL after the kill wait", async () => {
    const impatient = openLaboratory(runner, { killWaitMs: 100 });
    const id = await impatient.submit("k1", "#!/bin/bash\n#SBATCH --time=0:04\ntrap '' TERM\nwhile :; do sleep 0.1; done\n");
    expect(await impatient.ended(id)).toMatchObject({ state: "TIMEOUT", signal: 9 });
  });

  test("a TERM trap has its time to write its last words", async () => {
    const id = await lab.submit("trap", "#!/bin/bash\ntrap 'echo saved; exit 0' TERM\necho ready\nwhile :; do sleep 0.05; done\n");
    await eventually(async () => (await lab.text(`slurm-${id}.out`)).includes("ready"));
    await lab.cancel(id);
    expect(await lab.ended(id)).toMatchObject({ state: "CANCELLED", exitCode: 0 });
    expect(await lab.text(`slurm-${id}.out`)).toMatch(/\*\*\* JOB \d+ ON \S+ CANCELLED AT \S+ \*\*\*\n(?:.*\n)*saved\n/u);
  });
});
