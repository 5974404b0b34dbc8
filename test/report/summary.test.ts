import { describe, expect, test } from "vitest";

import type { EvaluationLife, RunLife } from "../../src/domain/state.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { aControl, anAttempt, anExperiment, aRun, aState, at, scored, trained, trainingFailed, waiting } from "../support/builders.ts";
import { golden } from "./golden.ts";
import { adopted, allFailed, allWentWell, halfWay, nothingYet, type Story } from "./stories.ts";

describe("summary.md", () => {
  test.each<[string, Story]>([
    ["all-went-well", allWentWell()],
    ["half-way", halfWay()],
    ["all-failed", allFailed()],
    ["nothing-yet", nothingYet()],
    ["adopted", adopted()],
  ])("reads as reviewed when it is %s", (name, story) => {
    const text = renderSummary(story);
    expect(text).toBe(golden(`summary-${name}.md`, text));
  });

  test("marks an accuracy that was only printed, and names no log of it", () => {
    const { experiment, state } = allWentWell();
    const [key = "", life] = Object.entries(state.evaluations)[0] ?? [];
    const result = { accuracy: 0.85, printed: true, samples: 0, log: "base/eval/slurm-7.out", model: "" } as const;
    const text = renderSummary({ experiment, state: { ...state, evaluations: { ...state.evaluations, [key]: scored(life?.context.attempts[0] ?? anAttempt("1", 0, 1, 2), result) } } });
    expect(text).toMatch(/\| capitalization +\| \d +\| 0\.85 +\| - +\| - +\| - +\|/u);
    expect(text).toContain("As their jobs printed it, to a few digits, since no log of them could be read: ");
    expect(text).not.toContain("slurm-7.out");
  });

  test("lists problems with their places", () => {
    const problems = [{ severity: "warning", message: "epochs is no list", file: "experiment_summary.yaml", line: 12, column: 7, expected: "[0, 1]", found: "`0|1`" }] as const;
    expect(renderSummary({ ...allWentWell(), problems })).toContain("- warning: experiment_summary.yaml:12:7: epochs is no list (expected \\[0, 1], found \\`0|1\\`)");
  });

  test("is the same bytes for the same state, whatever order its records are in", () => {
    const { experiment, state } = halfWay();
    const backwards = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> => Object.fromEntries(Object.entries(record).reverse());
    expect(renderSummary({ experiment, state: { ...state, runs: backwards(state.runs), evaluations: backwards(state.evaluations) } })).toBe(renderSummary({ experiment, state }));
  });

  test("changes its time only when a fact is newer", () => {
    const { experiment, state } = allWentWell();
    const timeOf = (text: string): string | undefined => /\*\*Generated:\*\* ([\d: -]+) \|/u.exec(text)?.[1];
    expect(timeOf(renderSummary({ experiment, state }))).toBe("2026-11-21 12:30:00");
    expect(timeOf(renderSummary({ experiment, state: { ...state, revision: 99 } }))).toBe("2026-11-21 12:30:00");
    const later = { ...state, runs: { ...state.runs, "rank4_lr1e-5": trained(anAttempt("201", 40, 41, 50)) } };
    expect(timeOf(renderSummary({ experiment, state: later }))).toBe("2026-11-21 12:50:00");
  });
});

describe("the table of trainings", () => {
  test.each<[string, RunLife, RegExp]>([
    ["a loss of three decimals", trained(anAttempt("1", 0, 1, 9.25), { finalLoss: 0.23391 }), /\| rank4 +\| 0\.234 +\| 250 +\| 2 +\| 8m 15s +\|/u],
    ["a tiny loss in full", trained(anAttempt("1", 0, 1, 2), { finalLoss: 0.000056 }), /\| rank4 +\| 5\.6e-5 +\|/u],
    ["nan for a divergence", trained(anAttempt("1", 0, 1, 2), { finalLoss: NaN, divergedAtStep: 7 }), /\| rank4 +\| nan +\|/u],
    ["N/A for a missing output", { state: "trained", context: { attempts: [], result: { checkpoints: [] } } }, /\| rank4 +\| N\/A +\| N\/A +\| N\/A +\| N\/A +\|/u],
    ["the last loss before a failure", trainingFailed(anAttempt("1", 0, 1, 2), { cause: "error", message: "x" }, { finalLoss: 2, totalSteps: 5, epochs: 1, checkpoints: [] }), /\| rank4 +\| 2\.000 +\| 5 +\| 1 +\| 1m +\|/u],
  ])("says %s", (_what, life, row) => {
    const experiment = anExperiment({ runs: [aRun("rank4")] });
    expect(renderSummary({ experiment, state: aState(experiment, { runs: { rank4: life } }) })).toMatch(row);
  });

  test("has no row for a training without result", () => {
    const experiment = anExperiment({ runs: [aRun("rank4")] });
    expect(renderSummary({ experiment, state: aState(experiment) })).toContain("No training has a result yet.");
  });
});

