import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import type { Row as SlurmRow, View } from "../support/fake-slurm/scenario.ts";
import { gated, open } from "./gates.ts";
import { openHours } from "./hours.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** What accounting knows of jobs that are not in the queue any more. */
export const sacctRows: readonly Row[] = [
  {
    fault: "there is no accounting on this cluster",
    answer: "the job's own record of its exit is the second witness",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: { ...brief, AccountingStorageType: "accounting_storage/none" } });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "no accounting, and the job left no record of its exit (`exec`, a script in Python)",
    answer: "waits ten minutes for either; then checkpoints and logs alone decide",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting is off",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4", "rank4/cap/0") },
    play: async (stage) => {
      stage.cluster.play({ config: { ...brief, AccountingStorageType: "accounting_storage/none" } });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "no accounting, no record of the exit, and no checkpoint",
    answer: "after the ten minutes it counts as lost; never run again unasked",
    sentence: "job 1 is not in the queue any more, and nobody says how it ended: accounting is off",
    ends: { experiment: "finished", rank4: "FAILED", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: { before: { rank4: "exec true" } },
    play: async (stage) => {
      stage.cluster.play({ config: { ...brief, AccountingStorageType: "accounting_storage/none" } });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "accounting lags by five minutes",
    answer: "waits for it",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting does not know job 1",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4") },
    play: async (stage) => {
      await late(stage, { program: "sacct", job: "1", rows: [] }, 5);
    },
  },
  {
    fault: "accounting shows the bare stub of a job's first seconds",
    answer: "believes no row that does not say what was submitted",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting does not know job 1",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4") },
    play: async (stage) => {
      await late(stage, { program: "sacct", job: "1", rows: [{ name: "allocation", state: "FAILED", code: 3, workFolder: "", submitLine: "" }] }, 2);
    },
  },
  {
    fault: "ids have wrapped: accounting shows a job of 2017 under the same id, COMPLETED",
    answer: "a job is known by its key; somebody else's end is not its own",
    sentence: "nobody says how it ended: accounting knows only another job 1",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4") },
    play: async (stage) => {
      await late(stage, { program: "sacct", job: "1", rows: [{ state: "COMPLETED", submit: 1_500_000_000, start: 1_500_000_001, end: 1_500_000_100, submitLine: "sbatch old.sh", command: "old.sh", workFolder: "/home/old" }] }, 5);
    },
  },
  {
    fault: "PREEMPTED is accounting's first row of a job that is requeued and runs again",
    answer: "such an end counts only when it still stands seconds later; the job is followed under its id",
    sentence: "accounting shows job 1 as PREEMPTED; it may be started again",
    ends: { experiment: "finished" },
    ran: { rank4: 2 },
    // The control holds the queue open: an empty one would not be believed yet.
    shape: gated("rank4", "base/cap"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      const end = Math.floor(Date.now() / 1000);
      stage.cluster.play({ config: brief, views: [{ program: "squeue", job: "1", rows: [] }, { program: "sacct", job: "1", rows: [{ state: "PREEMPTED", end }] }] });
      await hours.look();
      hours.wait(3000);
      await hours.look();
      stage.cluster.call("scontrol", ["requeue", "1"]);
      stage.cluster.play({});
      open(stage, "rank4");
      open(stage, "base/cap");
      await hours.untilFinished();
    },
  },
  {
    fault: "the node falls over (NODE_FAIL), and the cluster does not requeue the job",
    answer: "another attempt after a minute, at most three in all, each on record",
    sentence: "rank4: RUNNING -> RETRYING after …, job 1 was lost (NODE_FAIL), another attempt follows",
    ends: { experiment: "finished" },
    ran: { rank4: 2 },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.call("scancel", ["1"]);
      const lost = { state: "NODE_FAIL", end: Math.floor(Date.now() / 1000) };
      stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [lost] }, { program: "sacct", job: "1", rows: [lost] }] });
      await hours.look();
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "`CANCELLED by 1000`, of a job that left the queue",
    answer: "CANCELLED, whoever did it; never run again unasked",
    sentence: "rank4: RUNNING -> CANCELLED",
    ends: { experiment: "finished", rank4: "CANCELLED", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.call("scancel", ["1"]);
      stage.cluster.play({ config: brief, views: [{ program: "sacct", job: "1", rows: [{ state: "CANCELLED by 1000" }] }] });
      hours.wait(5000);
      await hours.untilFinished();
    },
  },
  {
    fault: "a word cut to its column (`OUT_OF_ME+`)",
    answer: "the one word that begins so",
    sentence: "rank4: RUNNING -> OUT_OF_MEMORY",
    ends: { experiment: "finished", rank4: "OUT_OF_MEMORY", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: gated("rank4"),
    play: async (stage) => endedAs(stage, { state: "OUT_OF_ME+", code: 0, signal: 125 }),
  },
  {
    fault: "TIMEOUT with exit code 0:0",
    answer: "the word counts, not the code",
    sentence: "rank4: RUNNING -> TIMEOUT",
    ends: { experiment: "finished", rank4: "TIMEOUT", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: gated("rank4"),
    play: async (stage) => endedAs(stage, { state: "TIMEOUT", code: 0, signal: 0 }),
  },
  {
    fault: "a row that says FAILED but not yet when (the database was away)",
    answer: "final only with a time: waits",
    sentence: "accounting shows job 1 as FAILED, but not yet when it ended",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4") },
    play: async (stage) => {
      await late(stage, { program: "sacct", job: "1", rows: [{ state: "FAILED", end: null }] }, 3);
    },
  },
  {
    fault: "after a crash of the controller accounting says RUNNING for ever, of a job that has ended",
    answer: "the job's own record of its exit decides",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: brief, views: [1, 2, 3].map((id) => ({ program: "sacct", job: String(id), rows: [{ state: "RUNNING", end: null }] })) });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "the site purges accounting after a day, and nightshift was away for a week",
    answer: "the job's own record of its exit decides",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      hours.wait(7 * 86_400_000);
      hours.restart();
      stage.cluster.play({ faults: [{ program: "sacct", stdout: "" }] });
      await hours.untilFinished();
    },
  },
  {
    fault: "the accounting database is down (sacct fails)",
    answer: "blind for that: waits, or takes the job's own record of its exit",
    sentence: "nobody says how it ended: accounting does not answer (sacct: Problem talking to the database: Connection refused)",
    ends: { experiment: "finished" },
    shape: { before: unrecorded("rank4") },
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.quiet();
      stage.cluster.play({ config: brief, faults: [{ program: "sacct", stdout: "", stderr: "sacct: error: Sending PersistInit msg: Connection refused\nsacct: error: Problem talking to the database: Connection refused\n", exitCode: 1 }] });
      for (let looks = 0; looks < 2; looks += 1) {
        hours.wait(60_000);
        await hours.look();
      }
      stage.cluster.play({ config: brief });
      await hours.untilFinished();
    },
  },
  {
    fault: "the job's own record of its exit is visible a minute late, and there is no accounting",
    answer: "waits for it",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting is off",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      stage.cluster.play({ config: { ...brief, AccountingStorageType: "accounting_storage/none" } });
      await hours.look();
      await hours.quiet();
      const show = hideExits(stage);
      for (let looks = 0; looks < 2; looks += 1) {
        hours.wait(60_000);
        await hours.look();
      }
      show();
      await hours.untilFinished();
    },
  },
];

