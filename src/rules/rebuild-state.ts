import { beginExperiment, advanceExperiment } from "../../machines/lives.ts";
import { evaluationKey, isTrained, type Experiment } from "../domain/experiment.ts";
import type { JobRecord, JobSeen } from "../domain/job.ts";
import type { SchedulerName } from "../domain/scheduler.ts";
import type { EvaluationLife, ExperimentLife, ExperimentState, RunLife } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import { keyReader } from "./keys.ts";
import { evaluationRebuilder, isInFlight, type Rebuilder, runRebuilder } from "./rebuild-life.ts";

/** What is left of an experiment whose state cannot be gone on from. */
export interface Remains {
  readonly experiment: Experiment;
  /** The newest whole state; absent where there is none. */
  readonly base?: ExperimentState;
  /** Whether that is the last one that was written: then nothing was intended that it does not know. */
  readonly isLast: boolean;
  /** Whether the job records are all that were written: then what has no mark of a submission was never submitted. */
  readonly areRecordsWhole: boolean;
  readonly records: ReadonlyMap<string, JobRecord>;
  /** What was to be submitted, by key; for keys that say nothing by themselves. */
  readonly intents: ReadonlyMap<string, { readonly unit?: string; readonly preparedAt?: Instant }>;
  /** This experiment's jobs of ours, as far as the scheduler remembers them. */
  readonly jobs: readonly JobSeen[];
  readonly scheduler: SchedulerName;
  readonly at: Instant;
  /** Who asked. */
  readonly by: string;
}

/** What was concluded about one run or evaluation from its job records and the queue; artefacts come later. */
export interface Finding {
  readonly keys: readonly string[];
  /** Its life where nothing is found on disk: nobody knows what came of its last submission. */
  readonly lost?: RunLife | EvaluationLife;
}

export interface Rebuilt {
  readonly life: ExperimentLife;
  readonly runs: Readonly<Record<string, RunLife>>;
  readonly evaluations: Readonly<Record<string, EvaluationLife>>;
  /** By run name and evaluation key; only of units that were ever submitted. */
  readonly findings: ReadonlyMap<string, Finding>;
  /** Keys of records and jobs that belong to nothing in the summary. */
  readonly strays: readonly string[];
}

/**
 * Concludes from what is left how far everything was. Nothing that may have been submitted is taken for not submitted:
 * where nobody can know, the unit is begun anew only so that its artefacts can be looked at, and is `lost` without any.
 */
export function rebuildState(remains: Remains): Rebuilt {
  const { experiment, base } = remains;
  const { byUnit, strays } = sortKeys(remains);
  const findings = new Map<string, Finding>();
  const rebuildAll = <UnitLife extends RunLife | EvaluationLife>(units: readonly string[], lives: Readonly<Record<string, UnitLife>>, rebuilder: Rebuilder<UnitLife>): Record<string, UnitLife> => {
    const rebuilt = units.map((unit) => {
      const { life, finding } = rebuildUnit(rebuilder, lives[unit], byUnit.get(unit) ?? [], remains);
      if (finding !== undefined) findings.set(unit, finding);
      return [unit, life] as const;
    });
    return { ...lives, ...Object.fromEntries(rebuilt) };
  };
  return {
    life: rebuildExperiment(remains, byUnit.size > 0),
    runs: rebuildAll(experiment.runs.filter(isTrained).map(({ name }) => name), base?.runs ?? {}, runRebuilder),
    evaluations: rebuildAll(experiment.evaluations.map(evaluationKey), base?.evaluations ?? {}, evaluationRebuilder),
    findings, strays,
  };
}

/**
 * Puts in place of each unit that was begun anew, and of which nothing was found on disk, its life with the lost attempt.
 *
 * @param state The rebuilt state after everything was looked at.
 */
export function settleDoubts(state: ExperimentState, { findings }: Pick<Rebuilt, "findings">): ExperimentState {
  const settle = <UnitLife extends RunLife | EvaluationLife>(lives: Readonly<Record<string, UnitLife>>): Record<string, UnitLife> =>
    Object.fromEntries(Object.entries(lives).map(([unit, life]) => [unit, (undecided.has(life.state) ? findings.get(unit)?.lost as UnitLife | undefined : undefined) ?? life]));
  return { ...state, runs: settle(state.runs), evaluations: settle(state.evaluations) };
}

