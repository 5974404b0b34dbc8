import { describe, expect, test } from "vitest";

import { reconcile } from "../../src/daemon/reconcile.ts";
import { FencedOff } from "../../src/system/fences.ts";
import { aRun, emptyWorld, type ScenarioWorld } from "../support/scenario-world.ts";

describe("where the state cannot be written, nothing is submitted", () => {
  test.each([
    ["the disk is full", { errno: -28, code: "ENOSPC" }, "the disk is full (ENOSPC)"],
    ["the quota is used up", { errno: -122, code: "Unknown system error -122" }, "the disk quota is used up (EDQUOT)"],
    ["the credentials have expired", { errno: -127, code: "Unknown system error -127" }, "this session's credentials for the file server have expired; renew them (kinit) (EKEYEXPIRED)"],
    ["the folder is somebody else's", { errno: -13, code: "EACCES" }, "this user has no permission here (EACCES)"],
  ])("%s: the reason is told, and it is tried again a minute later", async (_what, facts, sentence) => {
    const scenario = readyToBegin();
    const failing = { ...scenario.world, store: { ...scenario.world.store, write: () => { throw Object.assign(new Error("write"), facts); } } };
    const pass = await reconcile(scenario.folder, failing, { mayWrite: true, requests: [{ action: "run", by: "ada", at: scenario.world.now() }] });
    expect(pass).toMatchObject({ isKept: false, wishes: [], lookAgainMs: 60_000, facts: { obstacle: `its state cannot be written, so nothing is submitted: ${sentence}` } });
    // Then it goes on as if nothing had been.
    const later = await reconcile(scenario.folder, scenario.world, { mayWrite: true, requests: [{ action: "run", by: "ada", at: scenario.world.now() }] });
    expect([later.isKept, later.wishes.map(({ title }) => title)]).toEqual([true, ["rank4"]]);
  });

  test("another nightshift has taken over: the lease says so in the next pass, which follows at once", async () => {
    const scenario = readyToBegin();
    const fenced = { ...scenario.world, store: { ...scenario.world.store, write: () => { throw new FencedOff("too late"); } } };
    const pass = await reconcile(scenario.folder, fenced, { mayWrite: true, requests: [{ action: "run", by: "ada", at: scenario.world.now() }] });
    expect([pass.isKept, pass.wishes, pass.facts?.obstacle, pass.lookAgainMs]).toEqual([false, [], undefined, 50]);
  });

  test("a bug is none of that", async () => {
    const scenario = readyToBegin();
    const buggy = { ...scenario.world, store: { ...scenario.world.store, write: () => { throw new TypeError("x is not a function"); } } };
    await expect(reconcile(scenario.folder, buggy, { mayWrite: true, requests: [{ action: "run", by: "ada", at: scenario.world.now() }] })).rejects.toThrow("x is not a function");
  });
});

function readyToBegin(): ScenarioWorld {
  const scenario = emptyWorld();
  scenario.runs.push(aRun("rank4", "fine-tuned"));
  scenario.scripts.add("rank4");
  scenario.nowMs += 60_000;
  return scenario;
}
