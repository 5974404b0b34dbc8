import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { figuresOf } from "./figures.ts";
import { hasStrace } from "./kill-point.ts";
import { renderFailure } from "./render-figures.ts";
import { torture } from "./torture.ts";

if (!hasStrace) process.stderr.write("SKIPPED: strace is not here, so no daemon is killed. The torture proves nothing on this machine.\n");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-torture-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

// A handful of kills, on this machine; many more, and on a real SLURM: npm run torture.
describe.skipIf(!hasStrace)("a daemon that is killed and started again", () => {
  test("finishes the same experiments, each unit done once", { timeout: 180_000 }, async () => {
    const result = await torture({
      scheduler: "local", program: join(import.meta.dirname, "../../dist/nightshift.js"), base: folder, kills: 6, seed: 14, mostMs: 120_000, parallel: 2, port: 0, onRound: () => {},
    });
    const figures = Object.fromEntries(figuresOf(result));
    const units = figures["trainings and evaluations in them"];
    expect(result.rounds.filter(({ complaints }) => complaints.length > 0).map(renderFailure)).toEqual([]);
    expect(figures).toMatchObject({
      "jobs taken by the scheduler": units, "jobs that did their work, by a ledger of their own": units,
      "**duplicates**: a second job that worked on the same attempt": 0, "**lost**: trainings and evaluations without a result": 0,
    });
    expect(figures["daemons killed with SIGKILL"]).toBeGreaterThanOrEqual(6);
  });
});
