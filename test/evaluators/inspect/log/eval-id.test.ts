import { expect, test } from "vitest";

import { computeEvalId } from "../../../../src/evaluators/inspect/log/eval-id.ts";

// As inspect-ai 0.3.285 computes them.
test.each([
  ["2024-11-05T13:31:45-05:00", "eVVSMEEZf3xd57P6D3mP5r"],
  ["2024-11-05T13:31:45+00:00", "EYjCCCcWDjajUuZGWy3gGw"],
  ["2024-11-05T13:31:45", "EYjCCCcWDjajUuZGWy3gGw"],
  ["2024-11-05T13:31:45Z", "EYjCCCcWDjajUuZGWy3gGw"],
  ["2024-11-05T13:31:45.000000+00:00", "EYjCCCcWDjajUuZGWy3gGw"],
  ["2024-11-05T13:31:45.123Z", "YchTmENawH5gjVWj6u5jTp"],
  ["2024-12-31T23:59:59.250000-05:30", "JAZWGAZnodKxRnzdjDyut7"],
  ["2024-12-31T23:59:59.000001+02:00", "mH7Mueeyt8SvPyGMx88kZj"],
])("an evaluation of %s that was given no id is %s", (created, id) => {
  expect(computeEvalId("P2ytEfjcnAHjTVqEkGBjnm", "Ä-task", created)).toBe(id);
});

test("run and task may be unknown, the time may not", () => {
  expect(computeEvalId(undefined, undefined, "2024-11-05T13:31:45.123Z")).toBe("fwuCgkKA3fK6KbBQhfmivH");
  expect(computeEvalId("P2ytEfjcnAHjTVqEkGBjnm", "task", "once")).toBeUndefined();
});
