import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";
import { buildScriptCopy, renderInsertedLines } from "../../src/schedulers/inserted-lines.ts";
import { readRecord } from "../../src/schedulers/job-records.ts";

const shells = ["/bin/sh", "/bin/bash", "/bin/dash"].filter((shell) => existsSync(shell));

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nightshift-lines-"));
  folder = join(root, "it's \"k 1\" $(date)\n`x`");
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe.each(shells)("the inserted lines in %s", (shell) => {
  test("let the first job work, and end a second one before the user's first line", () => {
    expect(run(shell, "echo work\nexit 3", "12")).toEqual({ code: 3, output: "work\n" });
    expect(run(shell, "echo work\nexit 3", "13")).toEqual({
      code: 0, output: "nightshift: job 13 is a duplicate of job 12, which has this work in hand; nothing was done here.\n",
    });
    expect(readRecord(folder)).toMatchObject({ ids: ["12", "13"], claimedBy: "12", exitCode: 3 });
  });

  test("let a requeued job work again, and keep both attempts' records", () => {
    run(shell, "exit 3", "12");
    expect(run(shell, "echo again", "12")).toEqual({ code: 0, output: "again\n" });
    expect(lines("start.12")).toHaveLength(2);
    expect(lines("exit.12").map((line) => line.slice(0, 2))).toEqual(["3 ", "0 "]);
    expect(readRecord(folder)).toMatchObject({ claimedBy: "12", exitCode: 0 });
  });

  test("let all tasks of an array work under one claim", () => {
    for (const task of ["0", "1"]) {
      expect(run(shell, "echo task", `2${task}`, { SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: task })).toEqual({ code: 0, output: "task\n" });
    }
    expect(readdirSync(folder).toSorted()).toEqual(["claim", "claim.12_0", "claim.12_1", "exit.12_0", "exit.12_1", "start.12_0", "start.12_1"]);
    expect(run(shell, "echo task", "30", { SLURM_ARRAY_JOB_ID: "30", SLURM_ARRAY_TASK_ID: "0" }).output).toContain("duplicate of job 12");
  });

  test.each([
    ["an empty claim", ""], ["a claim of other bytes", "\u0000\u0007"], ["a claim that is no number", "torn cla\n"],
  ])("let the job work in spite of %s", (_name, claim) => {
    writeFileSync(join(folder, "claim"), claim);
    expect(run(shell, "echo work", "12")).toEqual({ code: 0, output: "work\n" });
  });

  test("let the job work, and say nothing, where the folder is gone, cannot be written, or no scheduler runs it", () => {
    const outside = { code: 0, output: "work\n" };
    expect(run(shell, "echo work", undefined)).toEqual(outside);
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, "claim.12"));
    mkdirSync(join(folder, "claim"));
    mkdirSync(join(folder, "start.12"));
    mkdirSync(join(folder, "exit.12"));
    expect(run(shell, "echo work", "12")).toEqual(outside);
    rmSync(folder, { recursive: true });
    expect(run(shell, "echo work", "12")).toEqual(outside);
  });

  test.each([
    ["set -eu", "set -eu\necho work\nfalse\necho no", { code: 1, output: "work\n" }, 1],
    ["an own EXIT trap, which replaces ours", "trap 'echo mine' EXIT\nexit 4", { code: 4, output: "mine\n" }, undefined],
    ["exec at the end, which leaves no trap", "exec sh -c 'exit 5'", { code: 5, output: "" }, undefined],
    ["subshells, which do not run our trap", "(exit 5)\nx=$(exit 6)\n{ exit 7; } & wait $!\nexit 0", { code: 0, output: "" }, 0],
    ["a PATH without date and uname", "PATH=/nowhere\nexit 6", { code: 6, output: "" }, 6],
    ["a here-document", "cat <<'EOF'\n#SBATCH --time=1\nEOF", { code: 0, output: "#SBATCH --time=1\n" }, 0],
  ])("change nothing for a script with %s", (_name, body, expected, exitCode) => {
    expect(run(shell, body, "12")).toEqual(expected);
    expect(run(shell, body, undefined)).toEqual(expected);
    expect(readRecord(folder).exitCode).toBe(exitCode);
  });

  test.each(["-e", "-u", "-eu", "-C"])("hold where the #! line says %s", (options) => {
    expect(run(shell, "echo work", "12", {}, [options])).toEqual({ code: 0, output: "work\n" });
    expect(run(shell, "echo work", "12", {}, [options])).toEqual({ code: 0, output: "work\n" });
    expect(run(shell, "echo work", "13", {}, [options]).output).toContain("duplicate of job 12");
    expect(readRecord(folder)).toMatchObject({ claimedBy: "12", exitCode: 0 });
  });
});

