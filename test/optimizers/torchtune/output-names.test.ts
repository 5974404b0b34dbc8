import { describe, expect, test } from "vitest";

import { numberInName, rankName } from "../../../src/optimizers/torchtune/output-names.ts";

describe("the name of a job's output", () => {
  test.each([
    ["slurm-12.out", 0],
    ["slurm-12_3.out", 1],
    ["rank8_lr1e-3-12.out", 2],
    ["12-train.out", 2],
    ["train.12.log", 3],
    ["slurm-12.err", 3],
  ])("fits job 12: %s", (name, rank) => {
    expect(rankName(name, "12")).toBe(rank);
  });

  test.each([
    "slurm-112.out", "slurm-120.out", "slurm-1.out", "slurm-1_12_x.out", "rank12.out", "rank-12-of-13.out", "slurm-12.out.gz", "slurm-12.txt",
    "log_12.txt", "12", "slurm-12_3.out.swp",
  ])("does not fit job 12: %s", (name) => {
    expect(rankName(name, "12")).toBeUndefined();
  });

  test("is not mistaken when a learning rate stands before the id", () => {
    expect(rankName("lr1e_3_12.out", "3")).toBeUndefined();
    expect(rankName("lr1e-3-12.out", "3")).toBeUndefined();
  });

  test("of an array's task is that of the task alone", () => {
    expect(rankName("slurm-30_3.out", "30_3")).toBe(0);
    expect(rankName("slurm-30_4.out", "30_3")).toBeUndefined();
  });

  test("sorts by the number in it", () => {
    expect(["slurm-9.out", "slurm-10.out", "train.out"].map(numberInName)).toEqual([9, 10, 0]);
  });
});
