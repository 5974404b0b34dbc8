import { mkdirSync } from "node:fs";

import { gated, open } from "./gates.ts";
import { openHours } from "./hours.ts";
import type { Row } from "./row.ts";

/** What the queue shows, and does not show. */
export const squeueRows: readonly Row[] = [
  {
    fault: "squeue answers with an empty list and exit code 0 while a controller takes over",
    answer: "does not believe it as long as jobs that ended would still be shown (`MinJobAge`): nothing is concluded",
    sentence: "squeue shows no job at all, though … were waiting or running a moment ago",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.play({ faults: [{ program: "squeue", stdout: "" }] });
      for (let minutes = 0; minutes < 4; minutes += 1) {
        hours.wait(60_000);
        await hours.look();
      }
      stage.cluster.play({});
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "squeue is down for four days (exit code 1)",
    answer: "changes no job's state, submits nothing and says since when it is blind; then goes on as if nothing had been",
    sentence: "blind since …: the scheduler does not answer (squeue: Unable to contact slurm controller (connect failure)), so what is shown of jobs may be old",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.play({ faults: [{ program: "squeue", stdout: "", stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n", exitCode: 1 }, { program: "sacct", stdout: "", stderr: "sacct: error: Problem talking to the database: Connection refused\n", exitCode: 1 }] });
      for (let hour = 0; hour < 96; hour += 24) {
        hours.wait(24 * 3_600_000);
        await hours.look();
      }
      open(stage, "rank4");
      stage.cluster.play({});
      await hours.untilFinished();
    },
  },
  {
    fault: "squeue hangs",
    answer: "ends it after a minute; the same as no answer",
    sentence: "squeue did not answer within …",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage, { queryTimeoutMs: 400 });
      stage.cluster.play({ faults: [{ program: "squeue", answersWith: stage.at("never") }] });
      await hours.look();
      stage.cluster.play({});
      hours.restart({ queryTimeoutMs: 60_000 });
      await hours.untilFinished();
    },
  },
  {
    fault: "what squeue prints is cut off in the middle of a row",
    answer: "the same as no answer",
    sentence: "what squeue printed is cut off",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.play({ faults: [{ program: "squeue", cutAfter: 60 }] });
      await hours.look();
      stage.cluster.play({});
      await hours.untilFinished();
    },
  },
  {
    fault: "a site's greeting before and after squeue's rows",
    answer: "passes over it; without any row it is no answer, since nobody knows what it says",
    sentence: "the scheduler does not answer (squeue printed something else: Maintenance on Monday!…)",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const greeting = { program: "squeue", before: "CLUSTER: seven\nMaintenance on Monday!\n", after: "\nBye.\n" } as const;
      const hours = openHours(stage);
      stage.cluster.play({ faults: [greeting] });
      await hours.look();
      stage.cluster.play({});
      await hours.look();
      stage.cluster.play({ faults: [greeting] });
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "a running job is back to PENDING under the same id (requeued by the cluster)",
    answer: "follows it: waiting again, then running again; no attempt of its own",
    sentence: "rank4: RUNNING -> PENDING, job 1",
    ends: { experiment: "finished" },
    // The cluster begins with it twice, which nobody submitted twice.
    ran: { rank4: 2 },
    shape: gated("rank4"),
    play: async (stage) => {
      const watch = stage.start("run");
      await watch.says("rank4: PENDING -> RUNNING, job 1");
      stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [{ state: "PENDING", reason: "BeginTime" }] }] });
      await watch.says("rank4: RUNNING -> PENDING, job 1");
      stage.cluster.call("scontrol", ["requeue", "1"]);
      stage.cluster.play({});
      open(stage, "rank4");
      await watch.ended;
    },
  },
  {
    fault: "a state word that no version of SLURM had before",
    answer: "counts as running: an unknown word never ends a job",
    sentence: "rank4: RUNNING -> COMPLETED after 3h",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [{ state: "HIBERNATED" }] }] });
      for (let looks = 0; looks < 3; looks += 1) {
        hours.wait(3_600_000);
        await hours.look();
      }
      stage.cluster.play({});
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "a job moves to another partition, and its reason changes",
    answer: "asks for no partition: shows the new reason",
    sentence: "queued: Nodes required for job are DOWN, DRAINED or reserved",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [{ state: "PENDING", partition: "low", reason: "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions" }] }] });
      await hours.look();
      await hours.look();
      stage.cluster.play({});
      await hours.untilFinished();
    },
  },
  {
    fault: "20,000 jobs of others in the queue, with line breaks and bars in their names, and arrays cut short",
    answer: "one squeue for this user's own jobs, however many there are",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async ({ cluster, run }) => {
      cluster.play({ others: { count: 20_000, uid: 4711 } });
      await run();
    },
  },
  {
    fault: "3,000 such jobs of the same user",
    answer: "waits: `--max-submit` (25) counts the user's other jobs too; goes on when they are gone",
    sentence: "rank4: 3000 jobs of yours are in the queue, more than --max-submit allows (25)",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      stage.cluster.play({ others: { count: 3000, uid: process.getuid?.() ?? 0 } });
      await hours.look();
      stage.cluster.play({});
      await hours.untilFinished();
    },
  },
  {
    fault: "the job of somebody else (a person, another tool) for the same script is in the queue already",
    answer: "submits nothing beside it: follows that job, and its result counts",
    sentence: "job 1 was submitted by somebody else from rank4 with finetune.slurm",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      mkdirSync(`${stage.experiment}/rank4/artifacts`);
      stage.cluster.call("sbatch", [`${stage.experiment}/rank4/finetune.slurm`], { cwd: `${stage.experiment}/rank4`, env: { ...process.env, ...stage.environment } });
      const watch = stage.start("run");
      await watch.says("job 1 was submitted by somebody else");
      open(stage, "rank4");
      await watch.ended;
    },
  },
  {
    fault: "`scancel` of a running training by somebody else",
    answer: "CANCELLED; its evaluations are skipped; never run again unasked",
    sentence: "rank4: RUNNING -> CANCELLED",
    ends: { experiment: "finished", rank4: "CANCELLED", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: gated("rank4"),
    play: async (stage) => {
      const watch = stage.start("run");
      await watch.says("rank4: PENDING -> RUNNING");
      stage.cluster.call("scancel", ["1"]);
      await watch.ended;
    },
  },
];
