/** What an experiment is, once its `experiment_summary.yaml` has been understood. */
export interface Experiment {
  readonly name: string;
  /** Absolute path of the folder that holds the summary file. `experiment.dir` is a hint and never used for this. */
  readonly folder: string;
  readonly question?: string;
  readonly optimizer: string;
  readonly evaluator: string;
  /** In the order of the file. */
  readonly runs: readonly Run[];
  /** In the order of the matrix: run by run, task by task, epoch by epoch. */
  readonly evaluations: readonly Evaluation[];
  /** Epochs each fine-tuned run trains for (`controls.epochs`), where the file says so. */
  readonly epochs?: number;
  /** Folders that the file names. The experiment may have been moved since, so they only say where to look. */
  readonly hints?: FolderHints;
}

/** Folders from an `experiment_summary.yaml`, as they are written there. */
export interface FolderHints {
  /** `experiment.dir`: where the experiment was designed to be. */
  readonly directory?: string;
  /** `output.base_directory`: with `ck-out-{run}` in it. */
  readonly outputBase?: string;
  /** `output_dir_base`: with `ck-out-{run}` in it, or in a folder of the experiment's name there. */
  readonly outputDirBase?: string;
}

/** One training with its parameters, a base model as control, or an older checkpoint that is only evaluated. */
export interface Run {
  readonly name: string;
  readonly type: RunType;
  readonly model?: string;
  /** Swept parameters as the user wrote them (`1e-5` stays `1e-5`), by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of an eval-only run: where its weights are. */
  readonly checkpointPath?: string;
}

export type RunType = "fine-tuned" | "control" | "eval-only";

/** One task on one run's checkpoint at one epoch; a control has no epoch. */
export interface Evaluation {
  readonly run: string;
  readonly task: string;
  /** 0-based, as on disk. `null` for controls and eval-only runs. */
  readonly epoch: number | null;
}

/** `{run}_{task}_epoch{N}`, the key the documents use in `eval_jobs.json`. */
export function evaluationKey({ run, task, epoch }: Evaluation): string {
  return epoch === null ? `${run}_${task}` : `${run}_${task}_epoch${epoch}`;
}

/** `{task}_epoch{N}` or `{task}`: the name of an evaluation's folder or script. */
export function cellName({ task, epoch }: Evaluation): string {
  return epoch === null ? task : `${task}_epoch${epoch}`;
}

/** `{run}/{task}/epoch{N}`, the way logs name an evaluation to people. */
export function evaluationTitle({ run, task, epoch }: Evaluation): string {
  return epoch === null ? `${run}/${task}` : `${run}/${task}/epoch${epoch}`;
}

/** Whether a run has a training of its own. */
export function isTrained(run: Run): boolean {
  return run.type === "fine-tuned";
}
