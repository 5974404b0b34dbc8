import { expect, test } from "vitest";

import type { EvaluationLife } from "../../src/domain/state.ts";
import { renderBestPerforming } from "../../src/report/best-performing.ts";
import { evaluationUnits } from "../../src/report/units.ts";
import { aControl, anAttempt, anExperiment, aRun, aState, binary, blocked, scored, skipped } from "../support/builders.ts";

const score = (accuracy: number, balanced?: number): EvaluationLife =>
  scored(anAttempt("1", 0, 1, 2), { accuracy, ...(balanced === undefined ? {} : { binary: binary(accuracy, balanced, balanced) }) });

test.each<[string, string, EvaluationLife[]]>([
  ["the highest accuracy", "b (epoch 0) with 90% accuracy", [score(0.8), score(0.7), score(0.9), score(0.6), score(0.5)]],
  ["balanced accuracy, where every result has one", "b (epoch 0) with 80% balanced accuracy", [score(0.9, 0.5), score(0.8, 0.6), score(0.7, 0.8), score(0.6, 0.5), score(0.5, 0.5)]],
  ["accuracy, where one result has no balanced one", "a (epoch 0) with 90% accuracy", [score(0.9, 0.5), score(0.8, 0.6), score(0.7, 0.8), score(0.6, 0.5), score(0.5)]],
  ["ties together", "a (epoch 0), a (epoch 1) and b (epoch 1) with 100% accuracy", [score(1), score(1), score(0.9), score(1), score(0)]],
  ["a control that wins", "base with 99% accuracy", [score(0.8), score(0.7), score(0.9), score(0.6), score(0.99)]],
  ["enough decimals to tell first from second", "a (epoch 1) with 89.6% accuracy", [score(0.894), score(0.896), score(0.1), score(0.1), score(0.1)].map((life, index) => (index === 0 ? score(0.8951) : life))],
  ["what there is, of partial data", "a (epoch 1) with 70% accuracy (so far: 2 of 5 evaluations)", [score(0.6), score(0.7), blocked(), skipped("x"), blocked()]],
  ["nothing yet", "no evaluation has a result yet", [blocked(), blocked(), blocked(), blocked(), blocked()]],
  ["nothing at all", "no evaluation has a result", [skipped("x"), skipped("x"), skipped("x"), skipped("x"), skipped("x")]],
  ["no accuracy where nothing was scored", "no evaluation has an accuracy", [score(NaN), score(NaN), score(NaN), score(NaN), score(NaN)]],
])("names %s", (_what, sentence, lives) => {
  const experiment = anExperiment({ runs: [aRun("a"), aRun("b"), aControl("base")], tasks: ["t"] });
  const keys = ["a_t_epoch0", "a_t_epoch1", "b_t_epoch0", "b_t_epoch1", "base_t"];
  const state = aState(experiment, { evaluations: Object.fromEntries(keys.map((key, index) => [key, lives[index] ?? blocked()])) });
  expect(renderBestPerforming(evaluationUnits({ experiment, state }))).toEqual([`**Best performing:** ${sentence}`]);
});

test("names the best of each task where there are several", () => {
  const experiment = anExperiment({ runs: [aRun("a"), aRun("b")], tasks: ["t", "u"], epochs: 1 });
  const state = aState(experiment, { evaluations: { a_t_epoch0: score(0.5), b_t_epoch0: score(0.6), a_u_epoch0: score(0.4), b_u_epoch0: score(0.3) } });
  expect(renderBestPerforming(evaluationUnits({ experiment, state }))).toEqual([
    "**Best performing (t):** b (epoch 0) with 60% accuracy",
    "**Best performing (u):** a (epoch 0) with 40% accuracy",
  ]);
});
