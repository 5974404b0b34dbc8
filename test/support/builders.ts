import { cellName, evaluationKey, type Evaluation, type Experiment, type Run } from "../../src/domain/experiment.ts";
import type { Failure } from "../../src/domain/failure.ts";
import type { BinaryMetrics } from "../../src/domain/evaluator.ts";
import type { Attempt, EvaluationLife, EvaluationResult, ExperimentState, RunLife, TrainingResult } from "../../src/domain/state.ts";
import type { Places } from "../../src/domain/places.ts";
import type { Instant } from "../../src/domain/time.ts";

/**
 * Experiments and states for tests. Time is `T+minutes`: every moment is counted from noon of one day in Princeton's winter.
 *
 * `anExperiment()` is the one of the documents: two ranks and a control, one task, two epochs. `aState(experiment)` has
 * nothing begun; `aState(experiment, { runs, evaluations })` puts lives in, by run name and evaluation key.
 */
export function anExperiment(changes: Partial<Experiment> & { readonly tasks?: readonly string[] } = {}): Experiment {
  const { tasks = ["capitalization"], ...fields } = changes;
  const runs = fields.runs ?? [aRun("rank4_lr1e-5", { rank: "4" }), aRun("rank8_lr1e-5", { rank: "8" }), aControl("base_model")];
  const epochs = fields.epochs ?? 2;
  const evaluations = fields.evaluations ?? runs.flatMap((run) => tasks.flatMap((task) => evaluationsOf(run, task, epochs)));
  return {
    name: "cap_4L_lora_2026-11-21", folder: "/scratch/ada/cap_4L_lora_2026-11-21", optimizer: "torchtune", evaluator: "inspect-ai",
    epochs, ...fields, runs, evaluations,
  };
}

/** A fine-tuned run. */
export function aRun(name: string, parameters: Readonly<Record<string, string>> = {}): Run {
  return { name, type: "fine-tuned", model: "Llama-3.2-1B-Instruct", parameters };
}

export function aControl(name: string): Run {
  return { name, type: "control", model: "Llama-3.2-1B-Instruct", parameters: {} };
}

export function anEvalOnlyRun(name: string, checkpointPath: string): Run {
  return { name, type: "eval-only", parameters: {}, checkpointPath };
}

export interface StateChanges extends Omit<Partial<ExperimentState>, "runs" | "evaluations"> {
  readonly runs?: Readonly<Record<string, RunLife>>;
  readonly evaluations?: Readonly<Record<string, EvaluationLife>>;
}

export function aState(experiment: Experiment, { runs = {}, evaluations = {}, ...fields }: StateChanges = {}): ExperimentState {
  return {
    experiment: experiment.name, id: `${experiment.name}-00000001`, revision: 1, monitoringStarted: at(0),
    life: { state: "working", context: { armedBy: "dropped into a watched folder", armedAt: at(0), startedAt: at(0.5), scheduler: "slurm" } },
    runs: { ...Object.fromEntries(experiment.runs.map((run) => [run.name, run.type === "control" ? control() : waiting()])), ...runs },
    evaluations: { ...Object.fromEntries(experiment.evaluations.map((evaluation) => [evaluationKey(evaluation), blocked()])), ...evaluations },
    units: Object.fromEntries(experiment.evaluations.map((evaluation) => [evaluationKey(evaluation), evaluation])),
    ...fields,
  };
}

/** The moment that many minutes after noon, in the offset of Princeton's winter. */
export function at(minutes: number): Instant {
  return new Date(Date.UTC(2026, 10, 21, 12) + minutes * 60_000).toISOString().replace("Z", "-05:00");
}

/** An attempt whose job was submitted, started and ended at these minutes; what has not happened yet is left out. */
export function anAttempt(jobId: string, submitted: number, started?: number, ended?: number, changes: Partial<Attempt> = {}): Attempt {
  return {
    number: 1, key: `key-${jobId}-1`, intendedAt: at(submitted), jobId, submittedAt: at(submitted),
    jobState: ended !== undefined ? "COMPLETED" : started !== undefined ? "RUNNING" : "PENDING",
    ...(started === undefined ? {} : { startedAt: at(started) }), ...(ended === undefined ? {} : { endedAt: at(ended) }), ...changes,
  };
}

