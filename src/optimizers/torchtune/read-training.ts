import type { TrainingQuestion, TrainingReading } from "../../domain/optimizer.ts";
import type { Problem } from "../../domain/problem.ts";
import { instantOf } from "../../system/clock.ts";
import { findOutputs } from "./find-outputs.ts";
import type { Follow } from "./follow-files.ts";
import { judgeCheckpoints } from "./judge-checkpoints.ts";
import { type Look, lookCollecting } from "./look.ts";
import type { OutputParser, OutputReading } from "./parse-output.ts";
import { readCheckpoints } from "./read-checkpoints.ts";

/** Reads the output and the checkpoints of one training. Of an output only what is new since the last call. */
export async function readTraining({ places, jobId, jobIsOver }: TrainingQuestion, follow: Follow<OutputParser>): Promise<TrainingReading> {
  const problems: Problem[] = [];
  const look = lookCollecting(problems);
  // The output comes first: it may say that a checkpoint is saved, never that it will be.
  const output = await readOutput(await findOutputs(places.outputFolders, jobId, look), jobId !== undefined, follow, look);
  const weights = await readCheckpoints(places.checkpointFolders, look);
  const changedMs = Math.max(output?.changedMs ?? -Infinity, ...weights.map(({ savedMs }) => savedMs));
  return {
    ...(output === undefined ? {} : { output: output.path, ...progressOf(output.reading) }),
    ...(output?.isBehind === true ? { isBehind: true } : {}),
    checkpointLines: output?.reading.saves.lines ?? 0,
    checkpoints: judgeCheckpoints(weights, output?.reading, jobIsOver),
    ...(changedMs === -Infinity ? {} : { changedAt: instantOf(new Date(changedMs)) }),
    ...(problems.length === 0 ? {} : { problems }),
  };
}

interface Output {
  readonly path: string;
  readonly changedMs: number;
  readonly isBehind: boolean;
  readonly reading: OutputReading;
}

// Evaluations write into some of the same folders; their outputs are told apart by what is in them. A file that bears
// the job's id is its output even if the job died before it said anything of a training.
async function readOutput(paths: readonly string[], isNamed: boolean, follow: Follow<OutputParser>, look: Look): Promise<Output | undefined> {
  let silent: Output | undefined;
  for (const path of paths) {
    const followed = await look(follow(path), path);
    if (followed === undefined) continue;
    const output = { path, changedMs: followed.changedMs, isBehind: followed.isBehind, reading: followed.parser.read() };
    if (output.reading.isTraining) return output;
    silent ??= isNamed ? output : undefined;
  }
  return silent;
}

function progressOf({ progress, failure }: OutputReading): Partial<TrainingReading> {
  const { last, totalSteps, epochs, stepsPerEpoch, divergedAtStep } = progress;
  return {
    ...(last === undefined ? {} : { last, finalLoss: last.loss }),
    ...(totalSteps === undefined ? {} : { totalSteps }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(stepsPerEpoch === undefined ? {} : { stepsPerEpoch }),
    ...(divergedAtStep === undefined ? {} : { divergedAtStep }),
    ...(failure === undefined ? {} : { failure }),
  };
}
