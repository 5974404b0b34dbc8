import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { unitsOf, writeSmallExperiment } from "../support/small-experiment.ts";
import { type Nightshift, openWorkplace, textOf, type Workplace } from "../support/workplace.ts";
import { untilAccounted } from "./accounted.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { interpose } from "./interposed.ts";
import { beside, pace } from "./pace.ts";
import { compareWithAccounting, readStatuses, readToldJobs } from "./told-jobs.ts";

/** An experiment during which something happens to slurmctld in the very moment in which rank8 is submitted. */
interface Play {
  readonly place: Workplace;
  readonly runs: readonly string[];
  readonly experiment: string;
  readonly nightshift: Nightshift;
  /** The process that is sbatch, once it is. */
  readonly sbatch: () => string;
  /** Lets the trainings go, which wait for it once they have begun. */
  letGo(): void;
}

describe("slurmctld, in the middle of submissions,", () => {
  const port = 17470;
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(inject("clusters"), { port, ttlSeconds: 5, conf: ["MessageTimeout=3"] });
  });
  afterAll(async () => cluster.down());

  // `lines` of shell come instead of sbatch, once; `$ctld` is the process of slurmctld.
  const play = (runs: readonly string[], lines: string): Play => {
    const place = openWorkplace();
    const [experiment, go, sbatch] = [join(place.root, "exp"), join(place.folder, "go"), join(place.folder, "sbatch.pid")];
    writeSmallExperiment(experiment, { runs, epochs: 1, ledger: place.ledger, before: Object.fromEntries(runs.map((run) => [run, place.waitFor(go)])) });
    const instead = `case "$*" in */jobs/rank8-1-*) if mkdir '${place.folder}/once' 2>/dev/null; then
ctld=$(cat '${cluster.folder}/run/slurmctld')
echo $$ >'${sbatch}'
${lines}
fi ;; esac
exec "$real" "$@"`;
    const nightshift = place.start(["run", experiment, ...pace], interpose(place.folder, beside(cluster), [{ program: "sbatch", lines: instead }]));
    return { place, runs, experiment, nightshift, sbatch: () => textOf(sbatch).trim(), letGo: () => { writeFileSync(go, ""); } };
  };

  const expectFinished = async ({ place, runs, experiment, nightshift }: Play, starts: readonly string[]): Promise<void> => {
    const { code, err } = await nightshift.ended;
    expect([code, err]).toEqual([0, ""]);
    expect(new Set(Object.values(readStatuses(experiment)))).toEqual(new Set(["COMPLETED"]));
    expect(place.units()).toEqual([...starts].sort());
    expect(compareWithAccounting(experiment, await untilAccounted(cluster, experiment, unitsOf({ runs, epochs: 1 }).length))).toEqual([]);
  };

  // What slurmctld has not written yet when it is killed, it does not know afterwards. An earlier state makes that certain.
  const now = (): string => join(cluster.folder, "ctld");
  const before = (): string => join(cluster.folder, "ctld.before");

  test("freezes, and thaws when sbatch has given up: the job that arrives late is the only one", async () => {
    const all = play(["rank4", "rank8"], "kill -STOP $ctld");
    await all.nightshift.says("rank8: sbatch failed (exit code 1): Socket timed out on send/recv operation");
    await cluster.daemon("thaw", "slurmctld");
    all.letGo();
    await expectFinished(all, unitsOf({ ...all, epochs: 1 }));
  });

  test("freezes and is killed with the request in its hands: the job is submitted once more when none can be on its way", async () => {
    const all = play(["rank8"], "kill -STOP $ctld");
    await eventually(() => isUnread(all.sbatch(), port), "a request that slurmctld has not read");
    await cluster.daemon("kill9", "slurmctld");
    await cluster.daemon("start", "slurmctld");
    await all.nightshift.says(/rank8: sbatch failed \(exit code 1\): .*Connection reset by peer/u);
    await all.nightshift.says(/rank8: sbatch failed .*Connection reset by peer; asks again at .*, when a submission that was on its way cannot arrive any more/u);
    expect(readStatuses(all.experiment)).toMatchObject({ rank8: "AMBIGUOUS" });
    all.letGo();
    await expectFinished(all, unitsOf({ ...all, epochs: 1 }));
  });

  test("is stopped, and started again when sbatch has given up", async () => {
    const all = play(["rank4", "rank8"], "kill -TERM $ctld; while kill -0 $ctld 2>/dev/null; do sleep 0.05; done");
    await all.nightshift.says("Unable to contact slurm controller (connect failure)");
    await cluster.daemon("start", "slurmctld");
    all.letGo();
    await expectFinished(all, unitsOf({ ...all, epochs: 1 }));
  });

  test("is killed, and has forgotten that a job began: the cluster begins with it once more, under the same id", async () => {
    const all = play(["rank8"], 'exec "$real" --hold "$@"');
    await all.nightshift.says(/rank8: submitted as job \d+/u);
    const id = readToldJobs(all.experiment).find(({ unit }) => unit === "rank8")?.id ?? "";
    await eventually(() => textOf(join(now(), "job_state")).includes(`${all.experiment}/.nightshift/jobs/rank8-1-`), "that slurmctld writes of the job");
    await cluster.run("cp", ["-a", now(), before()]);
    await cluster.run("scontrol", ["release", id]);
    await all.nightshift.says(`rank8: PENDING -> RUNNING, job ${id}`);
    await eventually(() => all.place.units().includes("rank8"), "the job's start");
    await cluster.daemon("kill9", "slurmctld");
    rmSync(now(), { recursive: true });
    renameSync(before(), now());
    await cluster.daemon("start", "slurmctld");
    await all.nightshift.says(`rank8: RUNNING -> PENDING, job ${id}`);
    await cluster.run("scontrol", ["release", id]);
    await eventually(() => all.place.units().filter((unit) => unit === "rank8").length === 2, "the job's second start", 60_000);
    all.letGo();
    await expectFinished(all, [...unitsOf({ ...all, epochs: 1 }), "rank8"]);
  });

  test("is killed as soon as it told a job's id, and has forgotten the job: the stranger that gets the id is not taken for it", async () => {
    const other = join(cluster.folder, "other");
    // It writes everything when it is stopped: the next id too.
    await cluster.daemon("stop", "slurmctld");
    await cluster.daemon("start", "slurmctld");
    const start = `CLUSTER_FOLDER='${cluster.folder}' '${join(import.meta.dirname, "cluster.sh")}' start slurmctld >&2`;
    const all = play(["rank8"], `cp -a '${now()}' '${before()}'; "$real" "$@"; kill -KILL $ctld; while kill -0 $ctld 2>/dev/null; do sleep 0.05; done
rm -r '${now()}'; mv '${before()}' '${now()}'; ${start}; "$real" --parsable --hold --wrap=true >'${other}'; exit 0`);
    await all.nightshift.says(/rank8: submitted as job \d+/u);
    const stranger = textOf(other).trim();
    expect(readToldJobs(all.experiment).find(({ unit }) => unit === "rank8")?.id).toBe(stranger);
    const why = `its job is not in the queue any more, and nobody says how it ended: accounting knows only another job ${stranger}`;
    await eventually(() => textOf(join(all.experiment, "eval_jobs.json")).includes(why), "what is said of it", 60_000);
    await all.nightshift.says(/base.cap: .*COMPLETED/u);
    const { out } = await all.place.nightshift(["cancel", join(all.experiment, "rank8")], beside(cluster));
    expect(out).toContain("\nDone, ");
    all.nightshift.signal("SIGTERM");
    await all.nightshift.ended;
    expect((await cluster.squeue()).find(({ id }) => id === stranger)).toMatchObject({ state: "PENDING", reason: "JobHeldUser" });
    expect(readStatuses(all.experiment)).toMatchObject({ rank8: "PENDING" });
    expect(all.place.units()).toEqual(["base/cap"]);
  });
});

// Seen in the kernel: of this process's connection to that port, the other end has bytes that nobody has read.
function isUnread(pid: string, port: number): boolean {
  if (pid === "" || !existsSync(`/proc/${pid}/fd`)) return false;
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/u.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []));
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1).map((line) => line.trim().split(/\s+/u));
  const there = port.toString(16).toUpperCase();
  const own = rows.filter(([, , remote = "", , , , , , , inode = ""]) => remote.endsWith(`:${there}`) && inodes.has(inode)).map(([, local = ""]) => local);
  return rows.some(([, local = "", remote = "", , queues = ""]) => local.endsWith(`:${there}`) && own.includes(remote) && !queues.endsWith(":00000000"));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
