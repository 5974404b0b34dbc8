/** Where things of one run are. All paths are absolute; folders may not exist yet. */
export interface RunPlaces {
  /** The training script that stands there; absent for controls, and while scaffolding is incomplete. */
  readonly script?: string;
  /** Where a training script would be looked for, best first. */
  readonly scriptCandidates: readonly string[];
  /** The folder the user would call `sbatch` from. */
  readonly submitFolder: string;
  /** Folders that may hold the training's `slurm-*.out`, best first. */
  readonly outputFolders: readonly string[];
  /** Folders that may hold `epoch_N`, in search order. */
  readonly checkpointFolders: readonly string[];
  /** Other design files of the run (`finetune.yaml`, ...), whose change makes a result stale. */
  readonly configFiles: readonly string[];
}

/** Where things of one evaluation are. */
export interface EvaluationPlaces {
  readonly script?: string;
  /** What the script has its job called, where it says so. */
  readonly jobName?: string;
  readonly scriptCandidates: readonly string[];
  readonly submitFolder: string;
  /** Where the script has its job's output go, where it says so. */
  readonly outputFolder?: string;
  /** Folders with `.eval` logs, best first. */
  readonly logFolders: readonly string[];
  /** Whether other evaluations write their logs into the same folder, so that a log must be told apart by its header. */
  readonly logsAreShared: boolean;
  readonly configFiles: readonly string[];
}

/** The places of a whole experiment, by run name and by evaluation key. */
export interface Places {
  readonly runs: ReadonlyMap<string, RunPlaces>;
  readonly evaluations: ReadonlyMap<string, EvaluationPlaces>;
}
