import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { textOf } from "../support/fake-slurm/cluster-files.ts";
import { gated, open } from "./gates.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** What people change while jobs run. */
export const peopleRows: readonly Row[] = [
  {
    fault: "a run is added to the summary while another one trains",
    answer: "trains and evaluates it too; nothing that ran is run again",
    sentence: "exp: rank8: submitted as job …",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const run = stage.start("run");
      await run.says("rank4: PENDING -> RUNNING");
      stage.redesign({ runs: ["rank4", "rank8"] });
      await run.says("rank8: submitted as job");
      open(stage, "rank4");
      await run.ended;
    },
  },
  {
    fault: "a run is taken out of the summary while it trains",
    answer: "its job goes on, and nobody waits for it; nothing more is submitted for it, and what is known of it is kept",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished", rank8: "RUNNING", "rank8/cap/0": "WAITING" },
    ran: { "rank8/cap/0": 0 },
    shape: { runs: ["rank4", "rank8"], ...gated("rank4", "rank8") },
    play: async (stage) => {
      const run = stage.start("run");
      await run.says("rank8: PENDING -> RUNNING");
      strike(stage, "rank8");
      open(stage, "rank4");
      await run.ended;
    },
  },
  {
    fault: "a run is renamed, in the summary and on disk, while it trains",
    answer: "what stands in the folder of the new name is earlier work: nothing is trained over it; a person decides",
    sentence: "rank5: WAITING -> HELD, earlier work stands there (…); training again would write over it",
    ends: { experiment: "working", rank4: "RUNNING", "rank4/cap/0": "WAITING", rank5: "HELD", "rank5/cap/0": "WAITING" },
    ran: { "rank4/cap/0": 0 },
    // As a training does within its first minute, it has printed something.
    shape: { before: { rank4: `echo "Running TestRecipe with resolved config:"\nprintf '1|1|Loss: 0.9: 10%%|#         | 1/10 [00:01<00:09,  1.00it/s]'\n${gated("rank4").before["rank4"] ?? ""}` }, isMovable: true },
    play: async (stage) => {
      const run = stage.start("run");
      await run.says("rank4: PENDING -> RUNNING");
      renameSync(join(stage.experiment, "rank4"), join(stage.experiment, "rank5"));
      replaceIn(stage, /rank4/gu, "rank5");
      await run.ended;
      stage.note((await stage.nightshift("status", stage.experiment)).out);
    },
  },
  {
    fault: "the configuration of a finished run is changed",
    answer: "its result is shown as stale, and never made again unasked",
    sentence: "rank4: its script or configuration changed, so that its result is stale",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("exp: finished");
      appendFileSync(join(stage.experiment, "rank4", "finetune.yaml"), "lr: 2e-5\n");
      await watch.says("its result is stale");
      stage.note((await stage.nightshift("status", stage.experiment)).out);
    },
  },
  {
    fault: "the script of a run is changed while its job waits in the queue",
    answer: "the copy that was submitted is what runs; the result is stale from the start, and never made again unasked",
    sentence: "stale: its script or configuration changed after this attempt began",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const run = stage.start("run");
      await run.says("rank4: PENDING -> RUNNING");
      appendFileSync(join(stage.experiment, "rank4", "finetune.slurm"), "exit 1\n");
      open(stage, "rank4");
      await run.ended;
      stage.note((await stage.nightshift("status", stage.experiment)).out);
    },
  },
  {
    fault: "a slip in the summary while a job runs",
    answer: "says where; nothing is submitted until it is mended, and the job goes on",
    sentence: "experiment_summary.yaml:…",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("rank4: PENDING -> RUNNING");
      const whole = textOf(summaryOf(stage));
      writeFileSync(summaryOf(stage), whole.replace("runs:", "runs: ["));
      await eventually(async () => (await stage.nightshift("status", stage.experiment)).out.includes("experiment_summary.yaml:"), "the slip in the status");
      open(stage, "rank4");
      await eventually(() => stage.cluster.truthOf("1")?.state === "COMPLETED", "the end of the job");
      writeFileSync(summaryOf(stage), whole);
      await watch.says("exp: finished");
    },
  },
  {
    fault: "an evaluation is added when all is finished",
    answer: "evaluates the checkpoint that is there; trains nothing again",
    sentence: "exp: goes on: new work appeared",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("exp: finished");
      addTask(stage);
      await watch.says("exp: goes on: new work appeared");
      await watch.says(/exp: finished: 1\/1 trainings and 3\/3/u);
    },
  },
  {
    fault: "a training script is deleted while its job waits in the queue, and the summary names it still",
    answer: "the copy that was submitted is what runs",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const run = stage.start("run");
      await run.says("rank4: PENDING -> RUNNING");
      rmSync(join(stage.experiment, "rank4", "finetune.slurm"));
      open(stage, "rank4");
      await run.ended;
    },
  },
];

function summaryOf({ experiment }: Stage): string {
  return join(experiment, "experiment_summary.yaml");
}

function replaceIn(stage: Stage, pattern: RegExp, by: string): void {
  writeFileSync(summaryOf(stage), readFileSync(summaryOf(stage), "utf8").replaceAll(pattern, by));
}

function strike(stage: Stage, run: string): void {
  replaceIn(stage, new RegExp(`^.*"${run}".*\\n`, "gmu"), "");
}

// The same evaluation under another name, with a script of its own.
function addTask(stage: Stage): void {
  const [from, to] = ["cap_epoch0", "cup_epoch0"].map((cell) => join(stage.experiment, "rank4", "eval", cell)) as [string, string];
  replaceIn(stage, /tasks: \[\{name: "cap", script: "cap.py"\}\]/gu, 'tasks: [{name: "cap", script: "cap.py"}, {name: "cup", script: "cup.py"}]');
  replaceIn(stage, /run: "rank4", tasks: \["cap"\]/gu, 'run: "rank4", tasks: ["cap", "cup"]');
  mkdirSync(to);
  writeFileSync(join(to, "cell.slurm"), textOf(join(from, "cell.slurm")).replaceAll("cap", "cup"), { mode: 0o755 });
}
