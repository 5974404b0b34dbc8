import { expect, test } from "vitest";

import type { ExperimentReading } from "../../src/domain/experiment-reading.ts";
import type { Problem } from "../../src/domain/problem.ts";
import { renderCheck } from "../../src/report/check.ts";
import type { StatusView } from "../../src/report/status-view.ts";
import { renderSurvey } from "../../src/report/survey.ts";
import { wouldSubmit } from "../../src/report/would-submit.ts";
import { aState, placesOf, skipped, waiting } from "../support/builders.ts";
import { golden } from "./golden.ts";
import { adopted, allWentWell, halfWay, nothingYet, type Story } from "./stories.ts";

const invalid: Problem = { severity: "error", message: "a run needs a name", file: "experiment_summary.yaml", line: 7, column: 5, advice: "Give it one" };
const held = { state: "held", context: { reason: "not armed by a person yet" } } as const;
const viewOf = ({ experiment, state }: Story, more: Partial<StatusView> = {}): StatusView => ({ folder: experiment.folder, experiment, state, problems: [], ...more });
const readingOf = (folder: string, more: Partial<ExperimentReading>): ExperimentReading => ({
  folder, problems: [], missing: { training: [], evaluations: [] }, strayScripts: [], designFiles: [], hashes: new Map(), traces: [], newestChangeMs: 0, ...more,
});

function neverStarted(): Story {
  const { experiment } = nothingYet();
  return { experiment, state: aState(experiment, { life: held, runs: Object.fromEntries(["rank4_lr1e-5", "rank8_lr1e-5"].map((name) => [name, waiting("the experiment is held")])) }) };
}

const halfFinished = { ...halfWay(), state: { ...halfWay().state, life: { state: "held", context: { reason: "it shows work that is not in its state: rank4_lr1e-5/artifacts/slurm-101.out" } } } } as const;

test("the survey of a folder with one of each kind reads as reviewed", () => {
  const views = [
    viewOf(allWentWell(), { folder: "/home/ada/experiments/finished" }),
    viewOf(halfFinished, { folder: "/home/ada/experiments/half finished", reading: readingOf("", { traces: ["rank4_lr1e-5/artifacts/slurm-101.out is a job's output", "rank4_lr1e-5/artifacts/epoch_0 holds a checkpoint"] }) }),
    viewOf(neverStarted(), { folder: "/home/ada/experiments/never_started" }),
    viewOf(adopted(), { folder: "/home/ada/experiments/adopted" }),
    { folder: "/home/ada/experiments/broken", problems: [invalid] },
  ];
  for (const [name, isDryRun] of [["survey.txt", false], ["survey-dry-run.txt", true]] as const) {
    const text = `${renderSurvey(views, { isDryRun })}\n`;
    expect(text).toBe(golden(name, text));
  }
});

test("an empty folder says what to do", () => {
  expect(renderSurvey([], { isDryRun: false })).toBe("No experiment is here yet; a folder with an experiment_summary.yaml that is dropped in is picked up.");
});

test("what would be submitted leaves out what is done, under way, held or without a training", () => {
  const { experiment, state } = halfWay();
  const names = ({ trainings, evaluations }: ReturnType<typeof wouldSubmit>): string[] => [...trainings.map(({ run }) => run.name), ...evaluations.map(({ key }) => key)];
  expect(names(wouldSubmit({ experiment, state }))).toEqual(["rank8_lr1e-5_capitalization_epoch0", "rank8_lr1e-5_capitalization_epoch1"]);
  const rank8 = { state: "held", context: { attempts: [], reason: "earlier work stands there" } } as const;
  expect(names(wouldSubmit({ experiment, state: { ...state, runs: { ...state.runs, "rank8_lr1e-5": rank8 } } }))).toEqual([]);
  expect(names(wouldSubmit({ experiment, state: aState(experiment, { evaluations: { base_model_capitalization: skipped("x") } }) }))).toHaveLength(4 + 8);
});

test.each<[string, () => StatusView]>([
  ["never-started", () => viewOf(neverStarted(), { places: placesOf(neverStarted().experiment), reading: readingOf("", {}) })],
  ["scaffolding-incomplete", () => viewOf(nothingYet(), {
    places: placesOf(nothingYet().experiment, ["rank8_lr1e-5", "rank8_lr1e-5_capitalization_epoch1"]), reading: readingOf("", { strayScripts: ["rank64/finetune.slurm"] }),
    problems: [{ severity: "warning", message: "unknown key `epoch`", file: "experiment_summary.yaml", line: 3, column: 1 }],
  })],
  ["evaluations-missing", () => viewOf(neverStarted(), { places: placesOf(neverStarted().experiment, ["base_model_capitalization"]), reading: readingOf("", {}) })],
  ["finished", () => viewOf(allWentWell(), { places: placesOf(allWentWell().experiment), reading: readingOf("", { traces: ["rank4_lr1e-5/artifacts/epoch_0 holds a checkpoint"] }) })],
  ["invalid", () => ({ folder: "/home/ada/experiments/broken", problems: [invalid] })],
])("check reads as reviewed when it is %s", (name, view) => {
  const text = `${renderCheck(view())}\n`;
  expect(text).toBe(golden(`check-${name}.txt`, text));
});
