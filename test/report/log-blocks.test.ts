import { describe, expect, test } from "vitest";

import type { ExperimentState } from "../../src/domain/state.ts";
import { describeChanges } from "../../src/report/describe-changes.ts";
import { summaryBlock } from "../../src/report/extract-blocks.ts";
import type { LogName } from "../../src/report/log-block.ts";
import { renderBlocks } from "../../src/report/log-blocks.ts";
import { renderJobIds } from "../../src/report/module-blocks.ts";
import {
  aControl, anAttempt, anExperiment, aRun, aScore, aState, at, binary, blocked, evaluationFailed, placesOf, queued, scored, skipped, trained, trainingFailed, waiting,
  type StateChanges,
} from "../support/builders.ts";
import { golden } from "./golden.ts";

const experiment = anExperiment({ runs: [aRun("rank4"), aRun("rank8"), aControl("base")] });
const places = placesOf(experiment);
const submitting = (submitted: number): ReturnType<typeof waiting> => ({ state: "submitting", context: { attempts: [{ number: 1, key: "k", intendedAt: at(submitted) }] } });
const settling = { state: "settling", context: { reason: "waits for scaffolding: no training script for rank8", armedBy: "dropped into /home/ada/experiments", armedAt: at(0) } } as const;
const working = { state: "working", context: { armedBy: "dropped into /home/ada/experiments", armedAt: at(0), startedAt: at(1), scheduler: "slurm" } } as const;
const log = (cell: string): string => `${cell}/logs/2026-11-21T12-12-03-05-00_capitalization_3enz54Dy2969YgtGrDGr7L.eval`;

const rank4 = trained(anAttempt("101", 1, 2, 10.25), { finalLoss: 0.234, checkpoints: [0], checkpointFolder: "rank4/artifacts", output: "rank4/artifacts/slurm-101.out" });
const rank8 = trainingFailed(anAttempt("102", 1, 2, 12, { jobState: "TIMEOUT" }), { cause: "time limit", message: "job 102: TIMEOUT", file: "rank8/artifacts/slurm-102.out" }, { checkpoints: [] });
const score = scored(anAttempt("104", 11, 12, 16.87), { accuracy: 0.85, binary: binary(0.85, 0.83, 0.82), log: log("rank4/eval/capitalization_epoch0") });
const missing = { state: "failed", context: { attempts: [], failure: { cause: "no checkpoint", message: "its checkpoint is missing: rank4/artifacts/epoch_1", file: "rank4/artifacts/epoch_1" } } } as const;
const skippedEvaluations = { rank8_capitalization_epoch0: skipped("the training of rank8 failed (time limit)"), rank8_capitalization_epoch1: skipped("the training of rank8 failed (time limit)") };
const lostLog = evaluationFailed(anAttempt("103", 1, 2, 2.4), { cause: "no evaluation log", message: "job 103 ended COMPLETED and left no evaluation log" });

// One night, pass by pass: the minute and what the state was then.
const night: readonly (readonly [minute: number, changes: StateChanges])[] = [
  [0, { life: settling }],
  [1, { life: working, runs: { rank4: submitting(1), rank8: submitting(1) } }],
  [1.1, { life: working, runs: { rank4: queued("pending", anAttempt("101", 1)), rank8: queued("pending", anAttempt("102", 1)) }, evaluations: { base_capitalization: queued("pending", anAttempt("103", 1)) } }],
  [2.5, { life: working, runs: { rank4: queued("running", anAttempt("101", 1, 2)), rank8: queued("running", anAttempt("102", 1, 2)) }, evaluations: { base_capitalization: lostLog } }],
  [10.5, { life: working, runs: { rank4, rank8: queued("running", anAttempt("102", 1, 2)) }, evaluations: { base_capitalization: lostLog, rank4_capitalization_epoch1: missing } }],
  [11.1, { life: working, runs: { rank4, rank8: queued("running", anAttempt("102", 1, 2)) }, evaluations: { base_capitalization: lostLog, rank4_capitalization_epoch1: missing, rank4_capitalization_epoch0: queued("pending", anAttempt("104", 11)) } }],
  [12.5, { life: working, runs: { rank4, rank8 }, evaluations: { base_capitalization: lostLog, ...skippedEvaluations, rank4_capitalization_epoch1: missing, rank4_capitalization_epoch0: queued("running", anAttempt("104", 11, 12)) } }],
  [17, {
    life: { state: "finished", context: { ...working.context, finishedAt: at(17) } }, runs: { rank4, rank8 },
    evaluations: { base_capitalization: lostLog, ...skippedEvaluations, rank4_capitalization_epoch1: missing, rank4_capitalization_epoch0: score },
  }],
];

function logsOf(passes: typeof night): Record<LogName, string> {
  const logs = { "run-experiment": "", "run-torchtune": "", "run-inspect": "", "summarize-experiment": "" };
  let before: ExperimentState | undefined;
  for (const [minute, changes] of passes) {
    const state = aState(experiment, changes);
    for (const { file, text } of renderBlocks(describeChanges(before, state, experiment, at(minute)), { experiment, state, places })) logs[file] += text;
    before = state;
  }
  if (before !== undefined) logs["summarize-experiment"] += summaryBlock({ experiment, state: before }, "summary.md", at(17)).text;
  return logs;
}

