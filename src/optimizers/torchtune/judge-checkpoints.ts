import type { Checkpoint } from "../../domain/optimizer.ts";
import { instantOf } from "../../system/clock.ts";
import type { OutputReading } from "./parse-output.ts";
import type { SavedWeights } from "./read-checkpoints.ts";

/**
 * Says which weights are whole: those that the output calls saved, and once the job is over all others too.
 *
 * Two kinds are not whole even then: those whose saving was begun and cut off, and those that are older than an earlier
 * epoch of this training, which a training before it left in the same folder.
 */
export function judgeCheckpoints(found: readonly SavedWeights[], output: OutputReading | undefined, jobIsOver: boolean): readonly Checkpoint[] {
  const isTold = (epoch: number): boolean => output?.saves.epochs.has(epoch) === true;
  const isLeftOver = ({ epoch, savedMs }: SavedWeights): boolean => found.some((other) => other.epoch < epoch && isTold(other.epoch) && other.savedMs > savedMs);
  return found.map((weights) => ({
    epoch: weights.epoch,
    path: weights.path,
    complete: isTold(weights.epoch) || (jobIsOver && output?.unfinishedEpoch !== weights.epoch && !isLeftOver(weights)),
    savedAt: instantOf(new Date(weights.savedMs)),
  }));
}
