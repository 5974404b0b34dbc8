import { expect, test } from "vitest";

import { createQueue } from "../../src/daemon/queue.ts";
import { eventually } from "../support/eventually.ts";

test("a name that is added many times while it waits is looked at once", async () => {
  const seen: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => { open = resolve; });
  const queue = createQueue({ work: async (name) => { seen.push(name); if (name === "first") await gate; }, onError: () => {} });
  queue.add("first");
  for (let i = 0; i < 10; i += 1) queue.add("second");
  open();
  await eventually(() => seen.length >= 2);
  await queue.stop();
  expect(seen).toEqual(["first", "second"]);
});

test("a name that is added while it is worked on is looked at again afterwards", async () => {
  const seen: string[] = [];
  const queue = createQueue({ work: async (name) => { seen.push(name); if (seen.length === 1) queue.add(name); }, onError: () => {} });
  queue.add("cap");
  await eventually(() => seen.length === 2);
  await queue.stop();
  expect(seen).toEqual(["cap", "cap"]);
});

test("one that throws is told, comes back later, and holds up nobody", async () => {
  const seen: string[] = [];
  const errors: [string, unknown, number][] = [];
  const queue = createQueue({
    work: async (name) => { seen.push(name); if (name === "bad") throw new Error("disk full"); },
    onError: (name, error, retryMs) => errors.push([name, (error as Error).message, retryMs]),
  });
  queue.add("bad");
  queue.add("good");
  await eventually(() => seen.includes("good"));
  await queue.stop();
  expect(seen).toEqual(["bad", "good"]);
  expect(errors).toEqual([["bad", "disk full", 1000]]);
});

test("stopping waits for the pass in progress and begins no other", async () => {
  const seen: string[] = [];
  let finish = (): void => {};
  const queue = createQueue({ work: async (name) => { await new Promise<void>((resolve) => { finish = resolve; }); seen.push(name); }, onError: () => {} });
  queue.add("one");
  queue.add("two");
  const stopped = queue.stop();
  finish();
  await stopped;
  queue.add("three");
  expect(seen).toEqual(["one"]);
});
