import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { thisProcess, type ProcessIdentity } from "../../src/system/process-identity.ts";
import { gated, open } from "./gates.ts";
import { jobFolders, killSbatch } from "./job-records.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** Several nightshifts, and what becomes of one. */
export const daemonRows: readonly Row[] = [
  {
    fault: "two nightshifts are started on the same experiment at the same moment",
    answer: "one of them has it, the other one says who",
    sentence: "takes care of it; this process only looks",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const both = [stage.start("run"), stage.start("run")];
      await eventually(() => both.some(({ said }) => said().includes("only looks")), "the refusal");
      open(stage, "rank4");
      await Promise.all(both.map(({ ended }) => ended));
    },
  },
  {
    fault: "a second `nightshift watch` on the same folder, on the same machine",
    answer: "refused: told host, process, user and start time",
    sentence: "`nightshift watch …` of … on … (pid …, since …) takes care of it; this process only looks",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const first = await stage.drop();
      await first.says("rank4: PENDING -> RUNNING");
      const second = stage.start("watch");
      await second.says("takes care of it; this process only looks");
      open(stage, "rank4");
      await first.says("exp: finished");
    },
  },
  {
    fault: "the lease is held from another login node, which nobody here can see",
    answer: "never taken over by itself; a person who knows says so with `nightshift recover --take-over`",
    sentence: "takes care of it; this process only looks. Whether a process on login2 lives cannot be seen from …. If you know that it is dead: nightshift recover … --take-over",
    ends: { experiment: "finished" },
    play: async (stage) => {
      writeLease(stage, { host: "login2", pid: 77, startTicks: "1", bootId: "another" });
      const refused = stage.start("run");
      await refused.says("this process only looks");
      await stage.nightshift("recover", stage.experiment, "--take-over", "--yes");
      refused.signal("SIGTERM");
      await refused.ended;
      await stage.run();
    },
  },
  {
    fault: "nightshift is killed (kill -9) while jobs run",
    answer: "the next one takes over at once, and goes on where that one was",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const first = stage.start("run");
      await first.says("rank4: PENDING -> RUNNING");
      first.signal("SIGKILL");
      await first.ended;
      open(stage, "rank4");
      await stage.run();
    },
  },
  {
    fault: "nightshift is stopped (SIGSTOP) for a while, and a second one is started",
    answer: "who is stopped is alive, and is not taken over; it goes on when it wakes up",
    sentence: "takes care of it; this process only looks",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const first = stage.start("run");
      await first.says("rank4: PENDING -> RUNNING");
      first.signal("SIGSTOP");
      const second = stage.start("run");
      await second.says("this process only looks");
      first.signal("SIGCONT");
      open(stage, "rank4");
      await Promise.all([first.ended, second.ended]);
    },
  },
  {
    fault: "nightshift sleeps (SIGSTOP) while a person gives the experiment to another one (`recover --take-over`)",
    answer: "the sleeper cannot write in it any more when it wakes up: it only looks",
    sentence: "which took it over from this process, takes care of it; this process only looks",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const first = stage.start("run");
      await first.says("rank4: PENDING -> RUNNING");
      first.signal("SIGSTOP");
      await stage.nightshift("recover", stage.experiment, "--take-over", "--yes");
      const second = stage.start("run");
      open(stage, "rank4");
      await second.ended;
      first.signal("SIGCONT");
      await first.says("takes care of it; this process only looks");
    },
  },
  {
    fault: "the same, but the lease was deleted, and the sleeper wakes up while the other one is at work",
    answer: "tells its own lease from another one of the same number: only one of them submits",
    sentence: "exp: finished: 1/1 trainings and 2/2 evaluations completed",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    play: async (stage) => {
      const first = stage.start("run");
      await first.says("rank4: PENDING -> RUNNING");
      first.signal("SIGSTOP");
      rmSync(join(stage.experiment, ".nightshift", "lease"), { recursive: true });
      const second = stage.start("run");
      await eventually(() => leaseOf(stage) !== undefined, "the second one's lease");
      first.signal("SIGCONT");
      open(stage, "rank4");
      await Promise.all([first.ended, second.ended]);
    },
  },
  {
    fault: "the machine reboots in the middle of a submission that the controller never got",
    answer: "process numbers of another boot prove nothing: the lease is free, sbatch is not at work any more, and the job is looked up before it is submitted once more",
    sentence: "rank4: nobody noted what the scheduler answered; asks again at …, when a submission that was on its way cannot arrive any more",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], isDeaf: true, answersWith: stage.at("never") }] });
      const first = stage.start("run");
      await eventually(() => stage.cluster.calls("sbatch").length > 0, "sbatch");
      first.signal("SIGKILL");
      await first.ended;
      // As if their numbers had been given to processes that live: this one's own.
      killSbatch(stage);
      writeLease(stage, { ...thisProcess(), bootId: "an-earlier-boot" });
      for (const folder of jobFolders(stage)) {
        writeFileSync(join(folder, "spawned"), `${hostname()}\nan-earlier-boot\n${readFileSync("/proc/self/stat", "latin1")}${new Date().toISOString()}\n`);
      }
      await stage.run();
    },
  },
  {
    fault: "nightshift is asked to stop (SIGTERM) while sbatch hangs",
    answer: "stops at once; sbatch lives on, and the next one reads its answer",
    sentence: "Stopped by SIGTERM; jobs keep running",
    ends: { experiment: "finished" },
    play: async (stage) => {
      stage.cluster.play({ faults: [{ program: "sbatch", calls: [1, 1], answersWith: stage.at("answer") }] });
      const first = stage.start("run");
      await eventually(() => stage.cluster.jobs().length > 0, "the job");
      first.signal("SIGTERM");
      await first.ended;
      writeFileSync(stage.at("answer"), "");
      await stage.run();
    },
  },
];

// As another nightshift leaves it.
function writeLease({ experiment }: Stage, holder: ProcessIdentity): void {
  const lease = join(experiment, ".nightshift", "lease");
  mkdirSync(lease, { recursive: true });
  const text = JSON.stringify({ process: holder, user: "ada", purpose: "watch /home/ada", since: "2026-11-21T13:15:00.250+01:00" });
  writeFileSync(join(lease, String(Math.max(0, ...readdirSync(lease).map((name) => Number.parseInt(name, 10) || 0)) + 1)), text);
}

function leaseOf({ experiment }: Stage): string | undefined {
  const lease = join(experiment, ".nightshift", "lease");
  return existsSync(lease) ? readdirSync(lease).find((name) => /^\d+$/u.test(name)) : undefined;
}
