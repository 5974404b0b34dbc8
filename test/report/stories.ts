import type { Experiment } from "../../src/domain/experiment.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import {
  aControl, anAttempt, anEvalOnlyRun, anExperiment, aRun, aScore, aState, at, binary, blocked, evaluationFailed, queued, scored, skipped, trained, trainingFailed,
} from "../support/builders.ts";

/** An experiment with a state, as reports take them. */
export interface Story {
  readonly experiment: Experiment;
  readonly state: ExperimentState;
}

const finishedLife = { state: "finished", context: { armedBy: "dropped into a watched folder", armedAt: at(0), startedAt: at(0.5), finishedAt: at(30), scheduler: "slurm" } } as const;

/** The experiment of the documents, with their numbers: all went well, the task is binary. */
export function allWentWell(): Story {
  const experiment = anExperiment();
  const state = aState(experiment, {
    life: finishedLife,
    runs: {
      "rank4_lr1e-5": trained(anAttempt("101", 1, 2, 10.25), { finalLoss: 0.23391, checkpointFolder: "rank4_lr1e-5/artifacts", output: "rank4_lr1e-5/artifacts/slurm-101.out" }),
      "rank8_lr1e-5": trained(anAttempt("102", 1, 2, 11.034), { finalLoss: 0.19804, checkpointFolder: "rank8_lr1e-5/artifacts", output: "rank8_lr1e-5/artifacts/slurm-102.out" }),
    },
    evaluations: {
      "rank4_lr1e-5_capitalization_epoch0": scored(anAttempt("104", 11, 12, 16.87, { output: "rank4_lr1e-5/artifacts/epoch_0/slurm-104.out" }), { accuracy: 0.85, binary: binary(0.85, 0.83, 0.82), log: logOf("rank4_lr1e-5/eval/capitalization_epoch0") }),
      "rank4_lr1e-5_capitalization_epoch1": scored(anAttempt("105", 11, 12, 17.02, { output: "rank4_lr1e-5/artifacts/epoch_1/slurm-105.out" }), { accuracy: 0.88, binary: binary(0.88, 0.86, 0.85), log: logOf("rank4_lr1e-5/eval/capitalization_epoch1") }),
      "rank8_lr1e-5_capitalization_epoch0": scored(anAttempt("106", 12, 13, 18, { output: "rank8_lr1e-5/artifacts/epoch_0/slurm-106.out" }), { accuracy: 0.82, binary: binary(0.82, 0.8, 0.78), log: logOf("rank8_lr1e-5/eval/capitalization_epoch0") }),
      "rank8_lr1e-5_capitalization_epoch1": scored(anAttempt("107", 12, 13, 18.5, { output: "rank8_lr1e-5/artifacts/epoch_1/slurm-107.out" }), { accuracy: 0.91, binary: binary(0.91, 0.89, 0.88), log: logOf("rank8_lr1e-5/eval/capitalization_epoch1") }),
      base_model_capitalization: scored(anAttempt("103", 1, 2, 5, { output: "base_model/artifacts/slurm-103.out" }), { accuracy: 0.45, binary: binary(0.45, 0.5, 0.31), log: logOf("base_model/eval/capitalization") }),
    },
  });
  return { experiment, state };
}

/** The same, but one training ran into its time limit and one evaluation into an error. */
export function oneTimedOut(): Story {
  const { experiment, state } = allWentWell();
  const log = logOf("rank4_lr1e-5/eval/capitalization_epoch1");
  return {
    experiment,
    state: {
      ...state,
      runs: { ...state.runs, "rank8_lr1e-5": trainingFailed(anAttempt("102", 1, 2, 17, { jobState: "TIMEOUT" }), { cause: "time limit", message: "job 102: TIMEOUT", file: "rank8_lr1e-5/artifacts/slurm-102.out" }) },
      evaluations: {
        ...state.evaluations,
        "rank4_lr1e-5_capitalization_epoch1": evaluationFailed(anAttempt("105", 11, 12, 13), { cause: "evaluation error", message: "ValueError: no answer in 'a | b'", file: log }, { logStatus: "error", log }),
        "rank8_lr1e-5_capitalization_epoch0": skipped("the training of rank8_lr1e-5 failed (time limit)"),
        "rank8_lr1e-5_capitalization_epoch1": skipped("the training of rank8_lr1e-5 failed (time limit)"),
      },
    },
  };
}

