import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { turnsIn } from "../../src/system/turns.ts";

const folder = mkdtempSync(join(tmpdir(), "nightshift-turns-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("who comes after another process waits for as long as that one asked", () => {
  const at = 1_800_000_000_000;
  const file = join(folder, "lanes", "slurm");
  expect(turnsIn(file, () => at).restMs()).toBe(0);
  turnsIn(file, () => at).rest(5000);
  expect([0, 4000, 5000, 9000].map((later) => Math.round(turnsIn(file, () => at + later).restMs()))).toEqual([5000, 1000, 0, 0]);
});

test("nobody waits for longer than a minute, whatever was asked and however clocks were set", () => {
  const at = 1_800_000_000_000;
  const file = join(folder, "lanes", "clocks");
  turnsIn(file, () => at).rest(3_600_000);
  expect([0, -100_000].map((later) => Math.round(turnsIn(file, () => at + later).restMs()))).toEqual([60_000, 0]);
});

test("where it cannot be written everybody goes on", () => {
  writeFileSync(join(folder, "a file"), "");
  const turns = turnsIn(join(folder, "a file", "slurm"));
  turns.rest(5000);
  expect(turns.restMs()).toBe(0);
});
