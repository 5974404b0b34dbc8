import { describe, expect, test } from "vitest";

import { chooseNext, pendingReasons } from "../../../src/schedulers/local/choose.ts";
import { job, limits } from "./jobs.ts";

const pending = (id: number, gpus = 0): ReturnType<typeof job> => job(id, { gpus });
const running = (id: number, ...gpus: readonly string[]): ReturnType<typeof job> => job(id, { gpus: gpus.length }, { gpus });

describe("the next job", () => {
  test.each([
    ["nothing to do", [], limits(), undefined],
    ["the oldest, by number", [pending(10), pending(9)], limits(), ["9"]],
    ["none while as many run as may", [running(1), running(2), pending(3)], limits({ maxJobs: 2 }), undefined],
    ["none of those that are to be stopped", [{ ...pending(1), stop: { as: "CANCELLED" as const, at: "" } }, pending(2)], limits(), ["2"]],
    ["none that ended", [{ ...pending(1), ended: { state: "COMPLETED" as const, at: "" } }], limits(), undefined],
    ["a lost job holds no place", [{ ...running(1), isRunnerAlive: false, isScriptAlive: false }, pending(2)], limits({ maxJobs: 1 }), ["2"]],
    ["an orphan holds its place", [{ ...running(1), isRunnerAlive: false }, pending(2)], limits({ maxJobs: 1 }), undefined],
    ["its GPUs are free ones", [running(1, "0"), pending(2, 2)], limits({ gpus: ["0", "1", "2"] }), ["2", "1", "2"]],
    ["GPUs of an orphan are not free", [{ ...running(1, "0"), isRunnerAlive: false }, pending(2, 1)], limits({ gpus: ["0"] }), undefined],
    ["a small request does not overtake a large one", [running(1, "0"), pending(2, 2), pending(3, 1)], limits({ gpus: ["0", "1"] }), undefined],
    ["a job without GPUs passes one that waits for them", [running(1, "0"), pending(2, 2), pending(3)], limits({ gpus: ["0", "1"] }), ["3"]],
    ["a request that can never be met holds up nobody", [pending(1, 4), pending(2, 2)], limits({ gpus: ["0", "1"] }), ["2", "0", "1"]],
    ["where there are no GPUs, requests for some are none", [pending(1, 4)], limits(), ["1"]],
  ])("%s", (_name, jobs, with_, expected) => {
    const choice = chooseNext(jobs, with_);
    expect(choice === undefined ? undefined : [choice.local.job.id, ...choice.gpus]).toEqual(expected);
  });
});

test("waiting jobs say what they wait for, as in squeue", () => {
  const reasons = pendingReasons([running(1, "0"), pending(2, 1), pending(3), pending(4, 8)], limits({ gpus: ["0", "1"] }));
  expect([...reasons]).toEqual([["2", "Resources"], ["3", "Priority"], ["4", "asks for 8 GPUs, this machine has 2"]]);
});