// Jobs leave the queue as soon as they have ended.
const brief = { MinJobAge: "1 sec" };

/** Jobs whose scripts take away the lines that note their end. */
function unrecorded(...units: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(units.map((unit) => [unit, "trap - EXIT"]));
}

// What accounting shows is wrong for some minutes.
async function late(stage: Stage, view: View, minutes: number): Promise<void> {
  const hours = openHours(stage);
  await hours.look();
  await hours.quiet();
  stage.cluster.play({ config: brief, views: [view] });
  for (let minute = 0; minute < minutes; minute += 1) {
    hours.wait(60_000);
    await hours.look();
  }
  stage.cluster.play({ config: brief });
  await hours.untilFinished();
}

// The first job ends in a way that only accounting tells.
async function endedAs(stage: Stage, row: Partial<SlurmRow>): Promise<void> {
  const hours = openHours(stage);
  await hours.look();
  await hours.look();
  stage.cluster.call("scancel", ["1"]);
  stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [] }, { program: "sacct", job: "1", rows: [row] }] });
  await hours.untilFinished();
}

// As on a file system that shows a file of another machine only later.
function hideExits({ experiment, at }: Stage): () => void {
  const jobs = join(experiment, ".nightshift", "jobs");
  const exits = readdirSync(jobs, { recursive: true, encoding: "utf8" }).filter((path) => /\/exit\.\d+$/u.test(path));
  mkdirSync(at("hidden"));
  for (const [index, path] of exits.entries()) renameSync(join(jobs, path), join(at("hidden"), String(index)));
  return () => { for (const [index, path] of exits.entries()) renameSync(join(at("hidden"), String(index)), join(jobs, path)); };
}
