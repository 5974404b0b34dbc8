import { describe, expect, test } from "vitest";

import { expandPattern, parseGpuRequest, parseTimeLimit } from "../../src/domain/sbatch-values.ts";

describe("the name of an output file", () => {
  const job = { jobId: "42", jobName: "rank8", user: "ada", node: "n1" };

  test.each([
    ["slurm-%j.out", "slurm-42.out"],
    ["%x-%j_%A_%a.out", "rank8-42_42_4294967294.out"],
    ["%u/%N/%n/%t", "ada/n1/0/0"],
    ["%4j", "0042"],
    ["%1j", "42"],
    ["%20j", "0000000042"],
    ["%8x", "rank8"],
    ["100%%j", "100%j"],
    ["%z %", "%z %"],
    [String.raw`a\%j`, "a%j"],
    ["", ""],
  ])("%s becomes %s", (pattern, expected) => {
    expect(expandPattern(pattern, job)).toBe(expected);
  });

  test("of an array's task has the array's id and the task's", () => {
    expect(expandPattern("%A_%3a %j", { ...job, jobId: "45", arrayJobId: "42", arrayTaskId: "3" })).toBe("42_003 45");
  });

  test("keeps what is not known before submission", () => {
    expect(expandPattern("%x/%4j-%A_%a", { jobName: "rank8", user: "ada" })).toBe("rank8/%4j-%A_%a");
  });
});

describe("a time limit", () => {
  const minute = 60_000;
  test.each([
    ["15", 15 * minute], ["1:30", 1.5 * minute], ["0:01", 1000], ["00:15:00", 15 * minute], ["1:00:00", 60 * minute], ["90:00", 90 * minute],
    ["2-0", 2 * 1440 * minute], ["1-12", 36 * 60 * minute], ["1-12:30", (36 * 60 + 30) * minute], ["1-00:00:01", 1440 * minute + 1000],
    ["0", Infinity], ["0:00", Infinity], ["UNLIMITED", Infinity], ["infinite", Infinity], ["-1", Infinity],
  ])("%s is %d ms", (text, expected) => {
    expect(parseTimeLimit(text)).toBe(expected);
  });

  test.each(["", "banana", "1:2:3:4", "1-", "-5", "1.5", "1h", "1-1-1", "٣"])("%j is none", (text) => {
    expect(parseTimeLimit(text)).toBeUndefined();
  });
});

describe("a request for GPUs", () => {
  test.each([
    [{}, 0],
    [{ gres: "gpu:1" }, 1], [{ gres: "gpu" }, 1], [{ gres: "gpu:a100:2" }, 2], [{ gres: "gpu:a100" }, 1], [{ gres: "gpu:a100:4(S:0-1)" }, 4],
    [{ gres: "gres/gpu:2" }, 2], [{ gres: "shard:4,gpu:1" }, 1], [{ gres: "gpu:a100:1,gpu:v100:2" }, 3], [{ gres: "none" }, 0], [{ gres: "gpu:0" }, 0],
    [{ gpus: "2" }, 2], [{ gpus: "a100:2" }, 2], [{ gpus: "a100:1,v100:2" }, 3], [{ gpus: "a100" }, 1],
    [{ "gpus-per-node": "4" }, 4], [{ "gpus-per-node": "h100:4" }, 4], [{ "gpus-per-socket": "1" }, 1],
    [{ "gpus-per-task": "2", ntasks: "3" }, 6], [{ "gpus-per-task": "2" }, 2],
    [{ gres: "gpu:1", gpus: "2" }, 2],
  ])("%j asks for %d", (options: Record<string, string>, expected) => {
    expect(parseGpuRequest(new Map(Object.entries(options)))).toBe(expected);
  });

  test.each([[{ gres: "gpu:a:b:c" }], [{ gres: "gpu:-1" }], [{ gpus: "" }], [{ gpus: "two GPUs" }]])("%j cannot be read", (options: Record<string, string>) => {
    expect(parseGpuRequest(new Map(Object.entries(options)))).toBeUndefined();
  });
});