const undecided: ReadonlySet<string> = new Set(["waiting", "blocked", "ready", "skipped"]);

// Where something may have been submitted that nobody knows of, only a person lets more be submitted.
function rebuildExperiment({ base, isLast, areRecordsWhole, scheduler, at, by }: Remains, hasJobs: boolean): ExperimentLife {
  if (base !== undefined && (isLast || areRecordsWhole)) return base.life;
  let life = base?.life ?? beginExperiment();
  if (base === undefined && hasJobs) {
    // The jobs that are there have a scheduler, and the one that a new beginning would choose need not be it.
    life = advanceExperiment(advanceExperiment(life, { type: "experiment.armed", at, by, explicit: true }), { type: "experiment.settled", at, scheduler });
  }
  return advanceExperiment(life, { type: "experiment.stopped", at, reason: `recovered by ${by}; more may have been submitted for it than is known now` });
}

function rebuildUnit<UnitLife extends RunLife | EvaluationLife>(rebuilder: Rebuilder<UnitLife>, base: UnitLife | undefined, later: readonly LaterKey[], remains: Remains): { life: UnitLife; finding?: Finding } {
  const { at, by } = remains;
  const life = later.reduce((before, { key, since }) => rebuilder.intend(before, key, since ?? at, by), base ?? rebuilder.begin());
  const keys = life.context.attempts.map(({ key }) => key);
  const last = keys.at(-1);
  if (last === undefined) return { life };
  if (!isInFlight(life)) return { life, finding: { keys } };
  const { record, id, isCertain } = whatIsKnown(life, last, remains);
  const submitted = id === undefined ? life : rebuilder.hear(life, { type: "job.submitted", at, id });
  if (isCertain || submitted.state !== "submitting") return { life: submitted, finding: { keys } };
  const why = record === undefined ? "its job record is gone" : "its job record says that it may have been submitted";
  const lost = rebuilder.lose(life, `nobody knows what became of its last submission: ${why}, and neither the queue nor its own notes know more`, at);
  return { life: rebuilder.begin(), finding: { keys, lost } };
}

function whatIsKnown({ context }: RunLife | EvaluationLife, key: string, { records, jobs, isLast, areRecordsWhole }: Remains): { record?: JobRecord; id?: string; isCertain: boolean } {
  const record = records.get(key);
  const job = jobs.find((one) => one.key === key);
  const id = record?.claimedBy ?? (record?.answer?.kind === "accepted" ? record.answer.id : undefined) ?? context.attempts.at(-1)?.jobId ?? job?.id;
  const isAnswered = record?.answer !== undefined && record.answer.kind !== "unclear";
  const wasNeverSubmitted = areRecordsWhole && record?.spawned !== true;
  return { isCertain: isAnswered || wasNeverSubmitted || (isLast && areRecordsWhole), ...(record === undefined ? {} : { record }), ...(id === undefined ? {} : { id }) };
}

/** A key that the newest whole state does not know. */
interface LaterKey {
  readonly key: string;
  readonly attempt: number;
  readonly since?: Instant;
}

function sortKeys({ experiment, base, isLast, records, intents, jobs }: Remains): { byUnit: ReadonlyMap<string, readonly LaterKey[]>; strays: readonly string[] } {
  const read = keyReader(experiment);
  const known = new Set([...Object.values(base?.runs ?? {}), ...Object.values(base?.evaluations ?? {})].flatMap(({ context }) => context.attempts.map(({ key }) => key)));
  const inQueue = new Map(jobs.flatMap((job) => (job.key === undefined ? [] : [[job.key, job] as const])));
  // The last state knew all that was intended: a record that it does not know is older than it, a job in the queue is not.
  const found = new Set([...(isLast ? [] : records.keys()), ...inQueue.keys()].filter((key) => !known.has(key)));
  const byUnit = new Map<string, LaterKey[]>();
  const strays: string[] = [];
  for (const key of found) {
    const { unit = intents.get(key)?.unit, attempt = 0 } = read(key) ?? {};
    const since = intents.get(key)?.preparedAt ?? inQueue.get(key)?.submittedAt;
    if (unit === undefined) strays.push(key);
    else byUnit.set(unit, [...(byUnit.get(unit) ?? []), { key, attempt, ...(since === undefined ? {} : { since }) }]);
  }
  for (const later of byUnit.values()) later.sort((a, b) => a.attempt - b.attempt);
  return { byUnit, strays };
}