/** Some of everything: a time limit, a divergence, an evaluation in error, an unreadable log, a missing checkpoint, jobs in flight. */
export function halfWay(): Story {
  const runs = [aRun("rank4_lr1e-5"), aRun("rank8_lr1e-5"), aRun("rank16_lr1e-5"), aRun("rank16_lr5e-2"), aControl("base_model")];
  const experiment = anExperiment({ runs });
  const state = aState(experiment, {
    runs: {
      "rank4_lr1e-5": trained(anAttempt("101", 1, 2, 10.25), { finalLoss: 0.00234, checkpointFolder: "rank4_lr1e-5/artifacts" }),
      "rank8_lr1e-5": queued("running", anAttempt("102", 1, 2)),
      "rank16_lr1e-5": trainingFailed(
        anAttempt("103", 1, 2, 17, { jobState: "TIMEOUT" }),
        { cause: "time limit", message: "job 103: TIMEOUT", file: "rank16_lr1e-5/artifacts/slurm-103.out" },
        { finalLoss: 1.234, totalSteps: 125, epochs: 1, checkpoints: [] },
      ),
      "rank16_lr5e-2": trained(anAttempt("104", 1, 2, 6), { finalLoss: NaN, divergedAtStep: 120, checkpoints: [0] }),
    },
    evaluations: {
      "rank4_lr1e-5_capitalization_epoch0": scored(anAttempt("105", 11, 12, 16.87), { accuracy: 0.85, log: logOf("rank4_lr1e-5/eval/capitalization_epoch0") }),
      "rank4_lr1e-5_capitalization_epoch1": evaluationFailed(
        anAttempt("106", 11, 12, 13), { cause: "evaluation error", message: "ValueError: no answer in 'a | b'", file: logOf("rank4_lr1e-5/eval/capitalization_epoch1") },
        { logStatus: "error", log: logOf("rank4_lr1e-5/eval/capitalization_epoch1"), samples: 37 },
      ),
      "rank8_lr1e-5_capitalization_epoch0": blocked("waits for the training of rank8_lr1e-5"),
      "rank8_lr1e-5_capitalization_epoch1": blocked("waits for the training of rank8_lr1e-5"),
      "rank16_lr1e-5_capitalization_epoch0": skipped("the training of rank16_lr1e-5 failed (time limit)"),
      "rank16_lr1e-5_capitalization_epoch1": skipped("the training of rank16_lr1e-5 failed (time limit)"),
      "rank16_lr5e-2_capitalization_epoch0": evaluationFailed(
        anAttempt("107", 7, 8, 9), { cause: "unreadable evaluation log", message: "the log is cut short", file: logOf("rank16_lr5e-2/eval/capitalization_epoch0") },
      ),
      "rank16_lr5e-2_capitalization_epoch1": { state: "failed", context: { attempts: [], failure: { cause: "no checkpoint", message: "its checkpoint is missing: rank16_lr5e-2/artifacts/epoch_1", file: "rank16_lr5e-2/artifacts/epoch_1" } } },
      base_model_capitalization: queued("pending", anAttempt("108", 18), "queued: Resources"),
    },
  });
  return { experiment, state };
}

/** Every training ran out of GPU memory or was refused, and the control's evaluation failed too. */
export function allFailed(): Story {
  const experiment = anExperiment();
  const state = aState(experiment, {
    life: { ...finishedLife, context: { ...finishedLife.context, scheduler: "local" } },
    runs: {
      "rank4_lr1e-5": trainingFailed(anAttempt("101", 1, 2, 3, { jobState: "FAILED", exitCode: 1 }), {
        cause: "GPU out of memory", message: "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 864.00 MiB.", file: "rank4_lr1e-5/artifacts/slurm-101.out",
      }),
      "rank8_lr1e-5": { state: "failed", context: { attempts: [{ number: 1, key: "k", intendedAt: at(1) }], failure: { cause: "submission refused", message: "sbatch: error: invalid partition: gpuu" } } },
    },
    evaluations: {
      ...Object.fromEntries(["rank4_lr1e-5", "rank8_lr1e-5"].flatMap((run) => [0, 1].map((epoch) =>
        [`${run}_capitalization_epoch${epoch}`, skipped(`the training of ${run} failed (${run.startsWith("rank4") ? "GPU out of memory" : "submission refused"})`)] as const))),
      base_model_capitalization: evaluationFailed(anAttempt("103", 1, 2, 2.1, { output: "base_model/artifacts/slurm-103.out" }), { cause: "no evaluation log", message: "job 103 ended COMPLETED and left no evaluation log" }),
    },
  });
  return { experiment, state };
}

/** Dropped a moment ago. */
export function nothingYet(): Story {
  const experiment = anExperiment();
  const life = { state: "settling", context: { reason: "waits for scaffolding: no training script for rank8_lr1e-5", armedBy: "dropped into a watched folder", armedAt: at(0) } } as const;
  return { experiment, state: aState(experiment, { life }) };
}

/** Found with results in it, then a script was changed; an eval-only run; a run that the summary no longer names; two tasks. */
export function adopted(): Story {
  const runs = [aRun("rank4_lr1e-5"), anEvalOnlyRun("older", "/scratch/ada/older/artifacts/epoch_2"), aControl("base_model")];
  const experiment = anExperiment({ runs, tasks: ["capitalization", "spelling"], epochs: 1 });
  const how = (log: string): string => `evaluated before: ${log}`;
  const found = (folder: string, accuracy: number, changes: object = {}) =>
    ({ state: "scored" as const, context: { attempts: [], adopted: how(logOf(folder)), result: aScore({ accuracy, log: logOf(folder), completedAt: "2026-11-20T09:00:00+00:00", ...changes }) } });
  const state = aState(experiment, {
    life: { state: "held", context: { reason: "not armed by a person yet" } },
    runs: {
      "rank4_lr1e-5": {
        state: "trained",
        context: { attempts: [], stale: true, adopted: "trained before: no output and checkpoints of epoch 0", result: { checkpoints: [0], checkpointFolder: "rank4_lr1e-5/artifacts" } },
      },
      older: { state: "trained", context: { attempts: [], adopted: "trained elsewhere: /scratch/ada/older/artifacts/epoch_2", result: { checkpoints: [], checkpointFolder: "/scratch/ada/older/artifacts/epoch_2" } } },
      rank64: trained(anAttempt("90", -60, -50, -40)),
    },
    evaluations: {
      "rank4_lr1e-5_capitalization_epoch0": found("rank4_lr1e-5/eval", 1, { choice: "newest of 2 logs with all samples" }),
      "rank4_lr1e-5_spelling_epoch0": found("rank4_lr1e-5/eval", 0.404),
      older_capitalization: found("older/eval", 1),
      older_spelling: found("older/eval", 0.396, { scorer: "includes" }),
      base_model_capitalization: found("base_model/eval", 0),
    },
  });
  return { experiment, state };
}

function logOf(folder: string): string {
  return `${folder}/logs/2026-11-21T12-12-03-05-00_capitalization_3enz54Dy2969YgtGrDGr7L.eval`;
}
