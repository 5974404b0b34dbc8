import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openField } from "./field.ts";
import { isChange, watchIdleDaemon } from "./idle-daemon.ts";
import { hasStrace } from "./kill-point.ts";
import { planUndisturbedRound } from "./plan.ts";
import { playRound } from "./round.ts";

if (!hasStrace) process.stderr.write("SKIPPED: strace is not here, so nobody watches what an idle daemon does.\n");

// The minute takes a minute: TORTURE=all.
const least = process.env["TORTURE"] === "all" ? { polls: 100, seconds: 60 } : { polls: 20, seconds: 0 };
const program = join(import.meta.dirname, "../../dist/nightshift.js");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-idle-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(!hasStrace)("a daemon over a finished experiment", () => {
  test("changes nothing in it, at the shortest poll", { timeout: 180_000 }, async () => {
    const field = await openField("local", folder, 0);
    const { stage, complaints } = await playRound({ ...planUndisturbedRound("run"), epochs: 2 }, { field, program, base: folder });
    expect(complaints).toEqual([]);

    const { changes, changesAtStart, polls, seconds, cpuSeconds, gitStatus } = await watchIdleDaemon(program, stage, least);

    expect(changes).toEqual([]);
    expect(gitStatus).toBe("");
    expect(changesAtStart).toBeGreaterThan(0);
    expect(polls).toBeGreaterThanOrEqual(least.polls);
    if (process.env["TORTURE"] === "all") {
      process.stdout.write(`idle for ${seconds.toFixed(1)} s: ${polls} polls, ${changes.length} changes, ${cpuSeconds.toFixed(2)} s of CPU under strace\n`);
    }
  });
});

describe("a line of strace", () => {
  test.each([
    ['7 openat(AT_FDCWD</tmp>, "/e/eval_jobs.json", O_RDONLY|O_CLOEXEC) = 19</e/eval_jobs.json>', false],
    ['7 openat(AT_FDCWD</tmp>, "/e", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 19</e>', false],
    ['7 openat(AT_FDCWD</tmp>, "/e/summary.md", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 19</e/summary.md>', true],
    ['7 openat(AT_FDCWD</tmp>, "/e/run-experiment.log", O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0666 <unfinished ...>', true],
    ['7 open("/e/summary.md", O_RDWR) = 19</e/summary.md>', true],
    ['7 rename("/e/.nightshift-7-1.tmp", "/e/summary.md") = 0', true],
    ['7 unlinkat(AT_FDCWD</tmp>, "/e/x", 0) = 0', true],
    ['7 mkdir("/e/logs", 0777) = -1 EEXIST (File exists)', true],
    ['7 utimensat(19</e/x>, NULL, NULL, 0) = 0', true],
    ['7 write(19</e/run-experiment.log>, ""..., 12) = 12', true],
    ["12 +++ exited with 0 +++", false],
  ])("%s: %s", (line, changes) => {
    expect(isChange(line)).toBe(changes);
  });
});
