import { expect, test } from "vitest";

import { startDaemon } from "../../src/daemon/daemon.ts";
import { aRun, emptyWorld, noTraining } from "../support/scenario-world.ts";
import { eventually } from "../support/eventually.ts";

test("a summary that breaks, or a state that goes, stops what waits in the lane", async () => {
  const scenario = emptyWorld();
  scenario.runs.push(aRun("rank4", "fine-tuned"), aRun("rank8", "fine-tuned"));
  scenario.trainings.set("rank4", noTraining).set("rank8", noTraining);
  scenario.scripts.add("rank4").add("rank8");
  scenario.nowMs += 3_600_000;
  scenario.requests.push({ action: "run", by: "ada", at: scenario.world.now() });
  const submitted: string[] = [];
  const errors: unknown[] = [];
  let answers = 0;
  let answer = (): void => {};
  const { readSettings } = scenario.world;
  scenario.world.readSettings = async (folder) => {
    const { settings, problems } = await readSettings(folder);
    return { settings: { ...settings, staggerMs: 0 }, problems };
  };
  const scheduler = scenario.world.scheduler("local");
  if (scheduler === undefined) throw new Error("no scheduler");
  const daemon = startDaemon({
    world: scenario.world, dryRun: false, mayWrite: () => true, postponedMs: 1, requests: () => [],
    schedulers: [{
      ...scheduler,
      submit: async (intent) => {
        submitted.push(intent.key);
        await new Promise<void>((resolve) => { answer = resolve; });
        return scenario.submit(intent);
      },
    }],
    onPass: () => {}, onAnswer: () => { answers += 1; }, onError: (_folder, error) => errors.push(error),
  });
  daemon.look(scenario.folder);
  await eventually(() => submitted.length === 1);
  await daemon.whenIdle();
  const read = scenario.world.readExperiment;
  const broken = await read(scenario.folder);
  scenario.world.readExperiment = async () => ({ ...broken, experiment: undefined as never, problems: [{ severity: "error", message: "not YAML", file: "experiment_summary.yaml" }] });
  daemon.look(scenario.folder);
  await eventually(() => daemon.passes().get(scenario.folder)?.problems.length === 1, "a look at the broken summary");
  answer();
  // With no pause between two submissions the lane turns to the next one in the very moment of this answer.
  await eventually(() => answers === 1);
  expect(submitted).toHaveLength(1);
  await daemon.stop();
  expect(errors).toEqual([]);
});
