import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Command } from "commander";

import type { Pass } from "../daemon/reconcile.ts";
import type { Settings } from "../domain/settings.ts";
import { writeDemoExperiment } from "../demo/write-experiment.ts";
import { shellQuote } from "../report/shell.ts";
import { outlook } from "../rules/outlook.ts";
import { openScreen } from "./screen.ts";
import { openSession } from "./session.ts";
import { untilStopped } from "./signals.ts";
import { WrongUse } from "./wrong-use.ts";

/** `nightshift demo`: `watch` on an empty folder, and an experiment that is moved into it. */
export function addDemo(program: Command): void {
  program.command("demo")
    .description("watch a new folder, move a small experiment into it, and work it through: two real trainings in plain Node, a control, five evaluations")
    .argument("[dir]", "a new or empty folder", "nightshift-demo")
    .option("--seed <number>", "another seed, other words, other numbers", "14")
    .addHelpText("after", "\nExample:\n  nightshift demo /tmp/demo --seed 7")
    .action(async (dir: string, { seed }: { seed: string }) => { process.exitCode = await demo(dir, seed); });
}

const settings: Partial<Settings> = { settleMs: 2000, pollMs: 1000, staggerMs: 500, scheduler: "local" };

async function demo(dir: string, seedText: string): Promise<number> {
  const seed = Number(seedText);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new WrongUse(`--seed: expected a whole number, found ${seedText}`);
  const root = emptyFolder(dir);
  const experiment = join(root, "capitalization_demo");
  const screen = openScreen({ format: "text", title: `demo in ${root}` });
  let end = (_pass: Pass): void => {};
  const ended = new Promise<Pass>((resolveEnd) => { end = resolveEnd; });
  const stopped = untilStopped();
  const session = await openSession({
    purpose: `demo ${root}`, roots: [root], named: [], flags: settings, dryRun: false, voice: screen.voice,
    onPass: (pass) => {
      screen.show(pass);
      const { facts, state } = pass;
      if (facts !== undefined && state !== undefined && state.life.state !== "held" && outlook(state, facts.experiment) !== "busy") end(pass);
    },
  });
  screen.voice.note(`Watching ${root}, which is empty. An experiment is moved into it: ${experiment}`);
  screen.begin();
  await moveIn(root, experiment, seed);
  const how = await Promise.race([ended, stopped]);
  screen.end();
  await session.stop();
  if (typeof how === "string") {
    process.stdout.write(`\nStopped by ${how}; jobs keep running. Resume with: nightshift watch ${shellQuote(root)}\n`);
    return 1;
  }
  process.stdout.write(`\n${readFileSync(join(experiment, "summary.md"), "utf8")}\n${whereThingsAre(experiment)}\n`);
  return how.state?.life.state === "finished" && how.facts !== undefined && isAllGood(how) ? 0 : 1;
}

// Written beside and renamed, as a person would move a folder: it appears whole.
async function moveIn(root: string, experiment: string, seed: number): Promise<void> {
  const staging = mkdtempSync(join(root, ".staging-"));
  await writeDemoExperiment(join(staging, "experiment"), {
    finalFolder: experiment, node: process.execPath, program: join(import.meta.dirname, "demo-job.js"), seed,
  });
  renameSync(join(staging, "experiment"), experiment);
  rmSync(staging, { recursive: true });
}

function emptyFolder(dir: string): string {
  const path = resolve(dir);
  if (existsSync(path) && readdirSync(path).length > 0) throw new WrongUse(`expected a new or empty folder, found files in ${path}; name another one, or remove it`);
  mkdirSync(path, { recursive: true });
  return realpathSync(path);
}

function isAllGood({ state }: Pass): boolean {
  const lives = state === undefined ? [] : [...Object.values(state.runs), ...Object.values(state.evaluations)];
  return lives.every((life) => life.state === "trained" || life.state === "scored");
}

function whereThingsAre(experiment: string): string {
  return [
    "Where things are:",
    `  ${experiment}/summary.md             the results above`,
    `  ${experiment}/eval_jobs.json         the state, made to be committed to git`,
    `  ${experiment}/run-experiment.log     what happened, in blocks`,
    `  ${experiment}/*/artifacts            the trainings' outputs and checkpoints`,
    `  ${experiment}/*/eval/*/logs          the evaluations' logs: inspect view --log-dir ${shellQuote(experiment)}`,
    `Look again with: nightshift status ${shellQuote(experiment)}`,
  ].join("\n");
}
