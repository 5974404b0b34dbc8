import type { ExperimentHappening, Happening, ModuleHappening } from "../domain/happening.ts";
import { renderClosingReport } from "./closing-report.ts";
import { experimentBlocks } from "./experiment-blocks.ts";
import { renderInspectComplete } from "./inspect-complete.ts";
import type { LogBlock, LogSource } from "./log-block.ts";
import { moduleBlocks } from "./module-blocks.ts";
import { unitBlocks } from "./unit-blocks.ts";

/**
 * Renders happenings as blocks for the experiment's logs, in their order; at an end the closing report follows its block.
 *
 * Submissions are written as cruijff_kit's own submitters write them, so that tools which harvest
 * `SUBMIT_JOB: {run}` ... `Job ID: {id}` go on working. A refused one has another action: the harvest would else give it
 * the next job's id.
 */
export function renderBlocks(happenings: readonly Happening[], source: LogSource): readonly LogBlock[] {
  return happenings.flatMap((happening) => {
    switch (happening.kind) {
      case "experiment": return [...experimentBlocks(happening, source), ...closingReport(happening, source)];
      case "module": return [...moduleBlocks(happening, source), ...inspectReport(happening, source)];
      case "run": case "evaluation": return unitBlocks(happening, source);
    }
  });
}

function closingReport({ what }: ExperimentHappening, source: LogSource): LogBlock[] {
  return what === "finished" ? [{ file: "run-experiment", text: `${renderClosingReport(source)}\n` }] : [];
}

function inspectReport({ what, module }: ModuleHappening, source: LogSource): LogBlock[] {
  return what === "complete" && module === "evaluation" ? [{ file: "run-inspect", text: `${renderInspectComplete(source)}\n` }] : [];
}
