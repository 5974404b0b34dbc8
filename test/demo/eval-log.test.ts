import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";

import { buildEvalLog, evalLogName } from "../../src/demo/eval-log.ts";
import type { FinishedEvaluation } from "../../src/demo/eval-log.ts";
import { renderResult } from "../../src/demo/result-display.ts";
import { scoreWords, summarizeScores } from "../../src/demo/scoring.ts";

const answers = new Map([["abc", "Abc"], ["def", "def"], ["ghi", "Ghi"], ["jkl", "jKl"]]);
const pairs = Array.from(answers.keys(), (input) => ({ input, output: input.charAt(0).toUpperCase() + input.slice(1) }));
const evaluation: FinishedEvaluation = {
  task: "capitalization",
  taskFile: "/demo-job.js@capitalization",
  taskArgs: { data_path: "/exp/words.json", split: "test", vis_label: "rank8" },
  model: "nightshift/rank8_epoch_1",
  modelArgs: { model_path: "/exp/rank8/artifacts/epoch_1" },
  dataset: { name: "words", location: "/exp/words.json" },
  metadata: { epoch: 1, is_finetuned: true, source_model: "nightshift-demo" },
  seed: 42,
  startedAt: new Date("2026-11-21T14:06:37.250Z"),
  completedAt: new Date("2026-11-21T14:07:39.250Z"),
  samples: scoreWords(pairs, (word) => answers.get(word) ?? ""),
  ids: { eval: "e".repeat(22), run: "r".repeat(22), task: "t".repeat(22) },
};

describe("scoring", () => {
  test("compares whole words, upper and lower case included", () => {
    expect(evaluation.samples.map(({ id, isCorrect }) => [id, isCorrect])).toEqual([[1, true], [2, false], [3, true], [4, false]]);
  });

  test.each([
    ["half of four", 2, 4, 0.5, Math.sqrt(1 / 3 / 4)],
    ["none of four", 0, 4, 0, 0],
    ["all of four", 4, 4, 1, 0],
    ["one of one", 1, 1, 1, 0],
  ])("summarizes %s right", (_what, right, count, accuracy, stderr) => {
    const samples = Array.from({ length: count }, (_value, index) => ({ id: index + 1, input: "a", target: "A", answer: "", isCorrect: index < right }));
    expect(summarizeScores(samples).accuracy).toBe(accuracy);
    expect(summarizeScores(samples).stderr).toBeCloseTo(stderr, 12);
  });
});

describe("an .eval log", () => {
  const members = new Map(Object.entries(unzipSync(buildEvalLog(evaluation))).map(([name, bytes]) => [name, JSON.parse(strFromU8(bytes)) as unknown]));

  test("has the members that inspect-ai writes, the header last", () => {
    expect([...members.keys()]).toEqual([
      "_journal/start.json",
      "samples/1_epoch_1.json",
      "samples/2_epoch_1.json",
      "samples/3_epoch_1.json",
      "samples/4_epoch_1.json",
      "_journal/summaries/1.json",
      "summaries.json",
      "reductions.json",
      "header.json",
    ]);
  });

  test("tells in its header what was evaluated and what came of it", () => {
    expect(members.get("header.json")).toMatchObject({
      version: 2,
      status: "success",
      eval: {
        created: "2026-11-21T14:06:37+00:00",
        task: "capitalization",
        model: "nightshift/rank8_epoch_1",
        model_args: { model_path: "/exp/rank8/artifacts/epoch_1" },
        metadata: { epoch: 1, is_finetuned: true },
        dataset: { samples: 4, sample_ids: [1, 2, 3, 4] },
      },
      results: { total_samples: 4, completed_samples: 4, scores: [{ name: "match", metrics: { accuracy: { value: 0.5 } } }] },
      stats: { started_at: "2026-11-21T14:06:37+00:00", completed_at: "2026-11-21T14:07:39+00:00" },
    });
  });

  test("holds each sample with its word, what was wanted and what came", () => {
    expect(members.get("samples/2_epoch_1.json")).toMatchObject({
      id: 2, epoch: 1, input: "def", target: "Def", output: { completion: "def" }, scores: { match: { value: "I", answer: "def" } },
    });
  });

  test("says the same in its summaries and reductions", () => {
    expect(members.get("summaries.json")).toMatchObject(["C", "I", "C", "I"].map((value) => ({ scores: { match: { value } } })));
    expect(members.get("reductions.json")).toMatchObject([{ scorer: "match", samples: [1, 0, 1, 0].map((value) => ({ value })) }]);
  });

  test("is named after its time, task and id, without the characters that inspect-ai avoids", () => {
    expect(evalLogName({ ...evaluation, task: "two_words" })).toBe(`2026-11-21T14-06-37-00-00_two-words_${"t".repeat(22)}.eval`);
  });
});

test("The display at the end reads like inspect-ai's", () => {
  expect(renderResult(evaluation, "logs/x.eval")).toBe(`\
╭──────────────────────────────────────────────────────────────────────────────╮
│capitalization (4 samples): nightshift/rank8_epoch_1                          │
╰──────────────────────────────────────────────────────────────────────────────╯
seed: 42, dataset: words

total time:                          0:01:02
nightshift/rank8_epoch_1             24 tokens [I: 12, O: 12]

match
accuracy  0.500
stderr    0.289

Log: logs/x.eval
`);
});
