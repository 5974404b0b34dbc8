import { describe, expect, test } from "vitest";

import type { EvaluationLog } from "../../src/domain/evaluator.ts";
import type { Problem } from "../../src/domain/problem.ts";
import type { EvaluationLife } from "../../src/domain/state.ts";
import { statusJson } from "../../src/report/status-json.ts";
import { renderStatus } from "../../src/report/status-table.ts";
import type { StatusView } from "../../src/report/status-view.ts";
import { aControl, anAttempt, anExperiment, aRun, aState, at, evaluationFailed, queued, scored, trainingFailed } from "../support/builders.ts";
import { golden } from "./golden.ts";
import { allFailed, allWentWell, halfWay, nothingYet, type Story } from "./stories.ts";

const now = at(20);
const viewOf = ({ experiment, state }: Story, more: Partial<StatusView> = {}): StatusView => ({ folder: experiment.folder, experiment, state, problems: [], ...more });
const invalid: Problem = { severity: "error", message: "a run needs a name", file: "experiment_summary.yaml", line: 7, column: 5, expected: "text", found: "nothing", advice: "Give it one" };

const tails = new Map([["rank16_lr1e-5", {
  path: "/scratch/ada/cap_4L_lora_2026-11-21/rank16_lr1e-5/artifacts/slurm-103.out",
  lines: ["2|125|Loss: 1.234:  50%|█████     | 125/250 [15:00<15:00,  7.20s/it]", "slurmstepd: error: *** JOB 103 ON node7 CANCELLED AT 2026-11-21T12:17:00 DUE TO TIME LIMIT ***"],
}]]);
const trainings = new Map([["rank8_lr1e-5", { checkpointLines: 1, checkpoints: [], last: { epoch: 2, step: 180, loss: 0.4321 } }]]);

