import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

import type { Command } from "commander";

import { type Pass, reconcile } from "../daemon/reconcile.ts";
import { findExperiments } from "../experiment/find-experiments.ts";
import { assemble } from "../main.ts";
import { viewOf } from "../daemon/view.ts";
import { renderJson } from "../report/json-text.ts";
import { statusJson } from "../report/status-json.ts";
import { renderStatus } from "../report/status-table.ts";
import { terminalPaint } from "./paint.ts";
import { readTails } from "./tails.ts";
import { isExperiment } from "./target.ts";
import { WrongUse } from "./wrong-use.ts";

/** `nightshift status`: where everything stands, and why. Only looks. */
export function addStatus(program: Command): void {
  program.command("status")
    .description("where every run and evaluation stands, and why; for failures the cause, the last lines and the log")
    .argument("[dir]", "an experiment, or a folder with experiments; by default the current one")
    .option("--json", "for scripts")
    .addHelpText("after", "\nExample:\n  nightshift status ~/experiments --json | jq '.experiments[].status'")
    .action(async (dir: string | undefined, { json }: { json?: boolean }) => { await status(dir, json === true); });
}

async function status(dir: string | undefined, isJson: boolean): Promise<void> {
  const path = resolve(dir ?? ".");
  if (!existsSync(path)) throw new WrongUse(`no such folder: ${path}`);
  const root = realpathSync(path);
  const folders = isExperiment(root) ? [root] : await findExperiments(root);
  if (folders.length === 0) throw new WrongUse(`no experiment (a folder with experiment_summary.yaml) in ${root}`);
  const { world } = await assemble({ flags: {}, roots: [root], looksOnly: true });
  const passes: Pass[] = [];
  for (const folder of folders) passes.push(await reconcile(folder, world, { mayWrite: false }));
  const now = world.now();
  const views = passes.map((pass) => ({ ...viewOf(pass), tails: readTails(pass) }));
  if (isJson) process.stdout.write(`${renderJson({ at: now, experiments: views.map((view) => statusJson(view, { now })) })}\n`);
  else process.stdout.write(`${views.map((view) => renderStatus(view, { now, width: process.stdout.columns || 120, paint: terminalPaint })).join("\n\n")}\n`);
}