describe("the logs of one night", () => {
  const logs = logsOf(night);

  test.each<LogName>(["run-experiment", "run-torchtune", "run-inspect", "summarize-experiment"])("%s.log reads as reviewed", (name) => {
    expect(logs[name]).toBe(golden(`${name}.log`, logs[name]));
  });

  test.each(Object.entries(logs))("%s.log holds nothing but blocks before its closing report", (_name, text) => {
    for (const block of (text.split("## Run ")[0] ?? "").split("\n\n").filter((part) => part !== "")) expect(block).toMatch(/^\[\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\] [A-Z_]+: .+(?:\n[A-Z][A-Za-z0-9 ]*: .+)*$/u);
  });

  test("the harvest of job ids that users have finds every job", () => {
    // The expressions of cruijff_kit's compute_gpu_metrics, which read with DOTALL.
    const harvest = (pattern: RegExp, text: string): string[][] => Array.from(text.matchAll(pattern), ([, unit = "", id = ""]) => [unit, id]);
    expect(harvest(/SUBMIT_JOB: ([\w.-]+)\n.*?\nJob ID: (\d+)/gsu, logs["run-torchtune"])).toEqual([["rank4", "101"], ["rank8", "102"]]);
    expect(harvest(/SUBMIT_EVAL: ([\w./-]+)\n.*?\nJob ID: (\d+)/gsu, logs["run-inspect"])).toEqual([["base/capitalization", "103"], ["rank4/capitalization/epoch0", "104"]]);
  });
});

describe("a block", () => {
  const blocksOf = (before: StateChanges, after: StateChanges): string => {
    const state = aState(experiment, after);
    return renderBlocks(describeChanges(aState(experiment, before), state, experiment, at(5)), { experiment, state, places }).map(({ text }) => text).join("");
  };

  test("of a refused submission does not give its run the next job's id", () => {
    const failure = { cause: "submission refused", message: "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed" } as const;
    const text = blocksOf({ runs: { rank4: submitting(1), rank8: submitting(1) } }, {
      runs: { rank4: { state: "failed", context: { attempts: [{ number: 1, key: "k", intendedAt: at(1) }], failure } }, rank8: queued("pending", anAttempt("102", 1)) },
    });
    expect(text).toContain("SUBMIT_JOB_FAILED: rank4\nDetails: sbatch rank4/finetune.slurm\nResult: failure: sbatch: error: QOSMaxSubmitJobPerUserLimit\\nsbatch: error: Batch job submission failed\n\n");
    expect(Array.from(text.matchAll(/SUBMIT_JOB: ([\w.-]+)\n.*?\nJob ID: (\d+)/gsu), ([, run]) => run)).toEqual(["rank8"]);
  });

  test("of a job on this machine does not claim that sbatch was called", () => {
    const life = { ...working, context: { ...working.context, scheduler: "local" } } as const;
    expect(blocksOf({ life, runs: { rank4: submitting(1) } }, { life, runs: { rank4: queued("pending", anAttempt("4242", 1)) } })).toContain("Details: local scheduler: rank4/finetune.slurm\nJob ID: 4242");
  });

  test("of another attempt says which", () => {
    const lost = { state: "retrying", context: { attempts: [anAttempt("101", 1, 2, 3)] } } as const;
    const again = { state: "pending", context: { attempts: [anAttempt("101", 1, 2, 3), anAttempt("105", 4, undefined, undefined, { number: 2 })] } } as const;
    expect(blocksOf({ runs: { rank4: lost } }, { runs: { rank4: again } })).toContain("Job ID: 105\nAttempt: 2\n");
  });

  test("of a log that is in error names it, and one that cannot be read too", () => {
    const running = queued("running", anAttempt("104", 1, 2));
    const bad = evaluationFailed(anAttempt("104", 1, 2, 3), { cause: "evaluation error", message: "ValueError: no" }, { logStatus: "error", log: log("rank4/eval/capitalization_epoch0") });
    const cut = evaluationFailed(anAttempt("104", 1, 2, 3), { cause: "unreadable evaluation log", message: "cut short", file: "x.eval" });
    const text = (life: typeof bad): string => blocksOf({ evaluations: { rank4_capitalization_epoch0: running } }, { evaluations: { rank4_capitalization_epoch0: life } });
    expect(text(bad)).toContain(`EXTRACT_ACCURACY: rank4/capitalization/epoch0\nDetails: ${log("rank4/eval/capitalization_epoch0")}\nResult: error: ValueError: no\n`);
    expect(text(cut)).toContain("EXTRACT_ACCURACY: rank4/capitalization/epoch0\nDetails: x.eval\nResult: error: cut short\n");
  });

  test("of a result that stood there says how it was come by", () => {
    const found = { state: "scored", context: { attempts: [], adopted: "evaluated before: x.eval", result: aScore({ accuracy: 1 }) } } as const;
    expect(blocksOf({ evaluations: { rank4_capitalization_epoch0: blocked() } }, { evaluations: { rank4_capitalization_epoch0: found } })).toContain("Current: COMPLETED\nReason: evaluated before: x.eval\n");
  });
});

test.each([[["101"], "101"], [["101", "102", "103"], "101-103"], [["101", "103", "104"], "101, 103-104"], [["b", "a"], "a, b"], [["104", "9", "103"], "9, 103-104"], [["99", "100"], "99-100"]])("job ids %j are written %s", (ids, text) => {
  expect(renderJobIds(ids)).toBe(text);
});
