import type { EvaluationHappening, RunHappening } from "../domain/happening.ts";
import type { Instant } from "../domain/time.ts";
import { type LogBlock, renderBlock } from "./log-block.ts";
import { formatFraction, formatLoss, unknown } from "./numbers.ts";
import { completeRuns } from "./run-status.ts";
import type { ExperimentView } from "./units.ts";

/** Blocks about numbers taken from a run's output or an evaluation's log, for `summarize-experiment.log`. */
export function resultBlocks(happening: RunHappening | EvaluationHappening): LogBlock[] {
  if (happening.kind === "run") return happening.result === undefined ? [] : [extractLoss(happening, happening.result)];
  const isUnreadable = happening.failure?.cause === "unreadable evaluation log";
  return happening.result === undefined && !isUnreadable ? [] : [extractAccuracy(happening)];
}

/** The block that says that `summary.md` was written. */
export function summaryBlock(view: ExperimentView, path: string, at: Instant): LogBlock {
  return {
    file: "summarize-experiment",
    text: renderBlock(at, "GENERATE_SUMMARY", view.experiment.name, [["Details", `${completeRuns(view).length}/${view.experiment.runs.length} runs complete`], ["Result", `wrote ${path}`]]),
  };
}

function extractLoss({ at, subject }: RunHappening, { output, finalLoss, totalSteps, divergedAtStep }: NonNullable<RunHappening["result"]>): LogBlock {
  const steps = totalSteps === undefined ? "" : ` after ${totalSteps} steps`;
  const diverged = divergedAtStep === undefined ? "" : `, diverged at step ${divergedAtStep}`;
  return {
    file: "summarize-experiment",
    text: renderBlock(at, "EXTRACT_LOSS", subject, [
      ["Details", output ?? "no training output was found"],
      ["Result", finalLoss === undefined ? `warning: no loss, recorded as ${unknown}` : `final loss ${formatLoss(finalLoss)}${steps}${diverged}`],
    ]),
  };
}

function extractAccuracy({ at, subject, result, failure }: EvaluationHappening): LogBlock {
  const accuracy = result?.accuracy ?? result?.binary?.accuracy;
  const isGood = result?.logStatus === "success";
  const binary = result?.binary === undefined ? "" : `, balanced accuracy ${formatFraction(result.binary.balancedAccuracy)}, F1 ${formatFraction(result.binary.f1)}`;
  return {
    file: "summarize-experiment",
    text: renderBlock(at, "EXTRACT_ACCURACY", subject, [
      ["Details", result?.log ?? failure?.file],
      ["Choice", result?.choice],
      ["Result", isGood ? `accuracy ${formatFraction(accuracy)}${binary}${result.printed === true ? " as printed" : ` over ${result.samples} samples`}` : `error: ${failure?.message ?? `the log's status is ${result?.logStatus ?? "unknown"}`}`],
    ]),
  };
}
