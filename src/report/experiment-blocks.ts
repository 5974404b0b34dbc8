import { formatElapsed } from "../domain/elapsed.ts";
import { evaluationKey, isTrained, type Run } from "../domain/experiment.ts";
import type { ExperimentHappening } from "../domain/happening.ts";
import { type LogBlock, type LogSource, renderBlock } from "./log-block.ts";
import { firstOf } from "./markdown.ts";
import { evaluation, optimization, spanMs } from "./module-work.ts";
import { hasFailed } from "./status-words.ts";
import { titleOf } from "./units.ts";

/** Blocks about the experiment as a whole, for `run-experiment.log`. */
export function experimentBlocks(happening: ExperimentHappening, source: LogSource): LogBlock[] {
  const { at, subject, what, reason } = happening;
  const block = (action: string, title: string, values: Parameters<typeof renderBlock>[3]): LogBlock => ({ file: "run-experiment", text: renderBlock(at, action, title, values) });
  switch (what) {
    case "discovered": return [block("DISCOVER_EXPERIMENT", "Found experiment", discovery(source))];
    case "armed": return [block("ARMED", subject, [["Details", reason], ["Result", "nightshift may submit as soon as everything is there and settled"]])];
    case "released": return [block("RELEASED", subject, [["Details", reason], ["Result", "nightshift may submit as soon as everything is there and settled"]])];
    case "held": return [block("HELD", subject, [["Details", reason], ["Result", "nothing is submitted until it is released"]])];
    case "waiting": return [block("WAITING", subject, [["Details", reason], ["Result", "nothing is submitted yet"]])];
    case "started": return [verification(source, block)];
    case "reopened": return [block("REOPENED", subject, [["Details", reason], ["Result", "what is finished stays as it is"]])];
    case "finished": return [block("COMPLETE", "Experiment finished", completion(source, reason))];
  }
}

/** Values of a `DISCOVER_EXPERIMENT` block, the same in every log. */
export function discovery({ experiment }: LogSource): [string, string][] {
  const runs = experiment.runs.length;
  const kinds = (["fine-tuned", "control", "eval-only"] as const)
    .map((type) => ({ type, count: experiment.runs.filter((run: Run) => run.type === type).length }))
    .filter(({ count }) => count > 0);
  const types = kinds.length === 0 ? "" : ` (${kinds.map(({ type, count }) => `${count} ${type}`).join(", ")})`;
  return [
    ["Details", `${experiment.folder}/experiment_summary.yaml`],
    ["Result", `Experiment has ${runs} ${runs === 1 ? "run" : "runs"}${types} with ${experiment.evaluations.length} evaluations`],
  ];
}

function verification({ experiment, places, state }: LogSource, block: (action: string, title: string, values: [string, string][]) => LogBlock): LogBlock {
  const trained = experiment.runs.filter(isTrained);
  const trainings = trained.filter(({ name }) => places.runs.get(name)?.script !== undefined);
  const evaluations = experiment.evaluations.filter((one) => places.evaluations.get(evaluationKey(one))?.script !== undefined);
  const isWhole = trainings.length === trained.length && evaluations.length === experiment.evaluations.length;
  return block("VERIFY_SCAFFOLDING", "Checking scripts of optimizer and evaluator", [
    ["Details", `${trainings.length} of ${trained.length} training scripts, ${evaluations.length} of ${experiment.evaluations.length} evaluation scripts`],
    ["Tools", `optimizer ${experiment.optimizer}, evaluator ${experiment.evaluator}, scheduler ${state.life.context.scheduler ?? "not chosen yet"}`],
    ["Result", isWhole ? "complete" : "incomplete; what is there goes ahead, the rest waits for its scripts"],
  ]);
}

function completion(source: LogSource, outcome: string | undefined): [string, string | undefined][] {
  const works = [optimization(source), evaluation(source)];
  const failed = works.flatMap(({ units }) => units.filter(({ status }) => hasFailed(status) || status === "SKIPPED"))
    .map((unit) => `${titleOf(unit)} (${unit.status})`);
  const spans = works.flatMap((work) => {
    const ms = spanMs(work);
    return ms === undefined ? [] : [`${work.module} ${formatElapsed(ms)}`];
  });
  return [
    ["Summary", outcome],
    ["Duration", spans.length === 0 ? undefined : spans.join(", ")],
    ["Not completed", failed.length === 0 ? undefined : firstOf(failed)],
    ["Results", "summary.md, eval_jobs.json"],
    ["Module logs", "run-torchtune.log, run-inspect.log"],
    ["Result", failed.length === 0 ? "success" : works.some(({ units }) => units.some(({ status }) => status === "COMPLETED")) ? "partial success" : "failure"],
  ];
}
