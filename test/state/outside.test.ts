import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ExperimentState } from "../../src/domain/state.ts";
import { mirrorIn } from "../../src/state/mirror.ts";
import { openRoot } from "../../src/state/roots.ts";

let temp = "";
beforeEach(() => { temp = mkdtempSync(join(tmpdir(), "nightshift-")); });
afterEach(() => rmSync(temp, { recursive: true, force: true }));

const noonMs = Date.UTC(2026, 10, 21, 12);

const state: ExperimentState = {
  experiment: "cap", id: "cap-1", revision: 3, monitoringStarted: "2026-11-21T12:00:00.000+00:00", life: { state: "working", context: {} }, runs: {}, evaluations: {}, units: {},
};

describe("the mirror outside the experiment", () => {
  test("trusts the state it has seen, at its place", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    mirror.record(cap, state);
    expect(mirror.whyForeign(cap, state)).toBeUndefined();
    // The state is written before its mirror: one revision ahead is a crash in between.
    expect(mirror.whyForeign(cap, { ...state, revision: 4 })).toBeUndefined();
  });

  test("does not trust a state that it never saw, that went back, or that stands in a copy", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    expect(mirror.whyForeign(cap, state)).toMatch(/written elsewhere/u);
    mirror.record(cap, state);
    expect(mirror.whyForeign(cap, { ...state, revision: 2 })).toMatch(/went back from revision 3 to 2/u);
    cpSync(cap, join(temp, "copy"), { recursive: true });
    expect(mirror.whyForeign(join(temp, "copy"), state)).toMatch(/belongs to .*cap \(this is a copy\)\. To go on: nightshift adopt --as-new .*\/copy$/u);
    renameSync(cap, join(temp, "old"));
    folder("cap");
    expect(mirror.whyForeign(cap, state)).toMatch(/belongs to .*old \(this is a copy\)/u);
    rmSync(join(temp, "old"), { recursive: true });
    expect(mirror.whyForeign(cap, state)).toMatch(/replaced by another/u);
  });

  test("knows of a state that is gone from its place; another folder of that name is a new one", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    expect(mirror.whyForeign(cap, undefined)).toBeUndefined();
    mirror.record(cap, { ...state, revision: 0 });
    expect(mirror.whyForeign(cap, undefined)).toBeUndefined();
    mirror.record(cap, state);
    expect(mirror.whyForeign(cap, undefined)).toMatch(/eval_jobs\.json is gone/u);
    expect(mirror.whyForeign(folder("other"), undefined)).toBeUndefined();
    renameSync(cap, join(temp, "old"));
    expect(mirror.whyForeign(folder("cap"), undefined)).toBeUndefined();
  });

  test("takes a folder for the same one after its file system was mounted again under another number", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    mirror.record(cap, state);
    const file = join(temp, "outside", "experiments", `${state.id}.json`);
    const recorded = JSON.parse(readFileSync(file, "utf8")) as { device: number };
    writeFileSync(file, JSON.stringify({ ...recorded, device: recorded.device + 1 }));
    expect(mirror.whyForeign(cap, state)).toBeUndefined();
  });
});

describe("what stood in a folder before it was watched", () => {
  test("is known by name and by inode; what is dropped later is not", () => {
    const old = folder("old");
    const root = openRoot(join(temp, "outside"), temp, [old], noonMs);
    expect(root.stoodBefore(old)).toBe(true);
    expect(root.stoodBefore(folder("new"))).toBe(false);
    renameSync(old, join(temp, "renamed"));
    expect(root.stoodBefore(join(temp, "renamed"))).toBe(true);
  });

  test("a daemon that was killed did not stop watching, one that was stopped did", () => {
    const dropped = folder("dropped-while-away");
    openRoot(join(temp, "outside"), temp, [], noonMs);
    const again = openRoot(join(temp, "outside"), temp, [dropped], noonMs);
    expect(again.stoodBefore(dropped)).toBe(false);
    again.close();
    expect(openRoot(join(temp, "outside"), temp, [dropped], noonMs).stoodBefore(dropped)).toBe(true);
  });

  test("one of which nothing was heard for a day did as well", () => {
    const dropped = folder("copied-weeks-later");
    openRoot(join(temp, "outside"), temp, [], noonMs).touch(noonMs + 3_600_000);
    expect(openRoot(join(temp, "outside"), temp, [dropped], noonMs + 24 * 3_600_000).stoodBefore(dropped)).toBe(false);
    expect(openRoot(join(temp, "outside"), temp, [dropped], noonMs + 60 * 24 * 3_600_000).stoodBefore(dropped)).toBe(true);
  });

  test("a torn record holds everything", () => {
    const outside = join(temp, "outside");
    const dropped = folder("dropped");
    openRoot(outside, temp, [], noonMs);
    const record = openRecord(outside);
    writeFileSync(record, "{");
    expect(openRoot(outside, temp, [dropped], noonMs).stoodBefore(dropped)).toBe(true);
  });
});

function folder(name: string): string {
  const path = join(temp, name);
  mkdirSync(path);
  return path;
}

function openRecord(outside: string): string {
  return join(outside, "roots", readdirSync(join(outside, "roots"))[0] ?? "");
}
