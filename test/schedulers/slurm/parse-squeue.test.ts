import { describe, expect, test } from "vitest";

import { parseSqueue, type SqueueText } from "../../../src/schedulers/slurm/parse-squeue.ts";
import { instantOf } from "../../../src/system/clock.ts";
import { copyPath, squeueRow } from "./rows.ts";

const at = (epoch: number): string => instantOf(new Date(epoch * 1000));

function rowsOf(text: string): Extract<SqueueText, { kind: "rows" }> {
  const parsed = parseSqueue(text);
  if (parsed.kind !== "rows") throw new Error(parsed.reason);
  return parsed;
}

describe("a row of squeue", () => {
  test("of a running job of ours has its key, its times and where it runs", () => {
    expect(rowsOf(squeueRow({ command: copyPath("k1") })).rows).toEqual([{
      id: "12", state: "RUNNING", name: "job", submittedAt: at(1_795_278_950), startedAt: at(1_795_278_951), node: "n1", workFolder: "/exp/run", command: copyPath("k1"), key: "k1",
    }]);
  });

  test.each([
    ["waits, and may start later", { state: "PENDING", reason: "Priority", start: "1795290000", end: "1795300000", node: "" }, { reason: "Priority" }],
    ["was held and cancelled", { state: "CANCELLED", reason: "JobHeldUser", start: "1795278960", end: "1795278960", node: "" }, { reason: "JobHeldUser", endedAt: at(1_795_278_960) }],
    ["failed", { state: "FAILED", reason: "NonZeroExitCode", end: "1795278956" }, { reason: "NonZeroExitCode", startedAt: at(1_795_278_951), endedAt: at(1_795_278_956), node: "n1" }],
    ["waits for nodes", { state: "PENDING", reason: "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions", start: "N/A", node: "" },
      { reason: "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions" }],
    ["is in a state that nobody knows", { state: "BABELFISH" }, { startedAt: at(1_795_278_951), node: "n1" }],
    ["is a task of an array", { id: "30", task: "3" }, { id: "30", task: "3", startedAt: at(1_795_278_951), node: "n1" }],
  ])("of a job that %s", (_name, fields, expected) => {
    expect(rowsOf(squeueRow(fields)).rows).toEqual([{ id: "12", state: fields["state" as never] ?? "RUNNING", name: "job", workFolder: "/exp/run", submittedAt: at(1_795_278_950), ...expected }]);
  });

  test.each([
    ["line breaks", "two\nlines", "two\\nlines"],
    ["bars, quotes and dollars", "a|b 'c' \"d\" $(e)", "a|b 'c' \"d\" $(e)"],
    ["escape codes", "\u001B[31mred\u001B[0m", "red"],
    ["the separator itself", "un\u001Fit", "un it"],
    ["other alphabets", "Größe 測試", "Größe 測試"],
    ["nothing", "", ""],
  ])("may have %s in the job's name", (_name, name, expected) => {
    const { rows, unread } = rowsOf(squeueRow({ id: "11" }) + squeueRow({ name, command: copyPath("k1") }) + squeueRow({ id: "13" }));
    expect(rows.map(({ id }) => id)).toEqual(["11", "12", "13"]);
    expect(rows[1]).toMatchObject({ name: expected, workFolder: "/exp/run", key: "k1" });
    expect(unread).toEqual([]);
  });

  test("may have line breaks in its folder and its command", () => {
    expect(rowsOf(squeueRow({ folder: "/exp\n2/run", command: "/exp\n2/.nightshift/jobs/k1/a b.sh" })).rows).toMatchObject([{ workFolder: "/exp\n2/run", command: "/exp\n2/.nightshift/jobs/k1/a b.sh", key: "k1" }]);
  });
});

describe("a bad row", () => {
  const good = squeueRow({ id: "11" }) + squeueRow({ id: "13" });

  test.each([
    ["without a state", squeueRow({ state: "" }), ["12"]],
    ["with a state that is none", squeueRow({ state: "slurm_load_jobs error" }), ["12"]],
    ["without an id", squeueRow({ id: "" }), [undefined]],
    ["with too few fields", "\u001E12\u001FN/A\u001FRUNNING\u001D\n", ["12"]],
    ["cut in two by its name", squeueRow({ name: "re\u001Ecord" }), ["12", undefined]],
  ])("%s hides no other, and is told by its id", (_name, row, expected) => {
    const { rows, unread } = rowsOf(row + good);
    expect(rows.map(({ id }) => id)).toEqual(["11", "13"]);
    expect(unread).toEqual(expected);
  });
});

describe("all that squeue printed", () => {
  test.each([
    ["an empty queue", ""],
    ["an empty queue of two clusters", "CLUSTER: a\n\nCLUSTER: b\n"],
  ])("is %s", (_name, text) => {
    expect(parseSqueue(text)).toEqual({ kind: "rows", rows: [], unread: [] });
  });

  test("may have a greeting around it", () => {
    expect(rowsOf(`Welcome to della\n${squeueRow()}${squeueRow({ id: "13" })}goodbye\n`).rows.map(({ id }) => id)).toEqual(["12", "13"]);
  });

  test.each([
    ["cut off in its last row", (squeueRow({ id: "11" }) + squeueRow()).slice(0, -8), "what squeue printed is cut off"],
    ["a message", "slurm_load_jobs error: nothing\n", "squeue printed something else: slurm_load_jobs error: nothing"],
    ["rows of another kind", "\u001Ea\u001Fb\u001D\n\u001Ec\u001D\n", "squeue printed 2 rows that cannot be understood"],
    ["JSON", '{"jobs": [], "errors": []}', 'squeue printed something else: {"jobs": [], "errors": []}'],
  ])("that is %s says nothing about any job", (_name, text, reason) => {
    expect(parseSqueue(text)).toEqual({ kind: "unreadable", reason });
  });
});