describe("names that Markdown, tables and shells would trip over", () => {
  test.each([
    ["a|b", "a\\|b"], ["`code`", "\\`code\\`"], ["two\nlines", "two\\\\nlines"], ["<img src=x>", "\\<img src=x>"], ["*bold*", "\\*bold\\*"], ["_it_", "\\_it\\_"],
    ["rank4_lr1e-5", "rank4_lr1e-5"], ["\u001b[31mred\u001b[0m", "red"], ["[link](x)", "\\[link](x)"], ["a\\b", "a\\\\b"], ["&lt;", "\\&lt;"], ["constructor", "constructor"], ["__proto__", "\\_\\_proto\\_\\_"],
  ])("%j stays one cell and itself", (name, cell) => {
    const experiment = anExperiment({ runs: [aRun(name), aControl("base")], epochs: 1 });
    const text = renderSummary({ experiment, state: aState(experiment) });
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.some((row) => row.startsWith(`| ${cell} `))).toBe(true);
    for (const row of rows) expect([4, 7]).toContain(row.replaceAll("\\|", "").split("|").length - 2);
  });

  test("commands quote folders with spaces and quotes for sh", () => {
    const experiment = anExperiment({ runs: [aRun("my run")], epochs: 1 });
    const key = "my run_capitalization_epoch0";
    const state = aState(experiment, { runs: { "my run": trained(anAttempt("1", 0, 1, 2)) }, evaluations: { [key]: scored(anAttempt("2", 2, 3, 4), { accuracy: 1, log: "my run/it's/logs/a b.eval" }) } });
    const text = renderSummary({ experiment, state });
    expect(text).toContain("`inspect view --log-dir 'my run/it'\\''s/logs'`");
    expect(text).toContain("`nightshift eval-log 'my run/it'\\''s/logs/a b.eval'`");
  });

  test("secrets in a failure's message never reach the page", () => {
    const experiment = anExperiment({ runs: [aRun("rank4")], epochs: 1 });
    const failure = { cause: "error", message: "HF_TOKEN=hf_abcdefghijklmnopqrstuv is wrong" } as const;
    expect(renderSummary({ experiment, state: aState(experiment, { runs: { rank4: trainingFailed(anAttempt("1", 0, 1, 2), failure) } }) })).not.toContain("hf_abcdef");
  });
});

describe("the evaluation column speaks for several evaluations", () => {
  const done = scored(anAttempt("1", 0, 1, 2), { accuracy: 1 });
  const life = (state: "pending" | "running"): EvaluationLife => ({ state, context: { attempts: [anAttempt("2", 1)] } });
  const failed: EvaluationLife = { state: "failed", context: { attempts: [], failure: { cause: "error", message: "x" } } };
  test.each<[string, EvaluationLife, EvaluationLife]>([
    ["COMPLETED", done, done],
    ["RUNNING", done, life("running")],
    ["RUNNING", life("pending"), life("running")],
    ["FAILED", failed, life("running")],
    ["FAILED", done, failed],
    ["WAITING", done, { state: "blocked", context: { attempts: [] } }],
  ])("with %s", (word, first, second) => {
    const experiment = anExperiment({ runs: [aRun("r")] });
    const state = aState(experiment, { runs: { r: trained(anAttempt("9", 0, 1, 2)) }, evaluations: { r_capitalization_epoch0: first, r_capitalization_epoch1: second } });
    expect(renderSummary({ experiment, state })).toMatch(new RegExp(`\\| r +\\| Fine-tuned \\| COMPLETED +\\| ${word} +\\|`, "u"));
  });

  test("and is N/A for a run that nothing evaluates", () => {
    const experiment = anExperiment({ runs: [aRun("r")], evaluations: [] });
    expect(renderSummary({ experiment, state: aState(experiment, { runs: { r: waiting() }, monitoringStarted: at(3) }) })).toMatch(/\| r +\| Fine-tuned \| WAITING +\| N\/A +\|/u);
  });
});
