import { join } from "node:path";

import type { Command } from "commander";

import { planRecovery, type Recovery } from "../daemon/plan-recovery.ts";
import type { World } from "../daemon/world.ts";
import { writeRecovery } from "../daemon/write-recovery.ts";
import { plainLine } from "../domain/plain-text.ts";
import { renderProblem } from "../domain/problem.ts";
import { assemble } from "../main.ts";
import { describeDistrust } from "../report/distrust.ts";
import { renderRecovery } from "../report/recovery.ts";
import { shellQuote } from "../report/shell.ts";
import { type Mirror, mirrorIn } from "../state/mirror.ts";
import { holderOf } from "../system/ticket-lock.ts";
import { confirm } from "./confirm.ts";
import { withLease } from "./own-lease.ts";
import { findExperimentFolder } from "./target.ts";
import { complain, tell } from "./tell.ts";
import { who } from "./who.ts";
import { WrongUse } from "./wrong-use.ts";

interface RecoverOptions {
  readonly yes?: boolean;
  readonly takeOver?: boolean;
}

/** `nightshift recover`: rebuilds a state that cannot be gone on from, and frees an experiment from a process that is dead. */
export function addRecover(program: Command): void {
  program.command("recover")
    .description("rebuild the state of an experiment whose eval_jobs.json is gone, corrupt or went back: from job records, logs, artefacts and the scheduler; shows what it concludes before it writes. Submits nothing")
    .argument("[experiment]", "its folder; by default the current one")
    .option("--yes", "write it without asking")
    .option("--take-over", "take it from a nightshift of which you know that it is dead, as on another host; what that one still writes fails")
    .addHelpText("after", "\nExample:\n  nightshift recover ~/experiments/cap_sweep")
    .action(async (experiment: string | undefined, options: RecoverOptions) => { process.exitCode = await recover(findExperimentFolder(experiment), options); });
}

async function recover(folder: string, { yes = false, takeOver = false }: RecoverOptions): Promise<number> {
  const { world, stateFolder } = await assemble({ flags: {}, roots: [folder], looksOnly: true });
  const mirror = mirrorIn(stateFolder);
  const recovery = await conclude(folder, world, mirror);
  const name = plainLine(recovery.experiment.name);
  if (recovery.isNeedless && !takeOver) {
    tell(`${name}: there is nothing to recover. Its state (revision ${recovery.revision}) is whole and this folder's own.`);
    return 0;
  }
  const text = recovery.isNeedless ? `${name}: its state (revision ${recovery.revision}) is whole and this folder's own.` : shown(recovery);
  tell([text, ...(takeOver ? [describeTakeover(folder)] : [])].join("\n\n"));
  const command = `nightshift recover ${shellQuote(folder)}${takeOver ? " --take-over" : ""} --yes`;
  if (!await confirm(recovery.isNeedless ? "Take it over?" : "Write this?", yes, command)) {
    tell("Nothing was written.");
    return 1;
  }
  return withLease(folder, "recover", { takesOver: takeOver }, async () => {
    if (recovery.isNeedless) {
      tell(`Taken over: whoever had it cannot write in it any more. It is free for the next nightshift that watches it.`);
      return 0;
    }
    // What was shown must be what is written: until now somebody else may have gone on, and jobs may have ended.
    const again = await conclude(folder, world, mirror);
    if (yes && shown(again) !== text) tell(`\n${shown(again)}`);
    if (!yes && shown(again) !== text) {
      complain(`nightshift: nothing was written, because something has changed meanwhile. Look again: nightshift recover ${shellQuote(folder)}`);
      return 1;
    }
    const { revision, keptAs } = writeRecovery(again, mirror, who(), world.now());
    tell(`Written: ${join(folder, "eval_jobs.json")}, revision ${revision}${keptAs === undefined ? "" : `. What stood there is ${keptAs}`}`);
    return 0;
  });
}

async function conclude(folder: string, world: World, mirror: Mirror): Promise<Recovery> {
  const plan = await planRecovery(folder, world, mirror, who());
  if (plan.kind === "impossible") throw new WrongUse(`${folder} cannot be recovered: ${plan.reason}`, ...plan.problems.map(renderProblem));
  const { distrust } = plan.recovery;
  if (distrust?.kind === "copied" || distrust?.kind === "not writable") throw new WrongUse(`${folder}: ${describeDistrust(distrust, folder)}`);
  return plan.recovery;
}

function shown(recovery: Recovery): string {
  return renderRecovery(recovery, { width: process.stdout.columns || unbroken });
}

// What goes into a file or a pipe is searched for, not looked at.
const unbroken = 10_000;

function describeTakeover(folder: string): string {
  const holder = holderOf(join(folder, ".nightshift", "lease"));
  if (holder === undefined) return "Nobody takes care of it now, so there is nobody to take it from.";
  const { process: { host, pid }, user, purpose, since } = holder;
  return `It is taken from \`nightshift ${plainLine(purpose)}\` of ${user} on ${host} (pid ${pid}, since ${since}): what that process still writes fails, and it does not get it back.`;
}
