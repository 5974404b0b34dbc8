import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { textOf } from "../support/fake-slurm/cluster-files.ts";
import type { Nightshift } from "../support/workplace.ts";
import { gated, open } from "./gates.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** What becomes of an experiment's folder and of the state in it. */
export const folderRows: readonly Row[] = [
  {
    fault: "the experiment's folder is renamed while a job runs",
    answer: "held at its new place until `nightshift adopt`; then the job is followed on",
    sentence: "/exp: is gone; jobs that were submitted for it keep running",
    ends: { experiment: "finished" },
    folder: "renamed",
    shape: { ...gated("rank4"), isMovable: true },
    play: async (stage) => {
      const watch = await dropAndRun(stage);
      renameSync(stage.experiment, join(stage.root, "renamed"));
      await watch.says(/\/renamed: held, /u);
      open(stage, "rank4");
      await goOnAlone(stage, watch, "adopt", join(stage.root, "renamed"));
    },
  },
  {
    fault: "the experiment's folder is deleted while a job runs",
    answer: "says that its jobs keep running; submits nothing",
    sentence: "/exp: is gone; jobs that were submitted for it keep running",
    ends: { experiment: "none" },
    ran: { "rank4/cap/0": 0 },
    shape: { ...gated("rank4"), isMovable: true },
    play: async (stage) => {
      const watch = await dropAndRun(stage);
      removeAll(stage.experiment);
      await watch.says("is gone; jobs that were submitted for it keep running");
    },
  },
  {
    fault: "a finished experiment is moved into an archive and back",
    answer: "it is the same folder: nothing is submitted",
    sentence: "/exp: is gone",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("exp: finished");
      renameSync(stage.experiment, stage.at("archive"));
      await watch.says("/exp: is gone");
      renameSync(stage.at("archive"), stage.experiment);
      await hasLooked(stage, watch);
    },
  },
  {
    fault: "an experiment is deleted and restored from a backup while a job waits in the queue",
    answer: "held: another folder, with an older state. `nightshift recover` finds the job again in the queue",
    sentence: "/exp: held, its folder was replaced by another one (a restored backup, or another disk)",
    ends: { experiment: "finished" },
    shape: { isMovable: true },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], isHeld: true }] });
      const watch = await stage.drop();
      await eventually(() => existsSync(stateOf(stage)), "the state");
      cpSync(stage.experiment, stage.at("backup"), { recursive: true });
      await watch.says(/base\/cap: \w+ -> COMPLETED/u);
      removeAll(stage.experiment);
      cpSync(stage.at("backup"), stage.experiment, { recursive: true });
      mkdirSync(join(stage.experiment, "rank4", "artifacts"), { recursive: true });
      await watch.says("/exp: held, ");
      stage.cluster.call("scontrol", ["release", "1"]);
      await goOnAlone(stage, watch, "recover", stage.experiment, "--yes");
    },
  },
  {
    fault: "an experiment is copied as a template for the next one (`cp -r`)",
    answer: "the copy is held, with the command that makes it an experiment of its own",
    sentence: "/copy: held, …",
    ends: { experiment: "finished" },
    folder: "copy",
    shape: { isMovable: true },
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("exp: finished");
      // The watch may still be writing there; unlike cpSync, cp goes on where a file has gone meanwhile.
      spawnSync("cp", ["-r", stage.experiment, join(stage.root, "copy")]);
      await watch.says(/\/copy: held, /u);
    },
  },
  {
    fault: "`git stash` or a checkout turns the state back while a job runs",
    answer: "held: its state went back; `nightshift recover` finds the job again",
    sentence: "its state went back …",
    ends: { experiment: "finished" },
    shape: { ...gated("rank4"), isMovable: true },
    play: async (stage) => {
      let before = "";
      const watch = await dropAndRun(stage, () => { before = textOf(stateOf(stage)); });
      writeFileSync(stateOf(stage), before);
      await watch.says(/held.* its state went back/u);
      open(stage, "rank4");
      await goOn(stage, "recover", stage.experiment, "--yes");
    },
  },
  {
    fault: "`git clean -fdx` deletes state, job records and lease while a job runs",
    answer: "held: its state is gone; `nightshift recover` finds the job again in the queue",
    sentence: "its eval_jobs.json is gone …",
    ends: { experiment: "finished" },
    shape: { ...gated("rank4"), isMovable: true },
    play: async (stage) => {
      const watch = await dropAndRun(stage);
      for (const name of ["eval_jobs.json", ".nightshift"]) rmSync(join(stage.experiment, name), { recursive: true });
      await watch.says("its eval_jobs.json is gone");
      open(stage, "rank4");
      await goOn(stage, "recover", stage.experiment, "--yes");
    },
  },
  {
    fault: "`git clean -fdx`, and what the home folder knew is gone too, while a job waits in the queue: nobody remembers it (`nightshift run`)",
    answer: "the path of the job's script says whose it is: submits nothing beside it, and ends; `nightshift recover` finds the job again",
    sentence: "exp is held: job 1 (… is in the queue, but eval_jobs.json does not know it: nightshift recover …",
    ends: { experiment: "finished" },
    shape: { isMovable: true },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], isHeld: true }] });
      const first = stage.start("run");
      await eventually(() => textOf(stateOf(stage)).includes('"job_id": "1"'), "the first job");
      first.signal("SIGKILL");
      await first.ended;
      for (const name of ["eval_jobs.json", ".nightshift"]) rmSync(join(stage.experiment, name), { recursive: true });
      rmSync(join(stage.stateHome, "nightshift"), { recursive: true });
      await stage.run();
      stage.cluster.call("scontrol", ["release", "1"]);
      await stage.nightshift("recover", stage.experiment, "--yes");
      await stage.nightshift("release", stage.experiment);
      await stage.run();
    },
  },
  ...([
    ["is empty", (file) => truncateSync(file)],
    ["is cut in the middle", (file) => truncateSync(file, Math.floor(textOf(file).length / 2))],
    ["holds the marks of a merge conflict", (file) => writeFileSync(file, `<<<<<<< HEAD\n${textOf(file)}=======\n${textOf(file)}>>>>>>> theirs\n`)],
  ] satisfies [string, (file: string) => void][]).map(([what, harm]): Row => ({
    fault: `the state file ${what}`,
    answer: "never read as \"nothing was done\": that experiment stops, the file stays as it is; `nightshift recover` rebuilds it",
    sentence: "/exp: invalid, eval_jobs.json…",
    ends: { experiment: "finished" },
    shape: { ...gated("rank4"), isMovable: true },
    play: async (stage) => {
      const watch = await dropAndRun(stage);
      harm(stateOf(stage));
      await watch.says("/exp: invalid, eval_jobs.json");
      open(stage, "rank4");
      await goOn(stage, "recover", stage.experiment, "--yes");
    },
  })),
];

