import { describe, expect, test } from "vitest";

import { type Distrust, remedyFor } from "../../src/domain/distrust.ts";
import { describeDistrust } from "../../src/report/distrust.ts";
import { type Evidence, judgeState } from "../../src/rules/judge-state.ts";

const recorded = { revision: 7, path: "/home/ada/cap", machine: "cluster della", token: "t1", hadJobs: true };
const owner = { user: "ada", token: "t1", isOfThisFolder: true };
/** A state as ada's nightshift left it. */
const trusted: Evidence = { revision: 7, isAsWritten: true, recorded, owner, where: "there", user: "ada", machine: "cluster della" };
const { revision: _none, ...withoutState } = trusted;
const { recorded: _unknown, ...unheardOf } = trusted;

describe("a state is gone on from", () => {
  test.each<[string, Evidence]>([
    ["as it was left", trusted],
    ["one revision ahead of what is noted outside, as after a crash in between", { ...trusted, revision: 8, isAsWritten: false }],
    ["noted by a nightshift that knew no tokens and no machines", { revision: 7, isAsWritten: true, recorded: { revision: 7, path: "/home/ada/cap", hadJobs: false }, where: "there", user: "ada", machine: "host login1" }],
    ["where SLURM's configuration cannot be read, so that nobody can say which cluster this is", { isAsWritten: true, revision: 7, recorded, owner, where: "there", user: "ada" }],
  ])("%s", (_what, evidence) => expect(judgeState(evidence)).toBeUndefined());
});

describe("a new beginning is made", () => {
  const { recorded: _record, owner: _owner, ...fresh } = withoutState;
  test.each<[string, Evidence]>([
    ["where nothing is known", fresh],
    ["where a state was announced and never written", { ...withoutState, recorded: { ...recorded, revision: 0 } }],
    ["where another experiment stood before, which was moved away", { ...fresh, recorded, where: "other folder, same path", original: "/home/ada/cap_old" }],
    ["where another experiment stood before, which had no jobs", { ...fresh, recorded: { ...recorded, hadJobs: false }, where: "other folder, same path" }],
    ["with a private folder that came along with a copy", { ...fresh, owner: { ...owner, isOfThisFolder: false } }],
  ])("%s", (_what, evidence) => expect(judgeState(evidence)).toBeUndefined());
});

describe("a state is not gone on from, and one command helps", () => {
  test.each<[string, Evidence, Distrust["kind"], string | undefined]>([
    ["git clean, checkout or stash took the state away", withoutState, "gone", "recover"],
    ["it was renamed as well", { ...withoutState, where: "same folder, other path" }, "gone", "recover"],
    ["the folder was deleted and made anew while jobs were in the queue", { ...withoutState, where: "other folder, same path" }, "gone with its folder", "recover"],
    ["the state is gone, and so is what was noted outside", { isAsWritten: true, owner, where: "there", user: "ada" }, "gone", "recover"],
    ["git checkout, stash or a restored backup", { ...trusted, revision: 3 }, "went back", "recover"],
    ["a merge, or a person", { ...trusted, isAsWritten: false }, "changed", "recover"],
    ["git clean -fdx where the state is tracked", { isAsWritten: true, revision: 7, recorded, where: "there", user: "ada" }, "records gone", "recover"],
    ["a private folder of another day", { ...trusted, owner: { ...owner, token: "t0" } }, "records gone", "recover"],
    ["renamed", { ...trusted, where: "same folder, other path" }, "moved", "adopt"],
    ["moved to another disk", { ...trusted, where: "other folder, other path" }, "moved", "adopt"],
    ["cp -r", { ...trusted, where: "other folder, other path", original: "/home/ada/cap" }, "copied", "adopt --as-new"],
    ["cp -r to the old name, after the original was renamed", { ...trusted, where: "other folder, same path", original: "/home/ada/cap_v1" }, "copied", "adopt --as-new"],
    ["a copy whose state went back as well", { ...trusted, revision: 3, where: "other folder, other path", original: "/home/ada/cap" }, "copied", "adopt --as-new"],
    ["restored from a backup", { ...trusted, where: "other folder, same path" }, "replaced", "recover"],
    ["cloned on another machine", { revision: 7, isAsWritten: true, where: "there", user: "ada" }, "elsewhere", "adopt --as-new"],
    ["copied from a colleague", { ...unheardOf, owner: { ...owner, user: "bob", isOfThisFolder: false } }, "elsewhere", "adopt --as-new"],
    ["nightshift's own folder was deleted", unheardOf, "forgotten", "recover"],
    ["on another login node that is a cluster of its own", { ...trusted, machine: "cluster adroit" }, "another machine", "recover"],
    ["a colleague's, looked at for the first time", { ...unheardOf, owner: { ...owner, user: "bob" }, folderOwner: "uid 1002" }, "another user", "release"],
    ["one's own that a colleague has released since", { ...trusted, owner: { ...owner, user: "bob", token: "t2" } }, "another user", "release"],
    ["a colleague's folder without a state", { isAsWritten: true, where: "there", user: "ada", folderOwner: "uid 1002" }, "another user", "release"],
    ["a folder in which this user may not write", { ...trusted, whyNotWritable: "this user has no permission here (EACCES)" }, "not writable", undefined],
  ])("%s", (_what, evidence, kind, command) => {
    const distrust = judgeState(evidence);
    if (distrust === undefined) throw new Error("it is trusted");
    expect([distrust.kind, remedyFor(distrust)]).toEqual([kind, command]);
    if (command === undefined) expect(describeDistrust(distrust, "/home/ada/cap")).not.toContain("nightshift");
    else expect(describeDistrust(distrust, "/home/ada/my cap")).toMatch(new RegExp(`\\. To go on: nightshift ${command} '/home/ada/my cap'$`, "u"));
  });
});