export function waiting(reason = "settling: waits until the design has not changed for 30 s"): RunLife {
  return { state: "waiting", context: { attempts: [], reason } };
}

/** A control: trained from the start. */
export function control(): RunLife {
  return { state: "trained", context: { attempts: [], result: { checkpoints: [] }, adopted: "a control is not trained" } };
}

export function trained(attempt: Attempt, result: Partial<TrainingResult> = {}): RunLife {
  return { state: "trained", context: { attempts: [attempt], result: { finalLoss: 0.234, totalSteps: 250, epochs: 2, checkpoints: [0, 1], ...result } } };
}

export function trainingFailed(attempt: Attempt, failure: Failure, result: TrainingResult = { checkpoints: [] }): RunLife {
  return { state: "failed", context: { attempts: [attempt], failure, result } };
}

export function blocked(reason?: string): EvaluationLife {
  return { state: "blocked", context: { attempts: [], reason } };
}

export function skipped(reason: string): EvaluationLife {
  return { state: "skipped", context: { attempts: [], reason } };
}

export function queued<State extends "pending" | "running">(state: State, attempt: Attempt, reason?: string): { state: State; context: { attempts: Attempt[]; reason: string | undefined } } {
  return { state, context: { attempts: [attempt], reason } };
}

export function scored(attempt: Attempt, result: Partial<EvaluationResult> & { readonly accuracy: number }): EvaluationLife {
  return { state: "scored", context: { attempts: [attempt], result: aScore(result) } };
}

export function evaluationFailed(attempt: Attempt, failure: Failure, result?: Partial<EvaluationResult>): EvaluationLife {
  return { state: "failed", context: { attempts: [attempt], failure, ...(result === undefined ? {} : { result: aScore(result) }) } };
}

/** A result of an evaluation of the documents' task, a hundred samples, successful unless said otherwise. */
export function aScore(changes: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    logStatus: "success", log: "rank4_lr1e-5/eval/logs/2026-11-21T12-20-00-05-00_capitalization_3enz54Dy2969YgtGrDGr7L.eval", task: "capitalization",
    model: "hf/rank4_lr1e-5_epoch_0", scorer: "match", samples: 100, ...changes,
  };
}

/** Binary metrics with the three numbers the summary shows; the rest is made up to go with them. */
export function binary(accuracy: number, balancedAccuracy: number, f1: number): BinaryMetrics {
  return {
    samples: 100, accuracy, balancedAccuracy, f1, precision1: f1, recall1: f1, recall0: f1,
    confusionMatrix: { tp: 42, tn: 43, fp: 7, fn: 8, other: 0 },
  };
}

/** Where everything of an experiment is in the current layout, every script there but those of the units named. */
export function placesOf({ folder, runs, evaluations }: Experiment, missing: readonly string[] = []): Places {
  const scriptAt = (unit: string, path: string): { scriptCandidates: string[]; script?: string } =>
    ({ scriptCandidates: [`${folder}/${path}`], ...(missing.includes(unit) ? {} : { script: `${folder}/${path}` }) });
  return {
    runs: new Map(runs.map(({ name, type }) => [name, {
      ...(type === "fine-tuned" ? scriptAt(name, `${name}/finetune.slurm`) : { scriptCandidates: [] }), submitFolder: `${folder}/${name}`,
      outputFolders: [`${folder}/${name}/artifacts`], checkpointFolders: [`${folder}/${name}/artifacts`], configFiles: [],
    }])),
    evaluations: new Map(evaluations.map((evaluation) => {
      const cell = `${evaluation.run}/eval/${cellName(evaluation)}`;
      return [evaluationKey(evaluation), {
        ...scriptAt(evaluationKey(evaluation), `${cell}/cell.slurm`), submitFolder: `${folder}/${cell}`, logFolders: [`${folder}/${cell}/logs`], logsAreShared: false, configFiles: [],
      }];
    })),
  };
}

function evaluationsOf({ name, type }: Run, task: string, epochs: number): Evaluation[] {
  if (type !== "fine-tuned") return [{ run: name, task, epoch: null }];
  return Array.from({ length: epochs }, (_, epoch) => ({ run: name, task, epoch }));
}
