import type { Command } from "commander";

import { reconcile } from "../daemon/reconcile.ts";
import { plainLine } from "../domain/plain-text.ts";
import { renderProblem } from "../domain/problem.ts";
import { assemble } from "../main.ts";
import { summaryBlock } from "../report/extract-blocks.ts";
import { renderSummary } from "../report/summary.ts";
import { appendToLog } from "../state/log-files.ts";
import { writeSummary } from "../state/summary-file.ts";
import { findExperimentFolder } from "./target.ts";
import { complain, tell } from "./tell.ts";

/** `nightshift summarize`: writes `summary.md` from what is there, whoever ran it. */
export function addSummarize(program: Command): void {
  program.command("summarize")
    .description("write summary.md from the state and the results that are there, also for an experiment that nightshift never ran")
    .argument("[experiment]", "its folder; by default the current one")
    .addHelpText("after", "\nExample:\n  nightshift summarize ~/experiments/cap_sweep")
    .action(async (experiment: string | undefined) => { process.exitCode = await summarize(findExperimentFolder(experiment)); });
}

async function summarize(folder: string): Promise<number> {
  const { world } = await assemble({ flags: {}, roots: [], looksOnly: true });
  const { facts, state, problems } = await reconcile(folder, world, { mayWrite: false });
  if (facts === undefined || state === undefined) {
    complain(problems.map((problem) => plainLine(renderProblem(problem))).join("\n"));
    return 2;
  }
  const view = { experiment: facts.experiment, state };
  const wasWritten = writeSummary(folder, renderSummary({ ...view, problems }));
  if (wasWritten) appendToLog(folder, "summarize-experiment", summaryBlock(view, "summary.md", facts.now).text);
  tell(`${plainLine(folder)}/summary.md ${wasWritten ? "written" : "is up to date"}`);
  return 0;
}