describe("the table on a terminal", () => {
  test.each<[string, StatusView]>([
    ["all-went-well", viewOf(allWentWell())],
    ["half-way", viewOf(halfWay(), { tails, trainings })],
    ["all-failed", viewOf(allFailed())],
    ["nothing-yet", viewOf(nothingYet(), { problems: [{ severity: "warning", message: "unknown key `epoch`", file: "experiment_summary.yaml", line: 3, column: 1 }] })],
    ["invalid", { folder: "/scratch/ada/broken", problems: [invalid] }],
    ["blind", viewOf(halfWay(), { queue: { kind: "unavailable", at: now, reason: "squeue: error: Unable to contact slurm controller", since: now } })],
  ])("reads as reviewed when it is %s", (name, view) => {
    const text = `${renderStatus(view, { now, width: 110 })}\n`;
    expect(text).toBe(golden(`status-${name}.txt`, text));
  });

  test.each([80, 100, 140])("keeps within %i columns", (width) => {
    // The path to look at is never broken, so that it can be copied.
    const lines = renderStatus(viewOf(halfWay(), { folder: "/s/cap" }), { now, width }).split("\n").filter((line) => !line.trimStart().startsWith("see "));
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  test("paints words and nothing else, and leaves no trace of it where there are no colours", () => {
    const plain = renderStatus(viewOf(halfWay()), { now });
    const painted = renderStatus(viewOf(halfWay()), { now, paint: (_tone, text) => `\u001b[1m${text}\u001b[22m` });
    expect(painted).toContain("\u001b[1mRUNNING\u001b[22m");
    expect(painted.replaceAll(/\u001b\[\d+m/gu, "").replaceAll(/ +$/gmu, "")).toBe(plain);
    expect(plain).not.toContain("\u001b");
  });

  test("takes escape codes out of names, reasons and tails, and masks secrets", () => {
    const experiment = anExperiment({ name: "\u001b[2Jcap", runs: [aRun("\u001b]0;r\u0007r4"), aControl("base")], epochs: 1 });
    const state = aState(experiment, { runs: { "\u001b]0;r\u0007r4": trainingFailed(anAttempt("1", 0, 1, 2), { cause: "error", message: "WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567" }) } });
    const nasty = new Map([["\u001b]0;r\u0007r4", { path: "x.out", lines: ["\u001b[31mhf_abcdefghijklmnopqrstuvwx\u001b[0m"] }]]);
    const text = renderStatus({ folder: "/s/cap", experiment, state, problems: [], tails: nasty }, { now });
    expect(text).not.toMatch(/\u001b|\u0007|0123456789abcdef|hf_abc/u);
    expect(text).toContain("    | ***");
  });

  test("says which log counts and why, where another one could have, also after a failure, but not of an evaluation that is done again", () => {
    const experiment = anExperiment({ runs: [aRun("r")], epochs: 2 });
    const choice = (name: string): object => ({ choice: `${name}.eval counts, of 2 logs, because of its status` });
    const failed = evaluationFailed(anAttempt("2", 1, 2, 3), { cause: "evaluation error", message: "ValueError" }, { logStatus: "error", ...choice("b") });
    const show = (last: EvaluationLife): string => renderStatus({ folder: "/s/cap", experiment, problems: [], state: aState(experiment, {
      evaluations: { r_capitalization_epoch0: scored(anAttempt("1", 1, 2, 3), { accuracy: 0.5, ...choice("a") }), r_capitalization_epoch1: last },
    }) }, { now, width: 160 });
    expect(show(failed)).toMatch(/COMPLETED +0 .*a\.eval counts, of 2 logs, because of its status\n[^]*ValueError\n {4}b\.eval counts, of 2 logs, because of its status\n/u);
    expect(show({ ...failed, state: "pending" })).not.toContain("b.eval");
  });

  test("shows how far running jobs are", () => {
    const experiment = anExperiment({ runs: [aRun("r")], epochs: 2 });
    const state = aState(experiment, { runs: { r: queued("running", anAttempt("1", 0, 1)) }, evaluations: { r_capitalization_epoch0: queued("running", anAttempt("2", 0, 15)) } });
    const log = { path: "x", status: "started", task: "t", model: "m", created: at(1), samples: 37, completedSamples: 37, totalSamples: 100, metrics: [] } as const;
    const view = (soFar: Partial<EvaluationLog> = {}): StatusView => ({
      folder: "/s/cap", experiment, state, problems: [],
      trainings: new Map([["r", { checkpointLines: 0, checkpoints: [], last: { epoch: 1, step: 40, loss: 10.48 } }]]),
      evaluations: new Map([["r_capitalization_epoch0", { logCount: 1, problems: [], log: { ...log, ...soFar } }]]),
    });
    const text = renderStatus(view(), { now });
    expect(text).toMatch(/r +RUNNING +1\/2 +loss 10\.480, step 40 +1 +19m/u);
    expect(text).toMatch(/r\/capitalization +RUNNING +0 +37\/100 samples +2 +5m/u);
    const accuracy = { soFar: { accuracy: 31 / 37, scorer: "match", metrics: [], samples: 37 } };
    expect(renderStatus(view(accuracy), { now, width: 140 })).toMatch(/ 37\/100 samples, accuracy 0\.84 /u);
    expect(statusJson(view(accuracy), { now }).evaluations[0]).toMatchObject({ progress: { completed_samples: 37, total_samples: 100, accuracy: 31 / 37 } });
    expect(statusJson(view(), { now }).evaluations[0]).not.toHaveProperty("result");
  });
});

describe("the same for scripts", () => {
  test("is plain JSON with the reason of each state", () => {
    const json = statusJson(viewOf(halfWay(), { tails }), { now });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    const text = `${JSON.stringify(json, undefined, 2)}\n`;
    expect(text).toBe(golden("status-half-way.json", text));
  });

  test("spells out what JSON has no number for", () => {
    const { runs } = statusJson(viewOf(halfWay()), { now });
    expect(runs.find(({ run }) => run === "rank16_lr5e-2")?.result).toMatchObject({ finalLoss: "NaN" });
  });

  test("says invalid, and why, where nothing can be understood", () => {
    expect(statusJson({ folder: "/s/broken", problems: [invalid] }, { now })).toEqual({
      folder: "/s/broken", status: "invalid", reason: "experiment_summary.yaml:7:5: a run needs a name (expected text, found nothing). Give it one", runs: [], evaluations: [], problems: [invalid],
    });
  });
});
