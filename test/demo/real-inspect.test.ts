import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";

import { buildEvalLog, evalLogName } from "../../src/demo/eval-log.ts";
import { scoreWords, summarizeScores } from "../../src/demo/scoring.ts";
import { buildWords } from "../../src/demo/words.ts";

/** A Python that has inspect-ai: `python3 -m venv V && V/bin/pip install inspect-ai`, then NIGHTSHIFT_INSPECT_PYTHON=V/bin/python. */
const python = process.env["NIGHTSHIFT_INSPECT_PYTHON"] ?? "";

describe.skipIf(python === "")("the real inspect-ai", () => {
  const samples = scoreWords(buildWords(42, { train: 0, test: 40 }).test, (word) => (word < "m" ? word : word.charAt(0).toUpperCase() + word.slice(1)));
  const evaluation = {
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
    samples,
    ids: { eval: "VvudzD2nw5KyzsRiPR7hyu", run: "4ooMmTcY644y7sXzPoUiMW", task: "NRKuP5cgkySdvZJiuCpKyK" },
  };
  const folder = mkdtemp(join(tmpdir(), "nightshift-inspect-"));
  const log = folder.then(async (path) => {
    const file = join(path, evalLogName(evaluation));
    await writeFile(file, buildEvalLog(evaluation));
    return file;
  });

  afterAll(async () => {
    await rm(await folder, { recursive: true, force: true });
  });

  test("dumps the header of a demo log", async () => {
    const { stdout } = await execa(python, ["-m", "inspect_ai", "log", "dump", "--header-only", await log]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "success", eval: { task: "capitalization", model: "nightshift/rank8_epoch_1" }, results: { total_samples: 40 } });
  }, 60_000);

  test("reads all of it, and its own scorer comes to the same numbers", async () => {
    const { stdout } = await execa(python, ["-c", rescore, await log]);
    const { accuracy, stderr } = summarizeScores(samples);
    expect(JSON.parse(stdout)).toEqual({
      accuracy: expect.closeTo(accuracy, 12) as number,
      stderr: expect.closeTo(stderr, 12) as number,
      values: samples.map(({ isCorrect }) => (isCorrect ? "C" : "I")),
      summaries: 40,
    });
  }, 60_000);
});

// Scoring asks for a model that inspect-ai knows, though the scorer never calls it.
const rescore = `
import json, sys
from inspect_ai import score
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries
from inspect_ai.scorer import match
log = read_eval_log(sys.argv[1])
log.eval.model = "mockllm/model"
again = score(log, match(location="exact", ignore_case=False), action="overwrite", display="none")
metrics = again.results.scores[0].metrics
print(json.dumps({
    "accuracy": metrics["accuracy"].value,
    "stderr": metrics["stderr"].value,
    "values": [sample.scores["match"].value for sample in again.samples],
    "summaries": len(read_eval_log_sample_summaries(sys.argv[1])),
}))
`;
