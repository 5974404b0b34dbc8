import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { type Cluster, openCluster } from "./cluster.ts";
import { type Outcome, readOutcome, submitScript, type SubmittedScript, untilOver, type Way } from "./submit-scripts.ts";
import { type UserScript, userScripts } from "./user-scripts.ts";

const ways: readonly Way[] = ["as it is", "with the inserted lines"];

let cluster: Cluster | undefined;
const outcomes = new Map<UserScript, readonly [plain: Outcome, copied: Outcome]>();

// All of them at once, so that together they take as long as the slowest.
beforeAll(async () => {
  // Ids that no other number in an output looks like; comments as most sites keep them.
  cluster = await openCluster(inject("clusters"), { port: 17410, conf: ["FirstJobId=7340001", "AccountingStoreFlags=job_comment"] });
  const folder = join(cluster.folder, "work");
  mkdirSync(folder);
  const submitted: SubmittedScript[] = [];
  for (const script of userScripts) for (const way of ways) submitted.push(await submitScript(cluster, folder, script, way));
  await Promise.all(submitted.map(async (job) => job.script.hand?.(job)));
  await untilOver(submitted);
  for (const script of userScripts) {
    const [plain, copied] = await Promise.all(submitted.filter((job) => job.script === script).map(readOutcome));
    if (plain !== undefined && copied !== undefined) outcomes.set(script, [plain, copied]);
  }
});
afterAll(async () => cluster?.down());

describe.each(userScripts)("a script that $does", (script) => {
  test("behaves with the inserted lines as it does without", () => {
    const [plain, copied] = outcomesOf(script);
    expect(withoutRecord(copied)).toEqual(withoutRecord(plain));
  });

  test(`ends as ${script.ends.join(", ")}`, () => {
    const [plain] = outcomesOf(script);
    expect(plain.ends).toEqual(script.ends);
    expect([plain.submission.err, ...Object.values(plain.files)].join("\n")).toContain(script.says);
  });

  test(`is noted to have ended with: ${script.notes}`, () => {
    const [plain, { record }] = outcomesOf(script);
    expect(record.exitCode).toBe(typeof script.notes === "number" ? script.notes : undefined);
    expect(plain.record.ids).toEqual([]);
  });
});

function outcomesOf(script: UserScript): readonly [plain: Outcome, copied: Outcome] {
  const both = outcomes.get(script);
  if (both === undefined) throw new Error(`${script.file} was not run`);
  return both;
}

function withoutRecord({ record: _record, ...rest }: Outcome): Omit<Outcome, "record"> {
  return rest;
}
