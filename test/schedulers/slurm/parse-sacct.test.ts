import { describe, expect, test } from "vitest";

import { parseSacct } from "../../../src/schedulers/slurm/parse-sacct.ts";
import { instantOf } from "../../../src/system/clock.ts";
import { copyPath, sacctRow } from "./rows.ts";

const at = (epoch: number): string => instantOf(new Date(epoch * 1000));

describe("a row of sacct", () => {
  test("of a job of ours has its key, its end and its exit code", () => {
    expect(parseSacct(sacctRow({ state: "FAILED", exit: "3:0", line: `sbatch --parsable ${copyPath("k1")}` }), true)).toEqual([{
      command: `sbatch --parsable ${copyPath("k1")}`, id: "12", state: "FAILED", exitCode: 3, submittedAt: at(1_795_278_950), startedAt: at(1_795_278_951), endedAt: at(1_795_278_956), node: "n1", name: "job", workFolder: "/exp/run",
      key: "k1", isAttributed: true, isStub: false,
    }]);
  });

  test.each([
    ["0:0", { exitCode: 0 }],
    ["127:0", { exitCode: 127 }],
    ["0:11", { signal: 11 }],
    ["0:53", { signal: 53 }],
    ["2:15", { exitCode: 2, signal: 15 }],
    ["", {}], ["x", {}],
  ])("with the exit code %j", (exit, expected) => {
    const [row] = parseSacct(sacctRow({ exit }), true) ?? [];
    expect({ exitCode: row?.exitCode, signal: row?.signal }).toEqual({ exitCode: undefined, signal: undefined, ...expected });
  });

  test.each([
    ["was cancelled by somebody before it started", { state: "CANCELLED by 1000", start: "None", node: "None assigned" }, { state: "CANCELLED", endedAt: at(1_795_278_956) }],
    ["is pending", { state: "PENDING", start: "Unknown", end: "Unknown" }, { state: "PENDING" }],
    ["is a task of an array", { id: "30_2" }, { id: "30", task: "2" }],
    ["is the waiting rest of an array", { id: "30_[2-5%2]" }, { id: "30", task: "[2-5%2]" }],
    ["is part of a heterogeneous job", { id: "30+1" }, { id: "30", task: "1" }],
    ["is known by its batch step only", { name: "allocation", folder: "", state: "PENDING", line: "" }, { isStub: true, isAttributed: false }],
    ["was submitted by nobody knows what", { line: "" }, { isAttributed: false }],
  ])("of a job that %s", (_name, fields, expected) => {
    const [row] = parseSacct(sacctRow(fields), true) ?? [];
    expect(row).toMatchObject(expected);
    if (fields["start" as never] !== undefined) expect(row).not.toHaveProperty("startedAt");
  });

  test("may have line breaks in its name and its submit line", () => {
    const text = sacctRow({ id: "11" }) + sacctRow({ name: "two\n13", line: `sbatch -J two\n14 ${copyPath("k1")}` }) + sacctRow({ id: "15", line: "sbatch --wrap a\nb\n" }) + sacctRow({ id: "16" });
    expect(parseSacct(text, true)?.map(({ id, name, key }) => [id, name, key])).toEqual([["11", "job", undefined], ["12", "two\\n13", "k1"], ["15", "job", undefined], ["16", "job", undefined]]);
  });

  test("of an old version has no submit line", () => {
    const row = sacctRow().replace(/[^\u001E]*$/u, "").replace(/\u001F\u001E$/u, "\n");
    expect(parseSacct(row + row.replace(/^12/u, "13"), false)).toMatchObject([{ id: "12", workFolder: "/exp/run", isAttributed: false }, { id: "13", workFolder: "/exp/run" }]);
  });
});

describe("all that sacct printed", () => {
  test("may be nothing, and may have a greeting before it", () => {
    expect(parseSacct("", true)).toEqual([]);
    expect(parseSacct(`Welcome\n${sacctRow()}`, true)).toMatchObject([{ id: "12" }]);
  });

  test.each([
    ["cut off within a row", sacctRow({ id: "11" }) + sacctRow().slice(0, -40)],
    ["cut off within the last column", sacctRow({ id: "11" }) + sacctRow().slice(0, -3)],
    ["a message", "sacct: nothing to say\n"],
  ])("that is %s says nothing about any job", (_name, text) => {
    expect(parseSacct(text, true)).toBeUndefined();
  });
});
