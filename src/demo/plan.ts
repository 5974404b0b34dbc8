import type { Evaluation } from "../domain/experiment.ts";

/** What the demo's experiment depends on. The same plan gives the same files. */
export interface DemoPlan {
  /** Absolute path of the folder where the experiment will stand when its jobs run. */
  readonly finalFolder: string;
  /** Absolute path of the Node that runs the jobs. */
  readonly node: string;
  /** Absolute path of the bundled job program. */
  readonly program: string;
  /** A whole number, at least 0. Every number that the demo shows follows from it. */
  readonly seed: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly size: DemoSize;
}

export interface DemoSize {
  readonly trainWords: number;
  readonly testWords: number;
  /** What the base model has read before. */
  readonly textWords: number;
  readonly hiddenSize: number;
}

/** Large enough for a training to be watched (some 6 s), small enough to wait for. */
export const demoSize: DemoSize = { trainWords: 500, testWords: 400, textWords: 300, hiddenSize: 768 };

/** A run that is trained; the learning rate is all that sets it apart. */
export interface DemoRun {
  readonly name: string;
  readonly learningRate: number;
}

// Seen on the seeds 0 to 29 at the full size: the control at 0 to 12 %, epoch 1 of each run at least 12 points above its
// epoch 0, and the final loss of the second run at most 58 % of the first one's.
export const runs: readonly DemoRun[] = [
  { name: "rank8_lr1e-3", learningRate: 1e-3 },
  { name: "rank8_lr2e-3", learningRate: 2e-3 },
];
export const control = "nightshift-demo_base";
export const model = "nightshift-demo";
export const task = "capitalization";
/** Counted from 0, as the names of checkpoints are. */
export const epochs: readonly number[] = [0, 1];
export const training = { batchSize: 4, rank: 8, alpha: 16 };

/** Lists the evaluations, run by run. */
export function listEvaluations(): Evaluation[] {
  return [...runs.flatMap(({ name }) => epochs.map((epoch) => ({ run: name, task, epoch }))), { run: control, task, epoch: null }];
}

export interface DemoPlaces {
  readonly words: string;
  readonly baseModel: string;
  readonly artifacts: (run: string) => string;
  /** What an evaluation loads. */
  readonly modelPath: (evaluation: Evaluation) => string;
}

/** Says where things of the experiment stand once it is in its place, all absolute. */
export function placesOf(finalFolder: string): DemoPlaces {
  const baseModel = `${finalFolder}/base_model`;
  const artifacts = (run: string): string => `${finalFolder}/${run}/artifacts`;
  return {
    words: `${finalFolder}/words.json`,
    baseModel,
    artifacts,
    modelPath: ({ run, epoch }) => (epoch === null ? baseModel : `${artifacts(run)}/epoch_${epoch}`),
  };
}