describe("the copy of a script", () => {
  const copy = (text: string): string => Buffer.from(buildScriptCopy(Buffer.from(text), parseSbatchScript(text), "/exp/.nightshift/jobs/k")).toString();
  const inserted = renderInsertedLines("/exp/.nightshift/jobs/k");

  test("has the lines after its last directive, and is otherwise the same", () => {
    expect(copy("#!/bin/bash\n#SBATCH -J x\n# note\n#SBATCH -t 1\n\n# work\necho\n")).toBe(`#!/bin/bash\n#SBATCH -J x\n# note\n#SBATCH -t 1\n${inserted}\n# work\necho\n`);
    expect(inserted.split("\n").length).toBeLessThan(20);
    expect(inserted).toContain("nightshift_dir='/exp/.nightshift/jobs/k'\n");
  });

  test.each([
    ["no directives: after the #! line", "#!/bin/sh\necho\n", `#!/bin/sh\n${inserted}echo\n`],
    ["no line break at the end", "#!/bin/sh\n#SBATCH -J x", `#!/bin/sh\n#SBATCH -J x\n${inserted}`],
    ["a directive after the first command, which is none", "#!/bin/sh\necho\n#SBATCH -J x\n", `#!/bin/sh\n${inserted}echo\n#SBATCH -J x\n`],
  ])("with %s", (_name, text, expected) => {
    expect(copy(text)).toBe(expected);
  });

  test.each([
    ["python", "#!/usr/bin/env python3\n#SBATCH -J x\nprint()\n"], ["csh", "#!/bin/csh\necho\n"],
    ["DOS line breaks, which the scheduler refuses", "#!/bin/sh\r\necho\r\n"], ["no #! line", "echo\n"], ["nothing", ""],
  ])("is the script as it is where it is one of %s", (_name, text) => {
    expect(copy(text)).toBe(text);
  });

  test("keeps bytes that are not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from("#!/bin/sh\n#SBATCH -J x\necho '"), Buffer.from([0xe9, 0xff]), Buffer.from("'\n")]);
    const built = Buffer.from(buildScriptCopy(bytes, parseSbatchScript(bytes.toString()), "/k"));
    expect(built.subarray(-5)).toEqual(bytes.subarray(-5));
    expect(built.length).toBe(bytes.length + Buffer.byteLength(renderInsertedLines("/k")));
  });
});

function run(shell: string, body: string, jobId: string | undefined, variables: Record<string, string> = {}, options: readonly string[] = []): { code: number | null; output: string } {
  const script = join(root, "script");
  const text = `#!${shell}\n${body}\n`;
  writeFileSync(script, buildScriptCopy(Buffer.from(text), parseSbatchScript(text), folder));
  chmodSync(script, 0o755);
  const environment = { PATH: process.env["PATH"] ?? "", ...variables, ...(jobId === undefined ? {} : { SLURM_JOB_ID: jobId }) };
  const { status, stdout, stderr } = spawnSync(shell, [...options, script], { env: environment, encoding: "utf8" });
  return { code: status, output: stdout + stderr };
}

function lines(name: string): readonly string[] {
  return readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
}
