import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ExperimentState } from "../../src/domain/state.ts";
import { mirrorIn } from "../../src/state/mirror.ts";
import { renderEvalJobs } from "../../src/state/render-eval-jobs.ts";
import { readRequests, writeRequest } from "../../src/state/requests.ts";
import { openRoot } from "../../src/state/roots.ts";
import { readState, writeState } from "../../src/state/state-file.ts";

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

describe("what else it finds out", () => {
  test("a state that says something else under the same revision was changed by somebody; another layout of the same is none", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    const written = writeState(cap, state, undefined);
    mirror.record(cap, written);
    writeFileSync(join(cap, "eval_jobs.json"), JSON.stringify(JSON.parse(readFileSync(join(cap, "eval_jobs.json"), "utf8")), undefined, 8).replaceAll("\n", "\r\n"));
    expect(mirror.judge(cap, stateIn(cap))).toBeUndefined();
    writeFileSync(join(cap, "eval_jobs.json"), readFileSync(join(cap, "eval_jobs.json"), "utf8").replace('"working"', '"finished"'));
    expect(mirror.judge(cap, stateIn(cap))).toEqual({ kind: "changed" });
  });

  test("a state that somebody else has gone on from since it was read is none that went back", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    const first = writeState(cap, state, undefined);
    mirror.record(cap, first);
    const asRead = stateIn(cap);
    mirror.record(cap, writeState(cap, { ...first, experiment: "cap2" }, first));
    expect(mirror.judge(cap, asRead)).toBeUndefined();
    writeFileSync(join(cap, "eval_jobs.json"), renderEvalJobs(first));
    expect(mirror.judge(cap, stateIn(cap))).toEqual({ kind: "went back", from: 2, to: 1 });
  });

  test("a private folder that was deleted, also when another one stands in its place, takes the job records with it", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    mirror.record(cap, state);
    expect(mirror.lastKnown(cap, state)).toMatchObject({ id: "cap-1", revision: 3, path: cap, areRecordsWhole: true });
    rmSync(join(cap, ".nightshift"), { recursive: true });
    mkdirSync(join(cap, ".nightshift"));
    expect([mirror.judge(cap, state), mirror.lastKnown(cap, state)?.areRecordsWhole]).toEqual([{ kind: "records gone" }, false]);
    // Somebody who has decided what is true writes it above what was known.
    mirror.record(cap, { ...state, revision: 4 });
    expect(mirror.judge(cap, { ...state, revision: 4 })).toBeUndefined();
  });

  test("an experiment that was moved, until it is recorded at its new place", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    mirror.record(cap, state);
    renameSync(cap, join(temp, "renamed"));
    expect(mirror.judge(join(temp, "renamed"), state)).toEqual({ kind: "moved", from: cap });
    cpSync(join(temp, "renamed"), join(temp, "elsewhere"), { recursive: true });
    expect(mirror.judge(join(temp, "elsewhere"), state)).toEqual({ kind: "copied", original: join(temp, "renamed") });
    mirror.record(join(temp, "renamed"), state);
    expect(mirror.judge(join(temp, "renamed"), state)).toBeUndefined();
    expect(mirror.judge(join(temp, "elsewhere"), state)).toEqual({ kind: "copied", original: join(temp, "renamed") });
  });

  test("another account or a lost folder of nightshift's own", () => {
    const cap = folder("cap");
    mirrorIn(join(temp, "outside")).record(cap, state);
    expect(mirrorIn(join(temp, "of-another")).judge(cap, state)).toEqual({ kind: "forgotten" });
    expect(mirrorIn(join(temp, "of-another")).judge(cap, undefined)).toEqual({ kind: "gone" });
    const note = join(cap, ".nightshift/owner.json");
    writeFileSync(note, readFileSync(note, "utf8").replace(/"user": "[^"]*"/u, '"user": "bob"'));
    expect(mirrorIn(join(temp, "of-another")).judge(cap, state)).toEqual({ kind: "another user", user: "bob" });
    expect(mirrorIn(join(temp, "outside")).whyForeign(cap, state)).toMatch(/^it is bob's, and jobs that you submit for it would be yours\. To go on: nightshift release /u);
    expect(mirrorIn(join(temp, "outside")).whyForeign(cap, state, true)).toBeUndefined();
  });

  test("the last state itself, which git clean and stash cannot reach", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    mirror.record(cap, state);
    mirror.record(cap, { ...state, revision: 4, experiment: "cap renamed" });
    // A process that slept through a takeover does not turn it back.
    mirror.record(cap, state);
    rmSync(join(cap, ".nightshift"), { recursive: true });
    expect(mirrorIn(join(temp, "outside")).lastKnown(cap, undefined)).toEqual({ id: "cap-1", revision: 4, path: cap, state: { ...state, revision: 4, experiment: "cap renamed" }, areRecordsWhole: false });
    mirror.retire("cap-1");
    expect([mirror.lastKnown(cap, undefined), mirror.judge(cap, undefined)]).toEqual([undefined, undefined]);
  });

  test("a state that was announced again and again, and never written, leaves one record", () => {
    const cap = folder("cap");
    const mirror = mirrorIn(join(temp, "outside"));
    for (const id of ["cap-1", "cap-2", "cap-3"]) mirror.record(cap, { ...state, id, revision: 0 });
    expect(readdirSync(join(temp, "outside/experiments"))).toEqual(["cap-3.json"]);
    expect(mirror.judge(cap, undefined)).toBeUndefined();
  });

  test("a request that came along with a copy is nobody's wish there; one of a folder that was renamed still is", () => {
    const cap = folder("cap");
    writeRequest(cap, { action: "release", by: "ada", at: state.monitoringStarted }, "00c0ffee");
    cpSync(cap, join(temp, "copy"), { recursive: true });
    expect([readRequests(cap).length, readRequests(join(temp, "copy")).length]).toEqual([1, 0]);
    renameSync(cap, join(temp, "renamed"));
    expect(readRequests(join(temp, "renamed")).map(({ request }) => request)).toEqual([{ action: "release", by: "ada", at: state.monitoringStarted }]);
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

function stateIn(cap: string): ExperimentState | undefined {
  const stored = readState(cap);
  return stored.kind === "state" ? stored.state : undefined;
}

function openRecord(outside: string): string {
  return join(outside, "roots", readdirSync(join(outside, "roots"))[0] ?? "");
}