function stateOf({ experiment }: Stage): string {
  return join(experiment, "eval_jobs.json");
}

// Until the training runs and the control has been evaluated, so that nothing of it moves but for the training.
async function dropAndRun(stage: Stage, whenSubmitting = (): void => {}): Promise<Nightshift> {
  const watch = await stage.drop();
  await eventually(() => existsSync(stateOf(stage)), "the state");
  whenSubmitting();
  await watch.says("rank4: PENDING -> RUNNING");
  await watch.says(/base\/cap: \w+ -> COMPLETED/u);
  return watch;
}

// Somebody else writes in it meanwhile.
function removeAll(folder: string): void {
  while (existsSync(folder)) {
    try {
      rmSync(folder, { recursive: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    }
  }
}

// Where the watch has come along with the folder, it is stopped for the command, as it is asked for.
async function goOnAlone(stage: Stage, watch: Nightshift, ...command: readonly string[]): Promise<void> {
  watch.signal("SIGTERM");
  await watch.ended;
  await stage.nightshift(...command);
  stage.start("watch");
  await untilFinished(command[1] ?? "");
}

// As a person does who was told to, beside the watch that goes on.
async function goOn(stage: Stage, ...command: readonly string[]): Promise<void> {
  await stage.nightshift(...command);
  await untilFinished(command[1] ?? "");
}

async function untilFinished(experiment: string): Promise<void> {
  const file = join(experiment, "eval_jobs.json");
  await eventually(() => textOf(file).includes('"state": "finished"'), "the end of the experiment", 60_000);
}

async function hasLooked(stage: Stage, watch: Nightshift): Promise<void> {
  mkdirSync(join(stage.root, "other"));
  writeFileSync(join(stage.root, "other", "experiment_summary.yaml"), "experiment: [\n");
  await watch.says("/other: invalid");
}
