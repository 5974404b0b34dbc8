import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { gated, open } from "./gates.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** Disks that are full, quotas that are used up, permissions and credentials that are gone. */
export const diskRows: readonly Row[] = [
  {
    fault: "the disk is full when an experiment begins, and has space again later",
    answer: "submits nothing that it could not note before; says what is wrong, tries again and goes on",
    sentence: "the disk is full (ENOSPC…",
    ends: { experiment: "finished" },
    whyNot: whyNoMounts(),
    play: async (stage) => {
      onSmallDisk(stage, "min_free: 0K\n");
      fill(stage);
      const run = stage.start("run");
      await run.says("the disk is full");
      rmSync(join(stage.root, "filler"));
      await run.ended;
    },
  },
  {
    fault: "the disk gets full while a training saves its checkpoint, and has space again later",
    answer: "that training has failed, and an empty file is no checkpoint; what could not be noted then is noted when it can be",
    sentence: "held, its state cannot be written, so nothing is submitted: the disk is full (ENOSPC… rank4: RUNNING -> FAILED",
    ends: { experiment: "finished", rank4: "FAILED", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: gated("rank4", "base/cap"),
    whyNot: whyNoMounts(),
    play: async (stage) => {
      onSmallDisk(stage, "min_free: 0K\n");
      const run = stage.start("run");
      await run.says("rank4: PENDING -> RUNNING");
      await run.says("base/cap: PENDING -> RUNNING");
      fill(stage);
      open(stage, "rank4");
      await run.says("the disk is full");
      rmSync(join(stage.root, "filler"));
      open(stage, "base/cap");
      await run.ended;
    },
  },
  {
    fault: "there is hardly any space left on the experiment's disk",
    answer: "submits no training before there is as much as `--min-free` (1 GB) says",
    sentence: "rank4: only … are free in …, and a training needs 1 GB (--min-free)",
    ends: { experiment: "working", rank4: "SUBMITTING", "rank4/cap/0": "WAITING" },
    ran: { rank4: 0, "rank4/cap/0": 0 },
    whyNot: whyNoMounts(),
    play: async (stage) => {
      onSmallDisk(stage, "");
      const run = stage.start("run");
      await run.says("(--min-free)");
      await run.says(/base\/cap: \w+ -> COMPLETED/u);
    },
  },
  ...([11, 13, 17] as const).map((nth): Row => ({
    fault: `every ${nth}th fsync, rename, link and mkdir of nightshift's fails because the disk is full`,
    answer: "whatever was half written is as it was before; nothing is submitted twice for it, and nothing is lost",
    sentence: "the disk is full (ENOSPC…",
    ends: { experiment: "finished" },
    whyNot: whyNoStrace(),
    play: async (stage) => {
      await stage.run(failing("ENOSPC", `${nth}+${nth}`));
    },
  })),
  {
    fault: "the quota is used up in the middle of a pass, for a while",
    answer: "the same",
    sentence: "rank4: could not prepare the submission: the disk quota is used up (EDQUOT, …)",
    ends: { experiment: "finished" },
    whyNot: whyNoStrace(),
    play: async (stage) => {
      await stage.run(failing("EDQUOT", "9..12"));
    },
  },
  {
    fault: "the credentials for the file server expire while jobs run (Kerberos), and are renewed",
    answer: "holds everything as it is, says so once, and tries again as seldom as it polls: no crash, no loop",
    sentence: "its state cannot be written, so nothing is submitted: this session's credentials for the file server have expired; renew them (kinit) (EKEYEXPIRED…",
    ends: { experiment: "finished" },
    whyNot: whyNoStrace(),
    play: async (stage) => {
      await stage.run(failing("EKEYEXPIRED", "9..12"));
    },
  },
  {
    fault: "nothing can be written in the experiment's folder any more while a job runs, and then it can again",
    answer: "the job goes on; nothing is submitted that could not be noted",
    sentence: "this user may not do that here (EPERM, …)",
    ends: { experiment: "finished" },
    shape: gated("rank4"),
    whyNot: whyNoAttributes(),
    play: async (stage) => {
      const watch = await stage.drop();
      await watch.says("rank4: PENDING -> RUNNING");
      const release = freeze(stage, stage.experiment);
      open(stage, "rank4");
      await watch.says("this user may not do that here");
      release();
      await watch.says("exp: finished");
    },
  },
  {
    fault: "nightshift's own folder (`~/.local/state/nightshift`) cannot be written",
    answer: "submits nothing of which it could not keep a copy outside the experiment",
    sentence: "this user may not do that here (EPERM, …)",
    ends: { experiment: "finished" },
    whyNot: whyNoAttributes(),
    play: async (stage) => {
      mkdirSync(stage.stateHome);
      const release = freeze(stage, stage.stateHome);
      const run = stage.start("run");
      await run.says("this user may not do that here");
      release();
      await run.ended;
    },
  },
];

// strace follows the one thread on which nightshift writes durably; its children are not touched.
function failing(error: string, when: string): { readonly under: readonly string[] } {
  const calls = "fsync,fdatasync,?rename,?renameat,?renameat2,?link,linkat,?mkdir,mkdirat";
  return { under: ["strace", "-D", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${when}`] };
}

// The experiments' folder on a disk of one megabyte.
function onSmallDisk(stage: Stage, settings: string): void {
  run("mount", "-t", "tmpfs", "-o", "size=1m", "nightshift-test", stage.root);
  stage.atEnd(() => run("umount", "-l", stage.root));
  stage.redesign({});
  writeFileSync(join(stage.root, "nightshift.yaml"), settings);
  writeFileSync(join(stage.experiment, "nightshift.yaml"), settings);
}

function fill({ root }: Stage): void {
  spawnSync("dd", ["if=/dev/zero", `of=${join(root, "filler")}`, "bs=4k"]);
}

// Not even root can make, rename or remove anything in the folder.
function freeze(stage: Stage, folder: string): () => void {
  run("chattr", "+i", folder);
  const release = (): void => run("chattr", "-i", folder);
  stage.atEnd(release);
  return release;
}

function run(program: string, ...parameters: readonly string[]): void {
  const { status, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${stderr}`);
}

function whyNoStrace(): string | undefined {
  return spawnSync("strace", ["-V"]).status === 0 ? undefined : "there is no strace here";
}

function whyNoMounts(): string | undefined {
  return inTrial((folder) => {
    run("mount", "-t", "tmpfs", "-o", "size=1m", "nightshift-test", folder);
    run("umount", folder);
  });
}

function whyNoAttributes(): string | undefined {
  return inTrial((folder) => {
    run("chattr", "+i", folder);
    run("chattr", "-i", folder);
  });
}

function inTrial(attempt: (folder: string) => void): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "nightshift-trial-"));
  try {
    attempt(folder);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
