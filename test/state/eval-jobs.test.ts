import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import { parseEvalJobs } from "../../src/state/parse-eval-jobs.ts";
import { renderEvalJobs } from "../../src/state/render-eval-jobs.ts";
import { readState } from "../../src/state/state-file.ts";

const state: ExperimentState = {
  experiment: "cap_4L_lora_lr_sweep", id: "cap_4L_lora_lr_sweep-00c0ffee", revision: 7, monitoringStarted: "2025-10-24T00:30:28.000+02:00",
  life: { state: "working", context: { armedBy: "ada", armedAt: "2025-10-24T00:30:00.000+02:00", armedExplicitly: true, scheduler: "local", startedAt: "2025-10-24T00:30:28.000+02:00" } },
  runs: {
    rank8: { state: "trained", context: { attempts: [], adopted: "trained before", result: { finalLoss: Number.NaN, divergedAtStep: 5, totalSteps: 800, epochs: 2, checkpoints: [0, 1] } } },
    base: { state: "trained", context: { attempts: [], adopted: "a control is not trained", result: { checkpoints: [] } } },
  },
  evaluations: {
    rank8_capitalization_epoch0: {
      state: "scored",
      context: {
        attempts: [{
          number: 1, key: "rank8-capitalization-epoch0-1-00c0ffee", intendedAt: "2025-10-24T00:30:18.000+02:00", jobId: "12345690", jobState: "COMPLETED",
          submittedAt: "2025-10-24T00:30:20.000+02:00", startedAt: "2025-10-24T00:30:20.000+02:00", endedAt: "2025-10-24T00:35:12.400+02:00", exitCode: 0, node: "n1", configHash: "0011223344556677",
        }],
        result: {
          logStatus: "success", log: "rank8/eval/logs/x.eval", task: "capitalization", model: "hf/x", accuracy: 0.85, scorer: "match", samples: 100,
          binary: { samples: 100, accuracy: 0.85, balancedAccuracy: 0.83, f1: 0.82, precision1: 0.8, recall1: 0.84, recall0: 0.82, confusionMatrix: { tp: 42, tn: 43, fp: 7, fn: 8, other: 0 } },
        },
      },
    },
  },
  units: { rank8_capitalization_epoch0: { run: "rank8", task: "capitalization", epoch: 0 } },
};

describe("eval_jobs.json", () => {
  test("holds the fields of the users' documents, in their form", () => {
    const json = JSON.parse(renderEvalJobs(state)) as { experiment: string; monitoring_started: string; evaluations: Record<string, object> };
    expect(json.experiment).toBe("cap_4L_lora_lr_sweep");
    expect(json.monitoring_started).toBe("2025-10-24 00:30:28");
    expect(json.evaluations["rank8_capitalization_epoch0"]).toMatchObject({
      run: "rank8", task: "capitalization", epoch: 0, job_id: "12345690", status: "COMPLETED",
      submitted: "2025-10-24 00:30:20", completed: "2025-10-24 00:35:12", elapsed: "4m 52s", log_path: "rank8/eval/logs/",
    });
  });

  test("comes back as it went, a diverged loss included", () => {
    expect(parseEvalJobs(renderEvalJobs(state))).toEqual({ state });
  });

  test("has the same bytes for the same meaning, whatever order things were learnt in", () => {
    const turned = { ...state, runs: Object.fromEntries(Object.entries(state.runs).reverse()) };
    expect(renderEvalJobs(turned)).toBe(renderEvalJobs(state));
    expect(renderEvalJobs(state).endsWith("}\n")).toBe(true);
  });
});

test("the same meaning gives the same bytes, in whatever order its fields came about", () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    return value === null || typeof value !== "object" ? value : Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reversed(inner)]));
  };
  expect(renderEvalJobs(reversed(state) as typeof state)).toBe(renderEvalJobs(state));
});

describe("a state that cannot be trusted is never read as an empty one", () => {
  const whole = renderEvalJobs(state);
  test.each([
    ["nothing at all", "", /is not JSON/u],
    ["cut in half", whole.slice(0, whole.length / 2), /is not JSON/u],
    ["a list", "[]", /expected object/u],
    ["null", "null", /expected object/u],
    ["a newer schema", whole.replace('"schema": 1', '"schema": 2'), /schema 2/u],
    ["an unknown state", whole.replace('"state": "scored"', '"state": "glorious"'), /state/u],
    ["a merge conflict", whole.replace('"schema"', '<<<<<<< HEAD\n"schema"'), /is not JSON/u],
    ["a time that is none", whole.replace("2025-10-24T00:30:28.000+02:00", "yesterday"), /ISO 8601/u],
  ])("%s", (_name, text, message) => {
    const parsed = parseEvalJobs(text);
    expect(parsed).toMatchObject({ problem: { severity: "error", file: "eval_jobs.json", message: expect.stringMatching(message) as string } });
  });

  test("it stays as it is, and its place and the command that helps are told", () => {
    const folder = mkdtempSync(join(tmpdir(), "nightshift-corrupt-"));
    try {
      for (const [text, place] of [["", "1:1"], [whole.slice(0, 300), ""], ["PK\u0003\u0000\uFFFD", "1:1"], [whole.replace('"revision": 7', '"revision": "seven"'), `${whole.split("\n").findIndex((line) => line.includes('"revision"')) + 1}:15`], [whole.replace('"id"', '<<<<<<< HEAD\n  "id"'), ""], [whole.replace('"schema": 1', '"schema": 1,\n  "revision": 3'), ""]] as const) {
        writeFileSync(join(folder, "eval_jobs.json"), text);
        const stored = readState(folder);
        if (stored.kind !== "corrupt") throw new Error(`${stored.kind}: ${text}`);
        expect(renderProblem(stored.problem)).toMatch(new RegExp(`^eval_jobs\\.json:${place === "" ? "\\d+:\\d+" : place}: .* To rebuild its state: nightshift recover ${folder}$`, "u"));
        expect(readFileSync(join(folder, "eval_jobs.json"), "utf8")).toBe(text);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a field that a newer nightshift has written is kept", () => {
    const newer = whole.replace('"number": 1,', '"number": 1,\n          "weather": "fine",');
    const parsed = parseEvalJobs(newer);
    expect("state" in parsed ? JSON.parse(renderEvalJobs(parsed.state)) as unknown : parsed).toEqual(JSON.parse(newer));
  });

  test("a file in the form of the users' documents is theirs", () => {
    expect(parseEvalJobs('{"experiment": "x", "monitoring_started": "2025-10-24 00:30:28", "evaluations": {"a_b_epoch0": {"run": "a"}}}')).toEqual({ isTheirs: true });
  });

  test("the place of a syntax error is told", () => {
    const parsed = parseEvalJobs('{\n  "experiment": "x",\n  oops\n}');
    expect(parsed).toMatchObject({ problem: { line: 3 } });
  });
});
