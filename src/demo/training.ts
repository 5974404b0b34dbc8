import { createAdam } from "./adam.ts";
import { computeGradient } from "./gradient.ts";
import { createAdapter } from "./model.ts";
import type { Adapter, Base } from "./model.ts";
import { createRandom, shuffled } from "./prng.ts";
import type { Vector } from "./vectors.ts";
import type { Pair } from "./words.ts";

export interface TrainingPlan {
  readonly seed: number;
  readonly rank: number;
  readonly alpha: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** One optimiser step that was taken; the adapter is the live one and goes on changing. */
export interface TrainingStep {
  /** 0-based. */
  readonly epoch: number;
  /** 1-based within the epoch. */
  readonly step: number;
  /** Of the step's own batch, before the step. */
  readonly loss: number;
  readonly adapter: Adapter;
}

/** Counts the steps of an epoch. Words that do not fill its last batch are dropped, as torchtune does. */
export function stepsPerEpoch(pairs: readonly Pair[], { batchSize }: Pick<TrainingPlan, "batchSize">): number {
  return Math.floor(pairs.length / batchSize);
}

/** Fine-tunes an adapter step by step. */
export function* train(base: Base, pairs: readonly Pair[], plan: TrainingPlan): Generator<TrainingStep> {
  const adapter = createAdapter(base, plan, createRandom(plan.seed, "adapter"));
  const takeStep = createAdam(parametersOf(adapter), plan.learningRate);
  for (let epoch = 0; epoch < plan.epochs; epoch++) {
    const order = shuffled(pairs, createRandom(plan.seed, `epoch ${epoch}`));
    for (let step = 1; step <= stepsPerEpoch(pairs, plan); step++) {
      const batch = order.slice((step - 1) * plan.batchSize, step * plan.batchSize);
      const { loss, gradient } = computeGradient(base, adapter, batch);
      takeStep(parametersOf(gradient));
      yield { epoch, step, loss, adapter };
    }
  }
}

function parametersOf({ hidden, readout }: Adapter): Vector[] {
  return [hidden.down, hidden.up, readout.down, readout.up];
}
