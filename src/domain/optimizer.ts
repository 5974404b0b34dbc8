import type { Failure } from "./failure.ts";
import type { RunPlaces } from "./places.ts";
import type { Problem } from "./problem.ts";
import type { Instant } from "./time.ts";

/** The tool that trains (torchtune), seen through what it leaves on disk. */
export interface Optimizer {
  readonly name: string;
  /**
   * Reads the outputs and checkpoints of one run. Cheap when nothing changed since the last call.
   *
   * @param jobId The training job to read; its own output is found by id, wherever it was moved. Without one (an
   *   adopted experiment) the newest training output counts.
   */
  readTraining(question: TrainingQuestion): Promise<TrainingReading>;
}

export interface TrainingQuestion {
  readonly places: RunPlaces;
  readonly jobId?: string;
  /** Whether the job is known to be over: then files are complete even where no line says so. */
  readonly jobIsOver: boolean;
}

/** What was read of one training. */
export interface TrainingReading {
  /** Absolute path of the output that was read. */
  readonly output?: string;
  /** Whether the output goes on beyond what was read, so that nothing final can be said yet: the next call reads on. */
  readonly isBehind?: boolean;
  /** The last printed point: loss of a global step. */
  readonly last?: TrainingPoint;
  /** Optimiser steps done, i.e. the highest global step printed. */
  readonly totalSteps?: number;
  /** Epochs begun, counted from 1 as printed: 2 means epoch_0 and epoch_1. */
  readonly epochs?: number;
  /** Optimiser steps per epoch as the progress bar says. */
  readonly stepsPerEpoch?: number;
  /** Loss of the last step; NaN or Infinity where training diverged, never the last finite loss instead. */
  readonly finalLoss?: number;
  /** The first step whose loss is not finite and after which none was finite. */
  readonly divergedAtStep?: number;
  /** What the output itself says went wrong. */
  readonly failure?: Failure;
  /** How often the output says that a checkpoint was saved. */
  readonly checkpointLines: number;
  /** By epoch, ascending. A folder without weights is no checkpoint and not in here. */
  readonly checkpoints: readonly Checkpoint[];
  /** Newest change among the files read. */
  readonly changedAt?: Instant;
  /** Folders and files that may not be read. Absent when there are none. */
  readonly problems?: readonly Problem[];
}

export interface TrainingPoint {
  /** Printed epoch, 1-based. */
  readonly epoch: number;
  /** Global step, running on across epochs. */
  readonly step: number;
  readonly loss: number;
}

/** Saved weights of one epoch. */
export interface Checkpoint {
  /** 0-based, as in `epoch_0`. */
  readonly epoch: number;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Only when its save line or the job's end says so: weight files appear before they are whole. */
  readonly complete: boolean;
  readonly savedAt?: Instant;
}
