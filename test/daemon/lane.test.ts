import { expect, test } from "vitest";

import { createLane } from "../../src/daemon/lane.ts";
import type { SubmitAnswer } from "../../src/domain/job.ts";
import type { Scheduler } from "../../src/domain/scheduler.ts";
import type { Wish } from "../../src/domain/wish.ts";
import type { Turns } from "../../src/system/turns.ts";
import { eventually } from "../support/eventually.ts";

function wish(key: string, kind: "training" | "evaluation" = "training"): Wish {
  return { kind: "submit", title: key, intent: { key, kind, experimentFolder: "/e", script: `/e/${key}.slurm`, submitFolder: "/e" } };
}

function schedulerThat(answer: (key: string) => Promise<SubmitAnswer>, submitted: string[]): Scheduler {
  return {
    name: "local",
    submit: async ({ key }) => { submitted.push(key); return answer(key); },
    query: async () => ({ kind: "unavailable", at: "", reason: "", since: "" }),
    cancel: async ({ key }) => { submitted.push(`cancel ${key}`); return undefined; },
    readRecords: async () => new Map(),
  };
}

const accepted = async (): Promise<SubmitAnswer> => ({ kind: "accepted", id: "1" });
const quiet = { onAnswer: () => {}, onError: () => {}, postponedMs: 1 };

test("trainings go before evaluations, each wish once, however often it is handed over", async () => {
  const submitted: string[] = [];
  const lane = createLane({ ...quiet, scheduler: schedulerThat(accepted, submitted) });
  for (let pass = 0; pass < 5; pass += 1) lane.hand("/e", [wish("eval", "evaluation"), wish("rank4"), wish("rank8")], 0);
  await eventually(() => submitted.length === 3);
  lane.hand("/e", [wish("rank4"), wish("rank8"), wish("eval", "evaluation")], 0);
  await lane.stop();
  // The evaluation was alone in line for a moment: it is in progress before the trainings are compared with it.
  expect([...submitted].sort()).toEqual(["eval", "rank4", "rank8"]);
  expect(submitted.indexOf("rank4")).toBeLessThan(submitted.indexOf("rank8"));
});

test("what is not wished any more is not submitted", async () => {
  const submitted: string[] = [];
  let answer = (_value: SubmitAnswer): void => {};
  const lane = createLane({ ...quiet, scheduler: schedulerThat(() => new Promise((resolve) => { answer = resolve; }), submitted) });
  lane.hand("/e", [wish("rank4"), wish("rank8")], 0);
  await eventually(() => submitted.length === 1);
  lane.hand("/e", [], 0);
  answer({ kind: "accepted", id: "1" });
  await lane.stop();
  expect(submitted).toEqual(["rank4"]);
});

test("a limit of the scheduler is waited out and asked again", async () => {
  const submitted: string[] = [];
  const lane = createLane({ ...quiet, scheduler: schedulerThat(async () => (submitted.length < 3 ? { kind: "postponed", reason: "quota" } : accepted()), submitted) });
  lane.hand("/e", [wish("rank4")], 0);
  await eventually(() => submitted.length === 3);
  await lane.stop();
  expect(submitted).toEqual(["rank4", "rank4", "rank4"]);
});

test("a throw is told and not repeated", async () => {
  const submitted: string[] = [];
  const errors: string[] = [];
  const lane = createLane({ ...quiet, onError: (_folder, _wish, error) => errors.push((error as Error).message), scheduler: schedulerThat(async () => { throw new Error("a bug"); }, submitted) });
  lane.hand("/e", [wish("rank4")], 0);
  await eventually(() => errors.length === 1);
  lane.hand("/e", [wish("rank4")], 0);
  await lane.stop();
  expect({ submitted, errors }).toEqual({ submitted: ["rank4"], errors: ["a bug"] });
});

test("a doubt is looked into again, until there is an answer", async () => {
  const submitted: string[] = [];
  const lane = createLane({ ...quiet, scheduler: schedulerThat(async () => (submitted.length < 3 ? { kind: "unclear", reason: "?" } : accepted()), submitted) });
  lane.hand("/e", [wish("rank4")], 0);
  await eventually(() => submitted.length === 3);
  await lane.stop();
  expect(submitted).toEqual(["rank4", "rank4", "rank4"]);
});

test("a limit of the user's holds for every submission of every experiment, but not for what makes room", async () => {
  const submitted: string[] = [];
  const answered: string[] = [];
  const lane = createLane({
    ...quiet, postponedMs: 60_000, onAnswer: (_folder, { title }) => { answered.push(title); },
    scheduler: schedulerThat(async () => ({ kind: "postponed", reason: "QOSMaxSubmitJobPerUserLimit", isForAll: true }), submitted),
  });
  lane.hand("/e", [wish("rank4"), wish("rank8")], 0);
  await eventually(() => answered.length === 1);
  lane.hand("/f", [wish("rank16"), { kind: "cancel", title: "old", intent: { key: "old", kind: "training", experimentFolder: "/f", script: "/f/old.slurm", submitFolder: "/f", id: "7", by: "ada" } }], 0);
  await eventually(() => answered.length === 2);
  await lane.stop();
  expect(submitted).toEqual(["rank4", "cancel old"]);
});

test("the lanes of two processes take turns", async () => {
  const submitted: string[] = [];
  const rests: number[] = [];
  let leftMs = 40;
  const turns: Turns = { restMs: () => leftMs, rest: (forMs) => { rests.push(forMs); } };
  const lane = createLane({ ...quiet, turns, scheduler: schedulerThat(accepted, submitted) });
  lane.hand("/e", [wish("rank4")], 5);
  expect(submitted).toEqual([]);
  leftMs = 0;
  await eventually(() => submitted.length === 1);
  await lane.stop();
  // Before sbatch, which may take long, and after it.
  expect(rests).toEqual([5, 5]);
});
