import { existsSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";

import type { Command } from "commander";

import type { Pass } from "../daemon/reconcile.ts";
import { plainLine } from "../domain/plain-text.ts";
import { shellQuote } from "../report/shell.ts";
import { hasJobs } from "../rules/outlook.ts";
import { writeRequest } from "../state/requests.ts";
import { openScreen } from "./screen.ts";
import { openSession } from "./session.ts";
import { untilStopped } from "./signals.ts";
import { who } from "./who.ts";
import { addWorkOptions, notifyFrom, settingsFrom, type WorkFlags } from "./work-options.ts";
import { WrongUse } from "./wrong-use.ts";

/** `nightshift watch`: works on everything in the folders until a person stops it. */
export function addWatch(program: Command): void {
  addWorkOptions(program.command("watch"))
    .description("work on every experiment in these folders until stopped; what stood there before is held until you release it")
    .argument("[dir...]", "folders to watch; by default the current one")
    .option("--dry-run", "only look, and say what would be submitted")
    .addHelpText("after", "\nExample:\n  screen -S nightshift nightshift watch ~/experiments")
    .action(watch);
}

async function watch(folders: readonly string[], flags: WorkFlags): Promise<void> {
  const settings = settingsFrom(flags);
  const roots = (folders.length === 0 ? ["."] : folders).map(watchable);
  const dryRun = flags.dryRun === true;
  const screen = openScreen({ format: flags.logFormat, title: `watching ${roots.join(", ")}` });
  const stopped = untilStopped();
  const session = await openSession({
    purpose: `watch ${roots.join(" ")}`, roots, named: [], flags: settings, dryRun,
    voice: screen.voice, notify: notifyFrom(flags), onPass: screen.show, onGone: screen.forget,
  });
  screen.survey([...session.daemon.passes().values()], dryRun);
  if (!dryRun && process.stdin.isTTY && process.stdout.isTTY) await Promise.race([stopped, offerToBegin([...session.daemon.passes().values()], session.parts.world, stopped)]);
  screen.begin();
  if (dryRun && !process.stdout.isTTY) {
    await session.stop();
    return;
  }
  const signal = await stopped;
  screen.end();
  await session.stop();
  const running = [...session.daemon.passes().values()].filter(({ state, facts }) => state !== undefined && facts !== undefined && hasJobs(state, facts.experiment)).length;
  screen.conclude(`Stopped by ${signal}.${running === 0 ? "" : ` Jobs of ${running} experiment${running === 1 ? "" : "s"} keep running.`} Resume with: nightshift watch ${roots.map(shellQuote).join(" ")}`);
}

// Asked once, when the folder is first met: whatever is not begun now stays held until `nightshift release`.
async function offerToBegin(passes: readonly Pass[], world: { now(): string; nonce(): string }, stopped: Promise<string>): Promise<void> {
  const fresh = passes.filter(({ facts, isKept, state }) => !isKept && facts !== undefined && facts.obstacle === undefined && state?.life.state === "held" && facts.reading.traces.length === 0);
  if (fresh.length === 0) return;
  const names = plainLine(fresh.map(({ facts }) => facts?.experiment.name ?? "").join(", "));
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  // While it asks, Ctrl-C comes as a key, and an open prompt would keep this process from its end.
  prompt.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  void stopped.then(() => prompt.close());
  const answer = await prompt.question(`Begin the ${fresh.length} never-started experiment${fresh.length === 1 ? "" : "s"} (${names})? [y/N] `);
  prompt.close();
  if (!/^y(?:es)?$/iu.test(answer.trim())) return;
  for (const { folder } of fresh) writeRequest(folder, { action: "release", by: who(), at: world.now() }, world.nonce());
}

function watchable(folder: string): string {
  const path = resolve(folder);
  if (!existsSync(path)) throw new WrongUse(`no such folder: ${path}`);
  if (!statSync(path).isDirectory()) throw new WrongUse(`expected a folder, found a file: ${path}`);
  return realpathSync(path);
}
