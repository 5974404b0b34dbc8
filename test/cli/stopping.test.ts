import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, type Workplace } from "../support/workplace.ts";

const lease = /^(?:.*\/)?\.nightshift(?:\/lease(?:\/.*)?)?$/u;
let place: Workplace;
let night: string;
let gate: string;

// In each story an experiment whose second training waits for a gate, so that a job runs for as long as it is wanted to.
beforeEach(() => {
  place = openWorkplace();
  [night, gate] = [join(place.root, "night"), join(place.folder, "gate")];
});

afterEach(() => place.clear(), 60_000);

test("Ctrl-C stops the watcher and no job, starting again goes on, and what is finished stays finished", async () => {
  const first = place.start(["watch", place.root, ...fast]);
  await first.says("No experiment is here yet");
  drop("night");
  await eventually(() => place.units().includes("rank8"), "the training that waits");
  first.signal("SIGINT");
  expect(await first.ended).toMatchObject({ code: 0, err: "", out: expect.stringContaining(`Stopped by Ctrl-C. Jobs of 1 experiment keep running. Resume with: nightshift watch ${place.root}`) as string });
  open();
  await eventually(() => existsSync(join(night, "rank8/artifacts/epoch_1")), "the end of the training");
  expect(place.units()).not.toContain("rank8/cap/0");

  const second = place.start(["watch", place.root, ...fast]);
  await second.says("night: finished: 2/2 trainings and 5/5 evaluations completed");
  second.signal("SIGTERM");
  const { code, out } = await second.ended;
  expect([code, out.trimEnd().split("\n").at(-1)]).toEqual([0, `Stopped by SIGTERM. Resume with: nightshift watch ${place.root}`]);
  expect(place.units()).toEqual(unitsOf({}));

  const before = listing(night, lease);
  const third = place.start(["watch", place.root, ...fast]);
  await third.says("night: finished, 3/3 complete");
  third.signal("SIGTERM");
  expect((await third.ended).code).toBe(0);
  expect(listing(night, lease)).toEqual(before);
  expect(place.units()).toEqual(unitsOf({}));
});

test("a watcher that nobody listens to any more goes on", async () => {
  const watcher = place.start(["watch", place.root, ...fast]);
  await watcher.says("No experiment is here yet");
  watcher.turnsAway();
  writeFileSync(gate, "");
  drop("night");
  await eventually(() => existsSync(join(night, "summary.md")) && place.units().length === unitsOf({}).length, "the end of the experiment");
  watcher.signal("SIGTERM");
  expect(await watcher.ended).toMatchObject({ code: 0, signal: null });
});

test("`run` that is stopped has not done its work, says how to go on, and does go on", async () => {
  writeGated(night);
  const first = place.start(["run", night, ...fast]);
  await eventually(() => place.units().includes("rank8"), "the training that waits");
  first.signal("SIGTERM");
  expect(await first.ended).toMatchObject({ code: 1, out: expect.stringContaining(`Stopped by SIGTERM; jobs keep running. Resume with: nightshift run ${night}`) as string });
  open();
  const second = await place.nightshift(["run", night, ...fast]);
  expect(second).toMatchObject({ code: 0, out: expect.stringContaining("## Run Experiment Complete") as string });
  expect(place.units()).toEqual(unitsOf({}));
});

test("after kill -9 the next one takes over, and has also watched in between", async () => {
  const first = place.start(["watch", place.root, ...fast]);
  await first.says("No experiment is here yet");
  drop("night");
  await eventually(() => place.units().includes("rank8"), "the training that waits");
  first.signal("SIGKILL");
  await first.ended;
  drop("meanwhile", { runs: ["rank4"], epochs: 1 });
  const second = place.start(["watch", place.root, ...fast]);
  await second.says("meanwhile: finished: 1/1 trainings and 2/2 evaluations completed");
  open();
  await second.says("night: finished: 2/2 trainings and 5/5 evaluations completed");
  expect(place.units()).toEqual([...unitsOf({}), ...unitsOf({ runs: ["rank4"], epochs: 1 })].sort());
});

test("what is moved in after the watcher was stopped stood there before, and is held", async () => {
  const first = place.start(["watch", place.root, ...fast]);
  await first.says("No experiment is here yet");
  first.signal("SIGTERM");
  await first.ended;
  drop("night");
  const before = listing(place.root);
  const second = place.start(["watch", place.root, ...fast]);
  await second.says("night: held, 0/3 complete");
  second.signal("SIGTERM");
  await second.ended;
  expect(listing(place.root)).toEqual(before);
});

test("a second one is told who takes care of an experiment, only looks, and sees it through", async () => {
  writeGated(night);
  const first = place.start(["run", night, ...fast]);
  await eventually(() => place.units().includes("rank8"), "the training that waits");
  const second = place.start(["run", night, ...fast]);
  await second.says(new RegExp(`${night}: \`nightshift run ${night}\` of \\S+ on \\S+ \\(pid ${first.pid}, since .*\\) takes care of it; this process only looks`, "u"));
  open();
  expect(await Promise.all([first.ended, second.ended])).toMatchObject([{ code: 0 }, { code: 0, out: expect.stringContaining("## Run Experiment Complete") as string }]);
  expect(place.units()).toEqual(unitsOf({}));
});

test("beside a watch that takes care of it and goes on, run only looks, and ends when all is finished", async () => {
  const root = join(place.folder, "watched by another");
  mkdirSync(root);
  const watch = place.start(["watch", root, ...fast]);
  await watch.says("No experiment is here yet");
  writeSmallExperiment(join(root, "seen"), { runs: ["rank8"], epochs: 1, ledger: join(place.folder, "ledger of seen"), before: { rank8: place.waitFor(gate) }, isMovable: true });
  await watch.says(/rank8: \w+ -> RUNNING/u);
  const run = place.start(["run", join(root, "seen"), ...fast]);
  await run.says("this process only looks");
  open();
  expect(await run.ended).toMatchObject({ code: 0, out: expect.stringContaining("## Run Experiment Complete") as string });
  watch.signal("SIGTERM");
  expect((await watch.ended).code).toBe(0);
});

function writeGated(folder: string, shape: { readonly runs?: readonly string[]; readonly epochs?: number } = {}): void {
  writeSmallExperiment(folder, { ...shape, ledger: place.ledger, before: { rank8: place.waitFor(gate) }, isMovable: true });
}

function drop(name: string, shape?: Parameters<typeof writeGated>[1]): void {
  writeGated(join(place.folder, name), shape);
  renameSync(join(place.folder, name), join(place.root, name));
}

function open(): void {
  writeFileSync(gate, "");
}
