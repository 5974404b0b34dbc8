import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { type Nightshift, openWorkplace, textOf, type Workplace } from "../support/workplace.ts";
import { readAccounting, untilAccounted } from "./accounted.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { interpose } from "./interposed.ts";
import { beside, pace } from "./pace.ts";
import { startSoon } from "./requeued.ts";
import { compareWithAccounting, readStatuses, readToldJobs } from "./told-jobs.ts";

const shape = { runs: ["rank4"], epochs: 1 };
const finished = { "rank4": "COMPLETED", "rank4/cap/epoch0": "COMPLETED", "base": "COMPLETED", "base/cap": "COMPLETED" };

/** An experiment whose training runs until it is let go. */
interface Play {
  readonly place: Workplace;
  readonly experiment: string;
  readonly nightshift: Nightshift;
  letGo(): void;
  /** Waits until the training has begun so many times. Gives the job's id. */
  begins(times: number): Promise<string>;
}

describe("on a real SLURM, beside 500 queued jobs of somebody else,", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    const [user, group] = ["nobody", "nogroup"];
    cluster = await openCluster(inject("clusters"), {
      port: 17480, users: [user],
      // What happens to the first node, and to jobs of low priority, happens to nobody else.
      conf: ["PartitionName=steady Nodes=n2 PriorityTier=10", "PartitionName=modest Nodes=n2 PriorityTier=1"],
    });
    const { out } = await cluster.run("sh", ["-c", `for number in $(seq 500); do sbatch --uid=${user} --gid=${group} --chdir=/tmp --hold --wrap=true; done | wc -l`]);
    expect(out).toBe("500");
  });
  afterAll(async () => cluster.down());

  const play = (settings: Readonly<Record<string, string>>): Play => {
    const place = openWorkplace();
    const [experiment, go] = [join(place.root, "exp"), join(place.folder, "go")];
    writeSmallExperiment(experiment, { ...shape, ledger: place.ledger, before: { rank4: place.waitFor(go) } });
    const starts = (): readonly string[] => textOf(place.ledger).split("\n").filter((line) => line.startsWith("rank4 "));
    return {
      place, experiment,
      nightshift: place.start(["run", experiment, ...pace], { env: { ...beside(cluster).env, ...settings } }),
      letGo: () => { writeFileSync(go, ""); },
      begins: async (times) => {
        await eventually(() => starts().length === times, `start ${times} of the training`, 120_000);
        return starts().at(-1)?.replace("rank4 ", "") ?? "";
      },
    };
  };

  // Whatever the cluster did with the training, it began twice; everything else began once.
  const expectFinished = async ({ place, experiment, nightshift }: Play): Promise<string> => {
    const { code, out, err } = await nightshift.ended;
    expect([code, err]).toEqual([0, ""]);
    expect(readStatuses(experiment)).toEqual(finished);
    expect(place.units()).toEqual([...unitsOf(shape), "rank4"].sort());
    return out;
  };

  const expectRequeued = async (all: Play, id: string, word: string): Promise<void> => {
    await expectFinished(all);
    expect(compareWithAccounting(all.experiment, await untilAccounted(cluster, all.experiment, 3))).toEqual([]);
    expect((await readAccounting(cluster, all.experiment)).filter((row) => row.id === id).map(({ state }) => state)).toEqual([word, "COMPLETED"]);
  };

  const expectSubmittedAgain = async (all: Play, ids: readonly string[], word: string): Promise<void> => {
    expect(await expectFinished(all)).toMatch(new RegExp(`rank4: RUNNING -> RETRYING.*, job ${ids[0]} was lost \\(${word}\\), another attempt follows`, "u"));
    expect(readToldJobs(all.experiment).filter(({ unit }) => unit === "rank4").map(({ id }) => id)).toEqual(ids);
    const rows = await untilAccounted(cluster, all.experiment, 4);
    expect(ids.map((id) => rows.find((row) => row.id === id)?.state)).toEqual([word, "COMPLETED"]);
    expect(rows.filter(({ name }) => name !== "rank4").map(({ state }) => state)).toEqual(["COMPLETED", "COMPLETED"]);
  };

  test("an experiment waits for 500 queued tasks of its own user too, goes on as far as --max-submit allows, and asks for all of them at once", async () => {
    const { out: array } = await cluster.run("sbatch", ["--parsable", "--hold", "--array=1-500", "--wrap=true"]);
    const place = openWorkplace();
    const [experiment, counts, calls] = [join(place.root, "exp"), join(place.folder, "counts"), join(place.folder, "calls")];
    const many = { runs: ["rank1", "rank2", "rank4", "rank8"], epochs: 1 };
    writeSmallExperiment(experiment, { ...many, ledger: place.ledger });
    const nightshift = place.start(["run", experiment, ...pace], interpose(place.folder, beside(cluster), [
      { program: "sbatch", lines: `PATH=\${PATH#*:}; squeue --noheader --array --user="$(id -u)" | wc -l >>'${counts}'; exec "$real" "$@"` },
      { program: "squeue", lines: `echo "$*" >>'${calls}'; exec "$real" "$@"` },
    ]));
    await nightshift.says("500 jobs of yours are in the queue, more than --max-submit allows (25)");
    expect(place.units()).toEqual([]);
    await cluster.run("scancel", [`${array}_[24-500]`]);
    const { code, out, err } = await nightshift.ended;
    await cluster.run("scancel", [array]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("25 jobs of yours are in the queue, as many as --max-submit allows");
    expect(new Set(Object.values(readStatuses(experiment)))).toEqual(new Set(["COMPLETED"]));
    expect(place.units()).toEqual(unitsOf(many));
    expect(compareWithAccounting(experiment, await untilAccounted(cluster, experiment, 9))).toEqual([]);
    // 23 of the array's are left, so that there is room for two.
    const before = linesOf(counts).map(Number);
    expect([before.length, Math.min(...before), Math.max(...before)]).toEqual([9, 23, 24]);
    // Every call of squeue is the same one, for all jobs of the user, and none is left out of what is said of the cost.
    expect(new Set(linesOf(calls)).size).toBe(1);
    expect(out).toMatch(new RegExp(`What this cost the cluster \\(slurm\\): .*\\b${linesOf(calls).length} squeue, 9 sbatch\\.`, "u"));
  });

  describe.concurrent("a training", () => {
    test("that an operator requeues is followed under its id, and begins again", async () => {
      const all = play({ SBATCH_PARTITION: "steady" });
      const id = await all.begins(1);
      await all.nightshift.says(`rank4: PENDING -> RUNNING, job ${id}`);
      await cluster.run("scontrol", ["requeue", id]);
      await all.nightshift.says(`rank4: RUNNING -> PENDING, job ${id}`);
      await startSoon(cluster, id);
      expect(await all.begins(2)).toBe(id);
      all.letGo();
      await expectRequeued(all, id, "REQUEUED");
    });

    test("that a job of higher priority preempts is requeued by the cluster, or, where it may not be, submitted once more", async () => {
      const gpu = { SBATCH_PARTITION: "modest", SBATCH_GRES: "gpu:1" };
      const [requeued, lost] = [play(gpu), play({ ...gpu, SBATCH_NO_REQUEUE: "1" })];
      const [id, lostId] = [await requeued.begins(1), await lost.begins(1)];
      await requeued.nightshift.says(`rank4: PENDING -> RUNNING, job ${id}`);
      await lost.nightshift.says(`rank4: PENDING -> RUNNING, job ${lostId}`);
      const { out: foreign } = await cluster.run("sbatch", ["--parsable", "--partition=steady", "--gres=gpu:2", "--wrap=sleep 600"]);
      await requeued.nightshift.says(`rank4: RUNNING -> PENDING, job ${id}`);
      await lost.nightshift.says("rank4: RUNNING -> RETRYING");
      await cluster.run("scancel", [foreign]);
      await startSoon(cluster, id);
      expect(await requeued.begins(2)).toBe(id);
      requeued.letGo();
      await expectRequeued(requeued, id, "PREEMPTED");
      const next = await lost.begins(2);
      lost.letGo();
      await expectSubmittedAgain(lost, [lostId, next], "PREEMPTED");
    });

    test("whose node falls over is requeued by the cluster, or, where it may not be, submitted once more", async () => {
      const [requeued, lost] = [play({}), play({ SBATCH_NO_REQUEUE: "1" })];
      const [id, lostId] = [await requeued.begins(1), await lost.begins(1)];
      await requeued.nightshift.says(`rank4: PENDING -> RUNNING, job ${id}`);
      await lost.nightshift.says(`rank4: PENDING -> RUNNING, job ${lostId}`);
      // No evaluation is on that node when it falls over.
      for (const { nightshift } of [requeued, lost]) await nightshift.says(/base.cap: .*COMPLETED/u);
      await cluster.daemon("kill9", "slurmd.n1");
      await cluster.run("scontrol", ["update", "nodename=n1", "state=down", "reason=it fell over"]);
      await requeued.nightshift.says(`rank4: RUNNING -> PENDING, job ${id}`);
      await lost.nightshift.says("rank4: RUNNING -> RETRYING");
      // On the node that nobody hears of, the first start goes on until slurmd is back: the cluster itself lets both run.
      await startSoon(cluster, id, ["n2"]);
      expect(await requeued.begins(2)).toBe(id);
      await cluster.daemon("start", "slurmd.n1");
      await eventually(async () => (await cluster.run("sinfo", ["--noheader", "--nodes=n1", "--partition=main", "--format=%T"])).out === "idle", "the node's return", 60_000);
      requeued.letGo();
      await expectRequeued(requeued, id, "NODE_FAIL");
      const next = await lost.begins(2);
      lost.letGo();
      await expectSubmittedAgain(lost, [lostId, next], "NODE_FAIL");
    });
  });
});

function linesOf(file: string): readonly string[] {
  return textOf(file).split("\n").filter((line) => line !== "");
}
