import { gated, open } from "./gates.ts";
import { openHours } from "./hours.ts";
import type { Row } from "./row.ts";

const hourMs = 3_600_000;

/** Clocks that are wrong, and clocks that are set right. */
export const clockRows: readonly Row[] = [
  {
    fault: "this machine's clock is set forward by a day while a job runs",
    answer: "nothing ends for it: waiting is counted in what was seen, and jobs are dated by the cluster",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      hours.step(24 * hourMs);
      await hours.look();
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "this machine's clock is set back by an hour while jobs run",
    answer: "the same: a result that seems older than its job is still its job's",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    shape: gated("rank4", "base/cap"),
    play: async (stage) => {
      const hours = openHours(stage);
      // It was ahead, and is set right.
      hours.step(hourMs);
      await hours.look();
      await hours.look();
      hours.step(-hourMs);
      await hours.look();
      open(stage, "rank4");
      open(stage, "base/cap");
      await hours.untilFinished();
    },
  },
  {
    fault: "the clocks of the nodes are ten minutes behind this machine's",
    answer: "a log counts though it seems to be older than its job",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      hours.step(600_000);
      await hours.untilFinished();
    },
  },
  {
    fault: "the clocks of the nodes are ten minutes ahead",
    answer: "elapsed times are taken from one clock",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      hours.step(-600_000);
      await hours.untilFinished();
    },
  },
  {
    fault: "a job runs while the clocks go back an hour for the winter, over midnight of the cluster's time zone",
    answer: "times are asked for and kept with their zone: two minutes are two minutes",
    sentence: "rank4: RUNNING -> COMPLETED after 2m",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const zone = process.env["TZ"];
      process.env["TZ"] = "America/New_York";
      try {
        const hours = openHours(stage, { begins: new Date("2026-11-01T05:59:00Z") });
        await hours.look();
        await hours.look();
        hours.wait(120_000);
        open(stage, "rank4");
        await hours.untilFinished();
      } finally {
        if (zone === undefined) delete process.env["TZ"];
        else process.env["TZ"] = zone;
      }
    },
  },
  {
    fault: "the clock is set forward by a day just as a controller takes over and shows no job",
    answer: "the ten minutes for which a job may be missing are not over for that",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting does not know job 1",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      stage.cluster.play({ views: [{ program: "squeue", job: "1", rows: [] }, { program: "sacct", job: "1", rows: [] }] });
      await hours.look();
      hours.step(24 * hourMs);
      hours.wait(60_000);
      await hours.look();
      stage.cluster.play({});
      open(stage, "rank4");
      await hours.untilFinished();
    },
  },
  {
    fault: "this machine's clock is minutes behind the nodes', and a person asks for an evaluation once more (`nightshift retry`)",
    answer: "the log of the attempt before is no result of the new one, though it seems to be younger than the request",
    sentence: "base/cap: submitted as job 4 (attempt 2)",
    ends: { experiment: "finished" },
    ran: { "base/cap": 2 },
    play: async (stage) => {
      const hours = openHours(stage);
      hours.wait(600_000);
      await hours.untilFinished();
      // A process of its own, which does not know of the ten minutes.
      await stage.nightshift("retry", `${stage.experiment}/base/cap`);
      await hours.look();
      await hours.untilFinished();
    },
  },
];
