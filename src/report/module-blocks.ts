import { formatElapsed } from "../domain/elapsed.ts";
import type { ModuleHappening } from "../domain/happening.ts";
import type { Status } from "../domain/status.ts";
import { discovery } from "./experiment-blocks.ts";
import { countOf, renderCounts } from "./happenings.ts";
import { type LogBlock, type LogName, type LogSource, renderBlock } from "./log-block.ts";
import { firstOf } from "./markdown.ts";
import { checkpointFolders, logFolders } from "./result-paths.ts";
import { evaluationUnits, trainingUnits } from "./units.ts";

/** Blocks about one tool and all of its work: its invocation in `run-experiment.log`, details in its own log. */
export function moduleBlocks(happening: ModuleHappening, source: LogSource): LogBlock[] {
  switch (happening.what) {
    case "begun": return begun(happening, source);
    case "all submitted": return allSubmitted(happening, source);
    case "complete": return complete(happening, source);
  }
}

function begun(happening: ModuleHappening, source: LogSource): LogBlock[] {
  const { at, module, subject, total, counts } = happening;
  const own = logOf(module);
  const ready = total - (counts.COMPLETED ?? 0);
  const isTraining = module === "optimization";
  const trainings = trainingUnits(source);
  const trained = trainings.filter(({ status }) => status === "COMPLETED").length;
  return [
    { file: "run-experiment", text: renderBlock(at, `${module.toUpperCase()}_START`, subject, [["Details", countOf(total, module)], ["Log", `${own}.log`]]) },
    { file: own, text: renderBlock(at, "DISCOVER_EXPERIMENT", "Found experiment", discovery(source)) },
    ...(isTraining ? [] : [{ file: own, text: renderBlock(at, "VERIFY_FINETUNING", "Checking if fine-tuning complete", [["Result", `${trained} of ${trainings.length} trainings complete`]]) }]),
    {
      file: own,
      text: renderBlock(at, isTraining ? "IDENTIFY_RUNS" : "IDENTIFY_EVALS", `Scanning for ${isTraining ? "training" : "evaluation"} scripts`, [
        ["Details", `Found ${scriptCount(source, module)} ${isTraining ? "training" : "evaluation"} scripts`],
        ["Result", `${countOf(ready, module)} to submit (${counts.COMPLETED ?? 0} already completed)`],
      ]),
    },
  ];
}

function allSubmitted({ at, module, counts, jobIds, total }: ModuleHappening, source: LogSource): LogBlock[] {
  const units = module === "optimization" ? trainingUnits(source) : evaluationUnits(source);
  const refused = units.filter(({ life }) => life.context.failure?.cause === "submission refused").length;
  const skipped = counts.SKIPPED ?? 0;
  return [{
    file: logOf(module),
    text: renderBlock(at, "ALL_SUBMITTED", `${module === "optimization" ? "Training" : "Evaluation"} submission complete`, [
      ["Summary", `${jobIds.length} of ${countOf(total, module)} submitted successfully (${refused} failures${skipped === 0 ? "" : `, ${skipped} skipped`})`],
      ["Job IDs", jobIds.length === 0 ? undefined : renderJobIds(jobIds)],
    ]),
  }];
}

function complete({ at, module, subject, total, counts, elapsedMs }: ModuleHappening, source: LogSource): LogBlock[] {
  const always: readonly Status[] = ["COMPLETED", "FAILED"];
  const tally = `${countOf(total, module)} finished - ${renderCounts(counts, always)}`;
  const time = elapsedMs === undefined ? undefined : formatElapsed(elapsedMs);
  const paths = module === "optimization" ? checkpointFolders(trainingUnits(source)) : logFolders(evaluationUnits(source));
  const results = paths.length === 0 ? undefined : firstOf(paths);
  const outcome = (counts.COMPLETED ?? 0) === total ? "success" : (counts.COMPLETED ?? 0) > 0 ? "partial success" : "failure";
  return [
    { file: logOf(module), text: renderBlock(at, "ALL_COMPLETE", "Monitoring finished", [["Summary", tally], ["Total time", time], [module === "optimization" ? "Model checkpoints" : "Evaluation logs", results], ["Next", "See summary.md"]]) },
    { file: "run-experiment", text: renderBlock(at, `${module.toUpperCase()}_COMPLETE`, subject, [["Details", tally], ["Duration", time], ["Log", `${logOf(module)}.log`], ["Result", outcome]]) },
  ];
}

/** The log of the tool at work. */
export function logOf(module: ModuleHappening["module"]): LogName {
  return module === "optimization" ? "run-torchtune" : "run-inspect";
}

/** Renders job ids in ascending order, neighbours as ranges: `101-103, 107`. */
export function renderJobIds(ids: readonly string[]): string {
  const ranges: { first: string; last: string }[] = [];
  for (const id of ids.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const range = ranges.at(-1);
    if (range !== undefined && isNext(range.last, id)) range.last = id;
    else ranges.push({ first: id, last: id });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(", ");
}

function isNext(before: string, id: string): boolean {
  return /^\d{1,15}$/u.test(before) && String(Number(before) + 1) === id;
}

function scriptCount({ places }: LogSource, module: ModuleHappening["module"]): number {
  return [...(module === "optimization" ? places.runs : places.evaluations).values()].filter(({ script }) => script !== undefined).length;
}
