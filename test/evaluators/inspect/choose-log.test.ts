import { expect, test } from "vitest";
import type { EvaluationLog } from "../../../src/domain/evaluator.ts";
import { type Candidate, chooseLog } from "../../../src/evaluators/inspect/choose-log.ts";

// A log is written: name, status (with + if it has results, with ! if it was marked as invalid), completed samples, second of its creation.
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
  ["what a retry completed rather than what it began from", ["a error+ 3 00", "b success+ 5 30"], "b", "because of its status: success rather than error with results"],
  ["a whole log rather than a newest one without samples", ["a error+ 50 00", "b error 0 30"], "a", "because of its status: error with results rather than error without results"],
  ["a cancelled log with samples rather than a newest one without any", ["a cancelled 50 00", "b cancelled 0 30"], "a", "because it has more completed samples, 50 rather than 0"],
  ["success rather than what was marked as invalid", ["a success+! 50 30", "b success+ 40 00"], "b", "because of its status: success rather than success that was marked as invalid"],
  ["what was marked as invalid rather than what failed", ["a success+! 50 00", "b error+ 60 30"], "a", "because of its status: success that was marked as invalid rather than error with results"],
])("%s counts", (_which, logs, name, reason) => {
  const expected = { path: `/logs/${name}.eval` };
  for (const order of [logs, logs.toReversed()]) {
    const { log, choice } = chooseLog(order.map(candidate));
    expect(log).toMatchObject(expected);
    expect(choice).toBe(reason === undefined ? undefined : `${name}.eval counts, of ${logs.length} logs, ${reason}`);
  }
});

test("what told that a log is of the evaluation is said with the choice, and without one", () => {
  const told = (line: string): Candidate => ({ ...candidate(line), writer: "job 7, called eval-cap-r8-ep1 by sacct" });
  expect(chooseLog([told("a success+ 5 00")]).choice).toBe("a.eval counts; that it is of this evaluation is told by job 7, called eval-cap-r8-ep1 by sacct");
  expect(chooseLog([candidate("a success+ 5 00"), told("b success+ 5 30")]).choice).toBe("b.eval counts, of 2 logs, because it was created last, 2026-11-21 09:00:30; that it is of this evaluation is told by job 7, called eval-cap-r8-ep1 by sacct");
});

test("of no logs none counts", () => {
  expect(chooseLog([])).toEqual({});
});

function candidate(line: string): Candidate {
  const [name = "", status = "", completed = "", second = ""] = line.split(" ");
  const log: EvaluationLog = {
    path: `/logs/${name}.eval`,
    status: status.replace(/[+!]+/u, "") as EvaluationLog["status"],
    task: "t",
    model: "m",
    created: `2026-11-21T09:00:${second}+00:00`,
    samples: Number(completed),
    completedSamples: Number(completed),
    metrics: [],
  };
  return { log, hasResults: status.includes("+"), isInvalid: status.endsWith("!") };
}
