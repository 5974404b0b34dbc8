import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openLeases } from "../../src/daemon/leases.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import { readState, writeState } from "../../src/state/state-file.ts";
import { writeSummary } from "../../src/state/summary-file.ts";
import { FencedOff } from "../../src/system/fences.ts";

let temp = "";
const cap = (): string => join(temp, "cap");
beforeEach(() => { temp = mkdtempSync(join(tmpdir(), "nightshift-leases-")); mkdirSync(cap()); });
afterEach(() => rmSync(temp, { recursive: true, force: true }));

const state: ExperimentState = {
  experiment: "cap", id: "cap-1", revision: 0, monitoringStarted: "2026-11-21T12:00:00.000+00:00", life: { state: "working", context: {} }, runs: {}, evaluations: {}, units: {},
};

test("an experiment that is renamed, or copied with its lease, is taken care of at its new place", () => {
  const leases = openLeases("watch");
  expect(leases.take(cap())).toEqual({ kind: "ours" });
  cpSync(cap(), join(temp, "copy"), { recursive: true });
  expect(leases.take(join(temp, "copy"))).toEqual({ kind: "ours" });
  expect(leases.take(cap())).toEqual({ kind: "ours" });
  renameSync(cap(), join(temp, "renamed"));
  expect(leases.take(join(temp, "renamed"))).toEqual({ kind: "ours" });
  renameSync(join(temp, "renamed"), cap());
  expect(leases.take(cap())).toEqual({ kind: "ours" });
  leases.releaseAll();
});

test("a lease that was let go can be had by the next one, and had again after that", () => {
  const [daemon, command] = [openLeases("watch"), openLeases("recover")];
  daemon.take(cap());
  daemon.letGo(cap());
  expect(command.take(cap())).toEqual({ kind: "ours" });
  command.releaseAll();
  expect(daemon.take(cap())).toEqual({ kind: "ours" });
  daemon.releaseAll();
});

describe("a lease is refused", () => {
  // What a process of another host, and a torn file, leave in the lease's folder.
  const holder = { process: { host: "login2", pid: 77, startTicks: "1", bootId: "b" }, user: "ada", purpose: "watch /home/ada", since: "2026-11-21T13:15:00.250+01:00" };

  test.each([
    ["by a process on another host, which may live", JSON.stringify(holder), "`nightshift watch /home/ada` of ada on login2 (pid 77, since 2026-11-21T13:15:00.250+01:00)", /^Whether a process on login2 lives cannot be seen from \S+\. If you know that it is dead: nightshift recover .*cap --take-over$/u],
    ["by a ticket that cannot be read", "{\"proc", /^somebody whose lease cannot be read: .*\/\.nightshift\/lease\/7$/u, /^Nobody can tell whether that process lives\. .* --take-over$/u],
  ])("%s, and a person can take it over", (_what, ticket, name, advice) => {
    mkdirSync(join(cap(), ".nightshift/lease"), { recursive: true });
    writeFileSync(join(cap(), ".nightshift/lease/7"), ticket);
    const leases = openLeases("run");
    const refused = leases.take(cap());
    expect(refused).toEqual({ kind: "theirs", holder: typeof name === "string" ? name : expect.stringMatching(name) as string, advice: expect.stringMatching(advice) as string });
    expect(leases.take(cap(), { takesOver: true })).toEqual({ kind: "ours" });
    leases.releaseAll();
  });

  test("after a reboot of the same host it is not", () => {
    mkdirSync(join(cap(), ".nightshift/lease"), { recursive: true });
    writeFileSync(join(cap(), ".nightshift/lease/7"), JSON.stringify({ ...holder, process: { ...holder.process, host: hostname(), pid: process.pid } }));
    const leases = openLeases("run");
    expect(leases.take(cap())).toEqual({ kind: "ours" });
    leases.releaseAll();
  });
});

test("after a takeover nothing of the loser's reaches the experiment, it says by whom, and it does not get the lease back", () => {
  const loser = openLeases("watch");
  loser.take(cap());
  const first = writeState(cap(), state, undefined);
  // Another process: its fence is in no register of this one, and its ticket names another pid.
  const lease = join(cap(), ".nightshift/lease");
  writeFileSync(join(lease, "2"), readFileSync(join(lease, "1"), "utf8").replace(/"pid":\d+/u, '"pid":1').replace(/"startTicks":"[^"]*"/u, '"startTicks":"1"').replace(/"purpose":"[^"]*"/u, '"purpose":"run /cap"'));
  for (const name of readdirSync(lease).filter((one) => one.includes("fence"))) rmSync(join(lease, name), { recursive: true });

  const before = readFileSync(join(cap(), "eval_jobs.json"), "utf8");
  expect(() => writeState(cap(), { ...first, experiment: "changed" }, first)).toThrow(FencedOff);
  expect(() => writeSummary(cap(), "# changed\n")).toThrow(FencedOff);
  expect([readFileSync(join(cap(), "eval_jobs.json"), "utf8"), existsSync(join(cap(), "summary.md"))]).toEqual([before, false]);
  expect(loser.take(cap())).toEqual({ kind: "theirs", holder: expect.stringMatching(/^`nightshift run \/cap` of \S+ on \S+ \(pid 1, since .*\), which took it over from this process,$/u) as string });
  writeFileSync(join(lease, "2.released"), "");
  loser.letGo(cap());
  expect(loser.take(cap())).toMatchObject({ kind: "theirs" });
  loser.releaseAll();

  const next = openLeases("watch");
  expect(next.take(cap())).toEqual({ kind: "ours" });
  expect(writeState(cap(), { ...first, experiment: "changed" }, first).revision).toBe(2);
  expect(readState(cap())).toMatchObject({ kind: "state", state: { experiment: "changed" } });
  next.releaseAll();
});

test("a private folder that was deleted meanwhile keeps a write from happening, and is no takeover", () => {
  const leases = openLeases("watch");
  leases.take(cap());
  const first = writeState(cap(), state, undefined);
  rmSync(join(cap(), ".nightshift"), { recursive: true });
  expect(() => writeState(cap(), { ...first, experiment: "changed" }, first)).toThrow(FencedOff);
  expect(leases.take(cap())).toEqual({ kind: "ours" });
  expect(writeState(cap(), { ...first, experiment: "changed" }, first).revision).toBe(2);
  leases.releaseAll();
});
