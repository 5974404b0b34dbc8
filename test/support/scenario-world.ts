import { watchChangeTimes } from "../../src/daemon/change-times.ts";
import type { StoredState, World } from "../../src/daemon/world.ts";
import { evaluationKey, type Evaluation, type Run, type RunType } from "../../src/domain/experiment.ts";
import type { EvaluationReading } from "../../src/domain/evaluator.ts";
import type { JobIntent, JobRecord, JobSeen, QueueSnapshot, SubmitAnswer } from "../../src/domain/job.ts";
import type { TrainingReading } from "../../src/domain/optimizer.ts";
import type { Request } from "../../src/domain/request.ts";
import type { Scheduler } from "../../src/domain/scheduler.ts";
import type { RunningSubmitter, SubmissionNote, UnfinishedNotes } from "../../src/domain/submitters.ts";
import { defaultSettings } from "../../src/domain/settings.ts";
import { parseEvalJobs } from "../../src/state/parse-eval-jobs.ts";
import { renderEvalJobs } from "../../src/state/render-eval-jobs.ts";

/** One experiment and its surroundings, in memory: what a scenario's lines change and a pass looks at. */
export interface ScenarioWorld {
  readonly world: World;
  readonly folder: string;
  readonly runs: Run[];
  readonly evaluations: Evaluation[];
  /** Scripts that stand there, by run name or evaluation key. */
  readonly scripts: Set<string>;
  readonly trainings: Map<string, TrainingReading>;
  readonly logs: Map<string, EvaluationReading>;
  readonly jobs: JobSeen[];
  readonly records: Map<string, JobRecord>;
  readonly requests: Request[];
  readonly traces: string[];
  readonly configHashes: Map<string, string>;
  /** What another tool has noted of its submissions, by run name and evaluation key. */
  readonly notes: Map<string, SubmissionNote>;
  readonly submitters: RunningSubmitter[];
  readonly unfinished: UnfinishedNotes[];
  error?: string;
  foreign?: string;
  evaluateAfter: "run" | "all" | "checkpoint";
  lateMs: number;
  isReachable: boolean;
  scheduler: "local" | "slurm";
  /** Keys of jobs that left the queue without a word, with the reason why nobody knows more. */
  readonly missing: Map<string, string>;
  /** Those of them that accounting has never heard of. */
  readonly unheard: Set<string>;
  /** Jobs that are over, as accounting remembers them. */
  readonly past: JobSeen[];
  nowMs: number;
  changedMs: number;
  /** When an output or another file that is no design has grown last. */
  grownMs: number;
  /** The text of eval_jobs.json; a state always goes through it, as after a restart. */
  stored?: string;
  submit(intent: JobIntent): SubmitAnswer;
}

/** Nothing but an empty folder at noon. */
export function emptyWorld(): ScenarioWorld {
  const noon = Date.UTC(2026, 10, 21, 12);
  let nonces = 0;
  const folder = "/experiments/cap";
  const scenario: ScenarioWorld = {
    folder, runs: [], evaluations: [], scripts: new Set(), trainings: new Map(), logs: new Map(), jobs: [], records: new Map(), requests: [],
    traces: [], configHashes: new Map(), notes: new Map(), submitters: [], unfinished: [], evaluateAfter: "run", lateMs: 0, isReachable: true, scheduler: "local", missing: new Map(), unheard: new Set(), past: [], nowMs: noon, changedMs: noon, grownMs: noon,
    submit: (intent) => {
      const id = String(scenario.jobs.length + 101);
      scenario.jobs.push({ id, key: intent.key, name: intent.key, state: "PENDING" });
      const answer: SubmitAnswer = { kind: "accepted", id };
      scenario.records.set(intent.key, { key: intent.key, ids: [id], answer, spawned: true });
      return answer;
    },
    world: {
      now: () => instantOf(scenario.nowMs),
      nonce: () => (nonces += 1).toString(16).padStart(8, "0"),
      readExperiment: async () => readExperiment(scenario),
      readSettings: async () => ({ settings: { ...defaultSettings, evaluateAfter: scenario.evaluateAfter }, problems: [] }),
      store: {
        read: () => readStored(scenario),
        write: (_folder, state, before) => {
          const next = { ...state, revision: (before?.revision ?? 0) + 1 };
          if (before !== undefined && renderEvalJobs({ ...state, revision: before.revision }) === renderEvalJobs(before)) return before;
          scenario.stored = renderEvalJobs(next);
          return next;
        },
        whyForeign: (_folder, _state, isNamed) => (isNamed ? undefined : scenario.foreign),
        record: () => { delete scenario.foreign; },
        readRequests: () => scenario.requests.map((request) => ({ file: "", request })),
        removeRequests: () => { scenario.requests.length = 0; },
      },
      chooseScheduler: () => scenario.scheduler,
      scheduler: () => schedulerOf(scenario),
      past: async () => scenario.past,
      findJobs: async (_name, ids) => scenario.past.filter(({ id }) => ids.includes(id)),
      snapshot: async () => snapshotOf(scenario),
      optimizer: () => ({ name: "torchtune", readTraining: async ({ places }) => scenario.trainings.get(places.submitFolder) ?? noTraining }),
      evaluator: () => ({ name: "inspect-ai", readEvaluation: async ({ evaluation }) => scenario.logs.get(evaluationKey(evaluation)) ?? noLog }),
      lateMs: () => scenario.lateMs,
      changeTimes: watchChangeTimes(),
      gitCommit: () => undefined,
    },
  };
  return scenario;
}

