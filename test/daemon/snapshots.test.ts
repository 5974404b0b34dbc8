import { expect, test } from "vitest";

import { shareSnapshots } from "../../src/daemon/snapshots.ts";
import type { MissingJob, QueueSnapshot } from "../../src/domain/job.ts";

const at = "2026-11-21T13:15:00.250+01:00";
const without = (...keys: readonly string[]): QueueSnapshot => ({ kind: "available", at, jobs: [], missing: keys.map((key) => ({ key, reason: "accounting is off" })) });
const outage: QueueSnapshot = { kind: "unavailable", at, since: at, reason: "squeue failed" };

test("an answer is shared until it is too old", async () => {
  let [nowMs, calls] = [0, 0];
  const snapshots = shareSnapshots({ query: async () => { calls += 1; return without(); } }, 1000, () => nowMs);
  for (const ms of [0, 999, 1000, 1500]) {
    nowMs = ms;
    await snapshots.take("/cap", []);
  }
  expect(calls).toBe(2);
});

test("for how long a job has been missing is counted from the first answer without it, and anew after an outage", async () => {
  let nowMs = 0;
  let answer: QueueSnapshot = outage;
  const snapshots = shareSnapshots({ query: async () => answer }, 0, () => nowMs);
  const missingAt = async (ms: number, next: QueueSnapshot): Promise<readonly MissingJob[]> => {
    [nowMs, answer] = [ms, next];
    const snapshot = await snapshots.take("/cap", []);
    return snapshot.kind === "available" ? snapshot.missing : [];
  };
  expect(await missingAt(0, without("a"))).toMatchObject([{ key: "a", forMs: 0 }]);
  expect(await missingAt(60, without("a", "b"))).toMatchObject([{ key: "a", forMs: 60 }, { key: "b", forMs: 0 }]);
  expect(await missingAt(100, without("b"))).toMatchObject([{ key: "b", forMs: 40 }]);
  expect(await missingAt(150, without("a", "b"))).toMatchObject([{ key: "a", forMs: 0 }, { key: "b", forMs: 90 }]);
  expect(await missingAt(200, outage)).toEqual([]);
  expect(await missingAt(300, without("b"))).toMatchObject([{ key: "b", forMs: 0 }]);
});
