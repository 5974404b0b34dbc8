import { describe, expect, test } from "vitest";

import { parseAnswer, parseNotes, parseRecord, parseTries } from "../../src/schedulers/parse-records.ts";

const start = "2026-11-21T13:15:00+0100 n1 4711";

describe("a job's notes of itself", () => {
  test.each([
    ["start and end", `${start}\n`, `0 ${start} 2026-11-21T13:16:00+0100\n`,
      { startedAt: "2026-11-21T13:15:00+01:00", node: "n1", exitCode: 0, endedAt: "2026-11-21T13:16:00+01:00" }],
    ["a start only", `${start}\n`, undefined, { startedAt: "2026-11-21T13:15:00+01:00", node: "n1" }],
    ["a requeued job that runs again: the first attempt's end is not its end", `2026-11-21T12:00:00+0100 n2 17\n${start}\n`, "143 2026-11-21T12:00:00+0100 n2 17 2026-11-21T12:30:00+0100\n",
      { startedAt: "2026-11-21T13:15:00+01:00", node: "n1" }],
    ["an old attempt that ends after the new one", `2026-11-21T12:00:00+0100 n2 17\n${start}\n`, `0 ${start} 2026-11-21T13:16:00+0100\n9 2026-11-21T12:00:00+0100 n2 17 2026-11-21T13:20:00+0100\n`,
      { startedAt: "2026-11-21T13:15:00+01:00", node: "n1", exitCode: 0, endedAt: "2026-11-21T13:16:00+01:00" }],
    ["no time of the end, for want of date", `${start}\n`, `6 ${start} \n`, { startedAt: "2026-11-21T13:15:00+01:00", node: "n1", exitCode: 6 }],
    ["a torn end", `${start}\n`, `0 ${start} 2026-11-2`, { startedAt: "2026-11-21T13:15:00+01:00", node: "n1" }],
    ["a torn start", "2026-11-21T13", undefined, {}],
    ["no start", undefined, `0 ${start} 2026-11-21T13:16:00+0100\n`, {}],
    ["bytes", "\u0000\u0000\n", "\u0000\n", {}],
    ["a start without a time", " n1 4711\n", `0  n1 4711 2026-11-21T13:16:00+0100\n`, { node: "n1", exitCode: 0, endedAt: "2026-11-21T13:16:00+01:00" }],
  ])("%s", (_name, starts, exits, expected) => {
    expect(parseNotes(starts, exits)).toEqual(expected);
  });
});

describe("an answer", () => {
  test.each([
    ['{"kind":"accepted","id":"42","at":"2026-11-21T13:15:00+01:00"}', { kind: "accepted", id: "42" }],
    ['{"kind":"refused","reason":"no"}', { kind: "refused", reason: "no" }],
    ['{"kind":"unclear","reason":"?","tries":2}', { kind: "unclear", reason: "?" }],
    ['{"kind":"postponed","reason":"full","isForAll":true}', { kind: "postponed", reason: "full", isForAll: true }],
    ['{"kind":"postponed","reason":"disk","isForAll":"yes"}', { kind: "postponed", reason: "disk" }],
    ['{"kind":"withdrawn","by":"ada"}', { kind: "withdrawn", by: "ada" }],
    ['{"kind":"withdrawn"}', undefined],
    ['{"kind":"accepted","id":42}', undefined],
    ['{"kind":"accepted"', undefined],
    ['{"kind":"granted","id":"42"}', undefined],
    ["null", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j", (text, expected) => {
    expect(parseAnswer(text)).toEqual(expected);
  });
});

test.each([['{"kind":"unclear","tries":2}', 2], ['{"kind":"unclear"}', 0], ['{"tries":-1}', 0], ['{"tries":1.5}', 0], ['{"tri', 0], [undefined, 0]])("an answer %j was tried %i times", (text, tries) => {
  expect(parseTries(text)).toBe(tries);
});

describe("a record", () => {
  const nothing = { key: "k", isSpawned: false, claimants: [], starts: new Map<string, string>(), exits: new Map<string, string>() };

  test.each([
    ["{\"isClaiming\":true}", { isClaiming: true }], ["{\"isClaiming\":1}", {}], ["{\"isClai", {}], ["", {}], ["null", {}],
  ])("knows from the intent %j whether the job claims its work first", (intent, claiming) => {
    expect(parseRecord({ ...nothing, intent })).toEqual({ key: "k", ids: [], spawned: false, ...claiming });
  });

  test("of nothing says that nothing was submitted", () => {
    expect(parseRecord(nothing)).toEqual({ key: "k", ids: [], spawned: false });
  });

  test("follows the claim's owner, not the id that the scheduler answered first", () => {
    const record = parseRecord({
      ...nothing, isSpawned: true, answer: '{"kind":"accepted","id":"41"}', claim: "42\n", claimants: ["42", "41", "103"],
      starts: new Map([["42", `${start}\n`]]), exits: new Map([["42", `3 ${start} 2026-11-21T13:16:00+0100\n`]]),
    });
    expect(record).toMatchObject({ ids: ["41", "42", "103"], claimedBy: "42", exitCode: 3, node: "n1" });
  });

  test("of a script that makes no claim has the accepted id", () => {
    expect(parseRecord({ ...nothing, isSpawned: true, answer: '{"kind":"accepted","id":"41"}' })).toEqual({
      key: "k", ids: ["41"], spawned: true, answer: { kind: "accepted", id: "41" },
    });
  });

  test.each(["", "\u0000", "torn", "0\n"])("does not take the claim %j for an owner", (claim) => {
    expect(parseRecord({ ...nothing, claim }).claimedBy).toBeUndefined();
  });
});
