import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { hasStrace } from "./kill-point.ts";
import { renderPoint } from "./render-figures.ts";
import { sweep } from "./sweep.ts";

if (!hasStrace) process.stderr.write("SKIPPED: strace is not here, so no daemon is killed. The kill sweep proves nothing on this machine.\n");

// A handful of points; all of them: npm run sweep.
describe.skipIf(!hasStrace)("a daemon that is killed and started again", () => {
  test("finishes the same experiment, each unit done once", { timeout: 180_000 }, async () => {
    const { failures, points, units, submissions, duplicates, lost } = await sweep({
      program: join(import.meta.dirname, "../../dist/nightshift.js"), entries: ["run", "watch"], calls: ["rename", "fsync", "spawn", "execve"],
      from: 1, to: 200, sample: 6, seed: 14, parallel: 2, shape: { runs: ["rank4"], epochs: 1 },
    });
    expect(failures.map(renderPoint)).toEqual([]);
    expect({ points, units, submissions, duplicates, lost }).toEqual({ points: 6, units: 18, submissions: 18, duplicates: 0, lost: 0 });
  });
});
