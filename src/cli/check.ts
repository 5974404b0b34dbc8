import type { Command } from "commander";

import { reconcile } from "../daemon/reconcile.ts";
import { viewOf } from "../daemon/view.ts";
import { assemble } from "../main.ts";
import { renderCheck } from "../report/check.ts";
import { findExperimentFolder } from "./target.ts";

/** `nightshift check`: reads an experiment and says what is wrong, what is missing, and what would be submitted. */
export function addCheck(program: Command): void {
  program.command("check")
    .description("read an experiment and say what is wrong, what is missing, and what would be submitted; exit code 2 if it is invalid")
    .argument("[experiment]", "its folder; by default the current one")
    .addHelpText("after", "\nExample:\n  nightshift check ~/experiments/cap_sweep")
    .action(async (experiment: string | undefined) => { process.exitCode = await check(findExperimentFolder(experiment)); });
}

async function check(folder: string): Promise<number> {
  const { world } = await assemble({ flags: {}, roots: [], looksOnly: true });
  const pass = await reconcile(folder, world, { mayWrite: false });
  process.stdout.write(`${renderCheck(viewOf(pass))}\n`);
  return pass.problems.some(({ severity }) => severity === "error") ? 2 : 0;
}
