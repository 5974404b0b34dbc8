import { expect, test } from "vitest";
import type { EvaluationLog } from "../../../src/domain/evaluator.ts";
import { type Candidate, chooseLog } from "../../../src/evaluators/inspect/choose-log.ts";

// A log is written: name, status (with + if it has results), completed samples, second of its creation.
test.each([
  ["the only one", ["a started 0 00"], "a", undefined],
  ["success rather than anything later", ["a success+ 5 00", "b started 900 30", "c error 700 40"], "a", "because of its status: success rather than started without results"],
  ["results rather than none", ["a started 90 30", "b cancelled+ 5 00"], "b", "because of its status: cancelled with results rather than started without results"],
  ["success with results or not, by samples", ["a success 0 30", "b success+ 50 00"], "b", "because it has more completed samples, 50 rather than 0"],
  ["more completed samples rather than later", ["a success+ 20 30", "b success+ 50 00"], "b", "because it has more completed samples, 50 rather than 20"],
  ["the later of two alike", ["a success+ 50 00", "b success+ 50 30"], "b", "because it was created last, 2026-11-21 09:00:30"],
  ["a retry that has begun rather than the error before it", ["a error 0 00", "b started 0 30"], "b", "because it was created last, 2026-11-21 09:00:30"],
  ["a rescored copy", ["x-scored success+ 50 00", "x success+ 50 00"], "x-scored", "because it is the later version of the same log"],
  ["the last of many", ["x-scored-2 success+ 5 00", "x-scored-10 success+ 5 00", "x success+ 5 00"], "x-scored-10", "because it is the later version of the same log"],
  ["a recovered log rather than what crashed", ["x started 0 00", "x-recovered error+ 3 00"], "x-recovered", "because of its status: error with results rather than started without results"],
])("%s counts", (_which, logs, name, reason) => {
  const expected = { path: `/logs/${name}.eval` };
  for (const order of [logs, logs.toReversed()]) {
    const { log, choice } = chooseLog(order.map(candidate));
    expect(log).toMatchObject(expected);
    expect(choice).toBe(reason === undefined ? undefined : `${name}.eval counts, of ${logs.length} logs, ${reason}`);
  }
});

test("of no logs none counts", () => {
  expect(chooseLog([])).toEqual({});
});

function candidate(line: string): Candidate {
  const [name = "", status = "", completed = "", second = ""] = line.split(" ");
  const log: EvaluationLog = {
    path: `/logs/${name}.eval`,
    status: status.replace("+", "") as EvaluationLog["status"],
    task: "t",
    model: "m",
    created: `2026-11-21T09:00:${second}+00:00`,
    samples: Number(completed),
    completedSamples: Number(completed),
    metrics: [],
  };
  return { log, hasResults: status.endsWith("+") };
}
