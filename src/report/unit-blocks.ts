import { formatElapsed } from "../domain/elapsed.ts";
import { evaluationKey } from "../domain/experiment.ts";
import type { EvaluationHappening, RunHappening } from "../domain/happening.ts";
import { wallTime } from "../domain/time.ts";
import { resultBlocks } from "./extract-blocks.ts";
import { type LogBlock, type LogName, type LogSource, renderBlock } from "./log-block.ts";
import { commonFolder } from "./result-paths.ts";

/** Blocks about one run or evaluation: its submission, its changes of state, what was read from its files. */
export function unitBlocks(happening: RunHappening | EvaluationHappening, source: LogSource): LogBlock[] {
  const { at, kind, subject, what, to, reason } = happening;
  const file: LogName = kind === "run" ? "run-torchtune" : "run-inspect";
  const submit = kind === "run" ? "SUBMIT_JOB" : "SUBMIT_EVAL";
  switch (what) {
    case "submitted":
      if (reason !== undefined) return [{ file, text: renderBlock(at, "ADOPT_JOB", subject, [["Details", reason], ["Job ID", happening.jobId], ["Result", "followed, nothing submitted"]]) }];
      return [{ file, text: renderBlock(at, submit, subject, [["Details", submissionOf(happening, source)], ["Job ID", happening.jobId], ["Attempt", attemptOf(happening)], ["Result", "success"]]) }];
    case "submission failed":
      return [{ file, text: renderBlock(at, `${submit}_FAILED`, subject, [["Details", submissionOf(happening, source)], ["Result", `failure: ${happening.failure?.message ?? reason ?? "refused"}`]]) }];
    case "status changed":
      return [
        ...missingCheckpoint(happening),
        { file, text: renderBlock(at, "STATE_CHANGE", subject, stateChange(happening)) },
        ...(kind === "run" && to === "COMPLETED" ? verifiedCheckpoints(happening, source) : []),
        ...resultBlocks(happening),
      ];
    case "result read": return resultBlocks(happening);
    case "became stale":
      return [{ file, text: renderBlock(at, "CONFIGURATION_CHANGED", subject, [["Details", "its script or configuration differs from what its attempt used"], ["Result", "its result is marked stale, nothing is run again unasked"]]) }];
  }
}

function submissionOf({ kind, unit }: RunHappening | EvaluationHappening, { experiment, places, state }: LogSource): string | undefined {
  const script = (kind === "run" ? places.runs.get(unit) : places.evaluations.get(unit))?.script;
  if (script === undefined) return undefined;
  const relative = script.startsWith(`${experiment.folder}/`) ? script.slice(experiment.folder.length + 1) : script;
  return state.life.context.scheduler === "local" ? `local scheduler: ${relative}` : `sbatch ${relative}`;
}

function attemptOf({ attempt }: RunHappening | EvaluationHappening): string | undefined {
  return attempt === undefined || attempt === 1 ? undefined : String(attempt);
}

function stateChange(happening: RunHappening | EvaluationHappening): [string, string | undefined][] {
  const { from, to, jobId, startedAt, endedAt, elapsedMs, reason, failure, kind, result } = happening;
  const isEnd = endedAt !== undefined && to !== "PENDING" && to !== "RUNNING";
  const told = to === "RUNNING" || to === "PENDING" ? undefined : reason;
  return [
    ["Previous", from],
    ["Current", to],
    ["Job ID", jobId],
    ["Started", to === "RUNNING" && startedAt !== undefined ? wallTime(startedAt) : undefined],
    ["Completed", isEnd ? wallTime(endedAt) : undefined],
    ["Elapsed", isEnd && elapsedMs !== undefined ? formatElapsed(elapsedMs) : undefined],
    ["Reason", told],
    ["Check", failure?.file],
    ["Result log", kind === "evaluation" && result !== undefined && to === "COMPLETED" ? `${commonFolder([result.log])}/` : undefined],
    ["Checkpoints", kind === "run" && to === "COMPLETED" ? result?.checkpointFolder : undefined],
  ];
}

function missingCheckpoint({ at, kind, subject, failure, to }: RunHappening | EvaluationHappening): LogBlock[] {
  if (kind !== "evaluation" || failure?.cause !== "no checkpoint") return [];
  return [{ file: "run-inspect", text: renderBlock(at, "CHECKPOINT_MISSING", subject, [["Details", failure.message], ["Result", `evaluation ${to}, nothing is submitted for it; the others go on`]]) }];
}

function verifiedCheckpoints({ at, subject, unit, result }: RunHappening | EvaluationHappening, { experiment, state }: LogSource): LogBlock[] {
  const wanted = [...new Set(experiment.evaluations.flatMap(({ run, epoch }) => (run === unit && epoch !== null ? [epoch] : [])))];
  const there = result !== undefined && "checkpoints" in result ? result.checkpoints : [];
  if (wanted.length === 0) return [];
  const missing = wanted.filter((epoch) => !there.includes(epoch));
  const evaluations = experiment.evaluations.filter(({ run }) => run === unit).filter((one) => state.evaluations[evaluationKey(one)] !== undefined).length;
  return [{
    file: "run-inspect",
    text: renderBlock(at, "VERIFY_CHECKPOINTS", subject, [
      ["Details", `Verifying ${wanted.length} checkpoints for ${evaluations} evaluations`],
      ["Result", missing.length === 0 ? `All ${wanted.length} checkpoints exist` : `${wanted.length - missing.length} of ${wanted.length} checkpoints exist, missing: ${missing.map((epoch) => `epoch_${epoch}`).join(", ")}`],
    ]),
  }];
}