export const noTraining: TrainingReading = { checkpointLines: 0, checkpoints: [] };
const noLog: EvaluationReading = { logCount: 0, problems: [] };

/** A run as a scenario's line names it. */
export function aRun(name: string, type: RunType): Run {
  return { name, type, parameters: {}, ...(type === "eval-only" ? { checkpointPath: `/elsewhere/${name}/epoch_1` } : {}) };
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+00:00");
}

function readStored({ stored }: ScenarioWorld): StoredState {
  if (stored === undefined) return { kind: "none" };
  const parsed = parseEvalJobs(stored);
  if ("isTheirs" in parsed) throw new Error("a scenario's state is nightshift's own");
  return "problem" in parsed ? { kind: "corrupt", problem: parsed.problem } : { kind: "state", state: parsed.state };
}

function readExperiment(scenario: ScenarioWorld): Awaited<ReturnType<World["readExperiment"]>> {
  const { folder, runs, evaluations, scripts } = scenario;
  const script = (unit: string): { script?: string; scriptCandidates: string[] } =>
    ({ scriptCandidates: [`${folder}/${unit}.slurm`], ...(scripts.has(unit) ? { script: `${folder}/${unit}.slurm` } : {}) });
  const trained = runs.filter(({ type }) => type === "fine-tuned");
  return {
    folder,
    experiment: { name: "cap", folder, optimizer: "torchtune", evaluator: "inspect-ai", runs, evaluations, epochs: 2 },
    places: {
      runs: new Map(runs.map(({ name }) => [name, { ...script(name), submitFolder: name, outputFolders: [], checkpointFolders: [`${folder}/${name}/artifacts`], configFiles: [] }])),
      evaluations: new Map(evaluations.map((evaluation) => [evaluationKey(evaluation), {
        ...script(evaluationKey(evaluation)), submitFolder: `${folder}/${evaluation.run}/eval`, logFolders: [], logsAreShared: false, configFiles: [],
      }])),
    },
    problems: scenario.error === undefined ? [] : [{ severity: "error", message: scenario.error, file: "experiment_summary.yaml", line: 1, column: 1 }],
    missing: {
      training: trained.filter(({ name }) => !scripts.has(name)).map(({ name }) => name),
      evaluations: evaluations.map(evaluationKey).filter((key) => !scripts.has(key)),
    },
    strayScripts: [],
    designFiles: [{ path: "experiment_summary.yaml", size: 1, mtimeMs: scenario.changedMs, ctimeMs: scenario.changedMs }],
    hashes: scenario.configHashes,
    traces: scenario.traces,
    submitters: {
      runs: notesOf(runs.map(({ name }) => name), scenario), evaluations: notesOf(evaluations.map(evaluationKey), scenario),
      running: scenario.submitters, unfinished: scenario.unfinished,
    },
    newestChangeMs: Math.max(scenario.changedMs, scenario.grownMs),
  };
}

function notesOf(names: readonly string[], { notes }: ScenarioWorld): ReadonlyMap<string, readonly SubmissionNote[]> {
  return new Map(names.flatMap((name) => { const note = notes.get(name); return note === undefined ? [] : [[name, [note]] as const]; }));
}

function snapshotOf({ isReachable, jobs, missing, unheard, nowMs }: ScenarioWorld): QueueSnapshot {
  const at = instantOf(nowMs);
  const gone = [...missing].map(([key, reason]) => ({ key, reason, ...(unheard.has(key) ? { isUnknown: true } : {}) }));
  return isReachable ? { kind: "available", at, jobs: jobs.filter(({ key }) => key === undefined || !missing.has(key)), missing: gone } : { kind: "unavailable", at, reason: "the scheduler does not answer", since: at };
}

function schedulerOf(scenario: ScenarioWorld): Scheduler {
  return {
    name: scenario.scheduler,
    submit: async (intent) => scenario.submit(intent),
    query: async () => snapshotOf(scenario),
    cancel: async () => undefined,
    readRecords: async () => scenario.records,
  };
}
