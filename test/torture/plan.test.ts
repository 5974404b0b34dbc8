import { describe, expect, test } from "vitest";

import { chanceFrom } from "./chance.ts";
import { planPathRounds, planRandomRound, type Round } from "./plan.ts";

describe("a plan", () => {
  test("is the same for the same seed, and another one for another", () => {
    const plan = (seed: number): readonly Round[] => {
      const chance = chanceFrom(seed);
      return [1, 2, 3].map((number) => planRandomRound({ name: `random-${number}`, isCluster: true }, chance));
    };
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  test("has a round for each point of the path, whose first daemon dies there", () => {
    const rounds = planPathRounds([{ entry: "run", call: "fsync", nth: 3 }, { entry: "watch", call: "execve", nth: 1 }], chanceFrom(1));
    expect(rounds.map(({ name, entry, starts }) => ({ name, entry, kill: starts[0]?.kill }))).toEqual([
      { name: "run-fsync-3", entry: "run", kill: { kind: "call", call: "fsync", nth: 3 } },
      { name: "watch-execve-1", entry: "watch", kill: { kind: "call", call: "execve", nth: 1 } },
    ]);
  });

  test("troubles sbatch and the controller on a cluster only", () => {
    const chance = chanceFrom(3);
    const kinds = (isCluster: boolean): Set<string> => new Set(Array.from({ length: 100 }, () => planRandomRound({ name: "random", isCluster }, chance)).flatMap(({ starts }) => starts.flatMap(({ kill, trouble }) => [kill.kind, ...(trouble === undefined ? [] : [trouble.kind])])));
    expect([...kinds(false)].sort()).toEqual(["call", "time"]);
    expect([...kinds(true)].sort()).toEqual(["call", "sbatch", "shell", "submission", "time"]);
    expect(planRandomRound({ name: "random", isCluster: true, deed: "frozen" }, chance).starts[0]?.trouble).toMatchObject({ kind: "controller", deed: "frozen" });
  });
});
