import type { Optimizer } from "../../domain/optimizer.ts";
import { fileFollower } from "./follow-files.ts";
import { OutputParser } from "./parse-output.ts";
import { readTraining } from "./read-training.ts";

/** Builds the optimizer for torchtune, which reads the outputs and checkpoints of its recipes. It remembers how far it has read. */
export function torchtuneOptimizer(): Optimizer {
  const follow = fileFollower(() => new OutputParser());
  return { name: "torchtune", readTraining: (question) => readTraining(question, follow) };
}
