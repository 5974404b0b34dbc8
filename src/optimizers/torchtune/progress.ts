import type { TrainingPoint } from "../../domain/optimizer.ts";
import type { Bar } from "./parse-bars.ts";

/** How far a training has come, as its bars show it. */
export interface Progress {
  readonly first?: TrainingPoint;
  readonly last?: TrainingPoint;
  /** The highest global step. */
  readonly totalSteps?: number;
  /** The highest printed epoch, counted from 1. */
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** The first step of an unbroken row of losses that are not finite, up to the last one. */
  readonly divergedAtStep?: number;
}

/**
 * Takes in one bar. The same point is printed several times, also when the next epoch begins and at the very end: the
 * last one printed counts.
 */
export function advanceProgress(progress: Progress, { stepsPerEpoch = progress.stepsPerEpoch, ...point }: Bar): Progress {
  const divergedAtStep = Number.isFinite(point.loss) ? undefined : progress.divergedAtStep ?? point.step;
  return {
    first: progress.first ?? point,
    last: point,
    totalSteps: Math.max(progress.totalSteps ?? 0, point.step),
    epochs: Math.max(progress.epochs ?? 0, point.epoch),
    ...(stepsPerEpoch === undefined ? {} : { stepsPerEpoch }),
    ...(divergedAtStep === undefined ? {} : { divergedAtStep }),
  };
}

/** Whether a bar shows another point than the last one, rather than being printed again. */
export function isNews({ last }: Progress, bar: Bar): boolean {
  return last === undefined || last.epoch !== bar.epoch || last.step !== bar.step;
}
