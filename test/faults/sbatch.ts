import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { textOf } from "../support/fake-slurm/cluster-files.ts";
import type { Fault } from "../support/fake-slurm/scenario.ts";
import { openHours } from "./hours.ts";
import { killSbatch } from "./job-records.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** What becomes of a submission between sbatch and the controller. */
export const sbatchRows: readonly Row[] = [
  {
    fault: "sbatch takes the job, then says `Socket timed out` and fails",
    answer: "submits nothing again; finds the job by its key in the queue",
    sentence: "rank4: sbatch failed (exit code 1): Socket timed out on send/recv operation",
    ends: { experiment: "finished" },
    play: async ({ cluster, run }) => {
      cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], ...timedOut }] });
      await run();
    },
  },
  {
    fault: "sbatch times out, and the job is in the queue only a minute later, with a later submission time",
    answer: "asks again only when no submission can be on its way any more (the life of a credential, from `scontrol show config`), or finds it before",
    sentence: "rank4: sbatch failed (exit code 1): Socket timed out on send/recv operation; asks again at …, when a submission that was on its way cannot arrive any more",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, arrivesWith: stage.at("thawed") }] });
      await hours.look();
      await hours.look();
      hours.wait(60_000);
      await hours.look();
      writeFileSync(stage.at("thawed"), "");
      await hours.untilFinished();
    },
  },
  {
    fault: "sbatch times out, and the job never arrived",
    answer: "submits it once more when queue and accounting, asked after that time, both do not know it",
    sentence: "not known whether it was submitted: sbatch failed (exit code 1): Socket timed out on send/recv operation",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, isDeaf: true }] });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "the same without accounting",
    answer: "waits an hour longer for a job that would claim its work when it starts; then submits it once more. `nightshift release` shortens that",
    sentence: "accounting is off; counts as not submitted from … on, if it neither starts nor is seen in the queue by then",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: { ...lasting, AccountingStorageType: "accounting_storage/none" }, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, isDeaf: true }] });
      await openHours(stage).untilFinished(15);
    },
  },
  {
    fault: "sbatch takes the job and is killed before it answers",
    answer: "submits nothing again; finds the job by its key in the queue",
    sentence: "rank4: sbatch was killed (SIGKILL)",
    ends: { experiment: "finished" },
    play: async ({ cluster, run }) => {
      cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], dies: true }] });
      await run();
    },
  },
  {
    fault: "nightshift and sbatch are both killed (kill -9) after the controller took the job",
    answer: "the next nightshift finds the job by its key in the queue",
    sentence: "rank4: submitted as job 1",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], answersWith: stage.at("never") }] });
      const first = stage.start("run");
      await hasArrived(stage, 1);
      first.signal("SIGKILL");
      killSbatch(stage);
      await first.ended;
      await stage.run();
    },
  },
  {
    fault: "nightshift is killed while sbatch waits for the controller, and sbatch answers later",
    answer: "sbatch lives on and its answer goes to a file, which the next nightshift reads",
    sentence: "rank4: nobody noted what the scheduler answered; sbatch is still at work (process …)",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], arrivesWith: stage.at("answer"), answersWith: stage.at("answer") }] });
      const first = stage.start("run");
      await eventually(() => stage.cluster.calls("sbatch").length > 0, "sbatch");
      first.signal("SIGKILL");
      await first.ended;
      const second = stage.start("run");
      await second.says("sbatch is still at work");
      writeFileSync(stage.at("answer"), "");
      await second.ended;
    },
  },
  {
    fault: "nightshift and sbatch are both killed before the controller took the job",
    answer: "waits out the time in which it could still arrive, looks it up, and submits it once more",
    sentence: "not known whether it was submitted: nobody noted what the scheduler answered",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], isDeaf: true, answersWith: stage.at("never") }] });
      const first = stage.start("run");
      await eventually(() => stage.cluster.calls("sbatch").length > 0, "sbatch");
      first.signal("SIGKILL");
      killSbatch(stage);
      await first.ended;
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "sbatch hangs for ten minutes after the controller took the job",
    answer: "ends it after three minutes (`sbatch` itself may retry for two) and finds the job by its key",
    sentence: "rank4: sbatch did not end within …",
    ends: { experiment: "finished" },
    play: async (stage) => {
      await hang(stage, { program: "sbatch", answersWith: stage.at("never") });
    },
  },
  {
    fault: "sbatch hangs for ten minutes, and the controller never heard of the job",
    answer: "the same; nothing is found, and it is submitted once more when that is certain",
    sentence: "rank4: sbatch did not end within …",
    ends: { experiment: "finished" },
    play: async (stage) => {
      await hang(stage, { program: "sbatch", isDeaf: true, answersWith: stage.at("never") });
    },
  },
  {
    fault: "the controller takes one request twice, and the job whose id sbatch told begins last",
    answer: "the job that begins first claims the work, and is the one that is followed; the other one ends before the script's first line",
    sentence: "nightshift: job 1 is a duplicate of job 2, which has this work in hand; nothing was done here.",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], isTwice: true }] });
      const hours = openHours(stage);
      await hours.look();
      await hours.quiet();
      stage.cluster.call("scontrol", ["release", "1"]);
      await hours.untilFinished();
      stage.note(textOf(join(stage.experiment, "rank4", "artifacts", "slurm-1.out")));
    },
  },
  {
    fault: "sbatch times out, and nobody can say how long a credential lives (`scontrol show config` fails)",
    answer: "believes in no absence before it knows for how long a submission may be on its way",
    sentence: "cannot tell how long a submission may be on its way (scontrol: Unable to contact slurm controller (connect failure))",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const down = { program: "scontrol", isDeaf: true, stderr: "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n", exitCode: 1 } as const;
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, isDeaf: true }, { ...down, calls: [1, 6] }] });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "a person cancels a submission of which nobody knows, and its job turns up after all",
    answer: "cancels it as soon as it is seen; it never begins",
    sentence: "rank4: PENDING -> CANCELLED",
    ends: { experiment: "finished", rank4: "CANCELLED", "rank4/cap/0": "CANCELLED" },
    ran: { rank4: 0, "rank4/cap/0": 0 },
    play: async (stage) => {
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, arrivesWith: stage.at("arrived"), isHeld: true }] });
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      await stage.nightshift("cancel", join(stage.experiment, "rank4"));
      writeFileSync(stage.at("arrived"), "");
      await hours.untilFinished();
    },
  },
  {
    fault: "sbatch times out without accounting, and nothing was inserted into the script (`insert_lines: off`, Python)",
    answer: "nobody can tell, so it stays AMBIGUOUS until a person looks and says so with `nightshift release`",
    sentence: "accounting is off, and the script notes no start: look yourself, then nightshift release …",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: { ...lasting, AccountingStorageType: "accounting_storage/none" }, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, isDeaf: true }] });
      const hours = openHours(stage, { insertLines: false });
      for (let looks = 0; looks < 4; looks += 1) {
        await hours.look();
        hours.wait(3_600_000);
      }
      await stage.nightshift("release", join(stage.experiment, "rank4"));
      await hours.untilFinished();
    },
  },
  {
    fault: "a site's greeting on standard output around the id, and warnings on standard error",
    answer: "finds the id in the line that holds nothing else",
    sentence: "rank4: submitted as job 1",
    ends: { experiment: "finished" },
    play: async ({ cluster, run }) => {
      cluster.play({ faults: [{ program: "sbatch", before: "Welcome to cluster 7!\nYou have used 1234 of 5000 hours.\n", after: "\nBye.\n", stderr: "sbatch: lua: 42 jobs today\n" }] });
      await run();
    },
  },
  {
    fault: "sbatch ends well but prints no id, or two",
    answer: "guesses none; finds the job by its key in the queue",
    sentence: "rank4: sbatch ended well but gave no job id: see 17 and",
    ends: { experiment: "finished" },
    play: async ({ cluster, run }) => {
      cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], stdout: "see 17 and\n" }, { program: "sbatch", stdout: "4711\n4712\n" }] });
      await run();
    },
  },
  {
    fault: "a limit of submitted jobs (`QOSMaxSubmitJobPerUserLimit`)",
    answer: "back-pressure, not a failure: nothing else is tried for a while, then again",
    sentence: "the scheduler asks to wait: QOSMaxSubmitJobPerUserLimit; Job violates accounting/QOS policy",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const stderr = "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n";
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 9], isDeaf: true, stderr, exitCode: 1 }] });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "the controller cannot be reached at submission (`connect failure`)",
    answer: "the job certainly was not made: waits and submits it again",
    sentence: "the scheduler asks to wait: Unable to contact slurm controller (connect failure)",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 5], isDeaf: true, stderr: "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n", exitCode: 1 }] });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "sbatch refuses the script (no such partition)",
    answer: "a failure with sbatch's own words; its evaluations are skipped, everything else goes on",
    sentence: "rank4: submission refused: invalid partition specified: gpux; Invalid partition name specified",
    ends: { experiment: "finished", rank4: "FAILED", "rank4/cap/0": "SKIPPED" },
    ran: { rank4: 0, "rank4/cap/0": 0 },
    play: async ({ cluster, run }) => {
      cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], isDeaf: true, stderr: "sbatch: error: invalid partition specified: gpux\nsbatch: error: Batch job submission failed: Invalid partition name specified\n", exitCode: 1 }] });
      await run();
    },
  },
  {
    fault: "sbatch fails in words that nobody has seen before, every time",
    answer: "looked up each time; given up after the third, instead of for ever",
    sentence: "rank4: submission refused: sbatch failed (exit code 1): the moon is in the wrong house (submitted 3 times, and none of them made a job)",
    ends: { experiment: "finished", rank4: "FAILED", "rank4/cap/0": "SKIPPED" },
    ran: { rank4: 0, "rank4/cap/0": 0 },
    play: async (stage) => {
      const odd = { program: "sbatch", isDeaf: true, stderr: "sbatch: error: the moon is in the wrong house\n", exitCode: 1 } as const;
      stage.cluster.play({ config: lasting, faults: [{ ...odd, calls: [1, 1] }, { ...odd, calls: [3, 9] }] });
      await openHours(stage).untilFinished();
    },
  },
  {
    fault: "the controller loses a job that it has acknowledged (killed at once), and gives its id to the next one",
    answer: "tells jobs apart by their key: the other's end is not its own. After ten minutes without a trace (no claim, no row of accounting) it is submitted once more",
    sentence: "its job is not in the queue any more, and nobody says how it ended: accounting knows only another job 1",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage);
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], arrivesWith: stage.at("never") }, { program: "sbatch", calls: [2, 2], isDeaf: true, stderr: "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n", exitCode: 1 }] });
      await hours.look();
      rmSync(join(stage.cluster.folder, "jobs", "1"), { recursive: true });
      await hours.untilFinished();
    },
  },
  {
    fault: "the job that the controller had lost turns up after all, hours after it was submitted once more",
    answer: "an attempt that was given up has lost the right to begin: its job ends before the script's first line",
    sentence: "nightshift: job 1 is a duplicate",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], arrivesWith: stage.at("found again") }] });
      const hours = openHours(stage);
      await hours.untilFinished();
      writeFileSync(stage.at("found again"), "");
      await hours.quiet();
      stage.note(textOf(join(stage.experiment, "rank4", "artifacts", "slurm-1.out")));
    },
  },
  {
    fault: "a person releases a submission that nobody knew of, and its job turns up after all",
    answer: "the same: the person was wrong, and nothing runs twice",
    sentence: "nightshift: job 1 is a duplicate",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ config: lasting, faults: [{ program: "sbatch", calls: [1, 1], ...timedOut, arrivesWith: stage.at("found again") }] });
      const hours = openHours(stage);
      await hours.look();
      await hours.look();
      await stage.nightshift("release", join(stage.experiment, "rank4"));
      await hours.untilFinished();
      writeFileSync(stage.at("found again"), "");
      await hours.quiet();
      stage.note(textOf(join(stage.experiment, "rank4", "artifacts", "slurm-1.out")));
    },
  },
];

const timedOut = { stdout: "", stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n", exitCode: 1 } as const;

// As on a cluster that leaves it at munge's own: 300 s.
const lasting = { AuthInfo: "(null)", MessageTimeout: "10 sec" };

// The first submissions have only a moment, all later ones have the three minutes.
async function hang(stage: Stage, fault: Fault): Promise<void> {
  stage.cluster.play({ config: lasting, faults: [fault] });
  const hours = openHours(stage, { submitTimeoutMs: 500 });
  await hours.look();
  stage.cluster.play({ config: lasting });
  hours.restart({ submitTimeoutMs: 180_000 });
  await hours.untilFinished();
}

async function hasArrived({ cluster }: Stage, count: number): Promise<void> {
  await eventually(() => cluster.jobs().length >= count, `the arrival of job ${count}`);
}
