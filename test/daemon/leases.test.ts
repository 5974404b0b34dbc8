import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { openLeases } from "../../src/daemon/leases.ts";

let temp = "";
beforeEach(() => { temp = mkdtempSync(join(tmpdir(), "nightshift-leases-")); mkdirSync(join(temp, "cap")); });
afterEach(() => rmSync(temp, { recursive: true, force: true }));

test("an experiment that is renamed, or copied with its lease, is taken care of at its new place", () => {
  const leases = openLeases("watch");
  expect(leases.take(join(temp, "cap"))).toEqual({ kind: "ours" });
  cpSync(join(temp, "cap"), join(temp, "copy"), { recursive: true });
  expect(leases.take(join(temp, "copy"))).toEqual({ kind: "ours" });
  expect(leases.take(join(temp, "cap"))).toEqual({ kind: "ours" });
  renameSync(join(temp, "cap"), join(temp, "renamed"));
  expect(leases.take(join(temp, "renamed"))).toEqual({ kind: "ours" });
  leases.releaseAll();
});
