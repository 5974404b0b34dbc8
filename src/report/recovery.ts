import type { Distrust } from "../domain/distrust.ts";
import type { EvaluationReading } from "../domain/evaluator.ts";
import type { Experiment } from "../domain/experiment.ts";
import type { JobRecord, JobSeen } from "../domain/job.ts";
import type { TrainingReading } from "../domain/optimizer.ts";
import { plainLine } from "../domain/plain-text.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { isOver } from "../domain/status.ts";
import { describeDistrust } from "./distrust.ts";
import { firstOf } from "./markdown.ts";
import { shellQuote } from "./shell.ts";
import { type EvaluationUnit, evaluationUnits, type RunUnit, titleOf, trainingUnits } from "./units.ts";
import { wrap } from "./wrap.ts";

/** What was concluded about an experiment whose state cannot be gone on from, before anything is written. */
export interface RecoveryView {
  readonly folder: string;
  readonly experiment: Experiment;
  /** Why its eval_jobs.json cannot be read. */
  readonly problem?: Problem;
  readonly distrust?: Distrust;
  readonly base?: { readonly revision: number; readonly from: string };
  readonly areRecordsWhole: boolean;
  readonly records: ReadonlyMap<string, JobRecord>;
  readonly jobs: readonly JobSeen[];
  /** Those in the queue that the newest whole state does not know. */
  readonly unknownJobs: readonly JobSeen[];
  /** What stands on disk now. */
  readonly facts: { readonly trainings: ReadonlyMap<string, TrainingReading>; readonly evaluations: ReadonlyMap<string, EvaluationReading> };
  readonly rebuilt: { readonly findings: ReadonlyMap<string, { readonly keys: readonly string[]; readonly lost?: object }>; readonly strays: readonly string[] };
  readonly state: ExperimentState;
  /** The newest one that is known; what is written gets the next. */
  readonly revision: number;
}

/** Renders what is left of an experiment, and what was concluded from it about each run and evaluation. */
export function renderRecovery(view: RecoveryView, { width }: { readonly width: number }): string {
  const { experiment, folder, state } = view;
  const units = [...trainingUnits({ experiment, state }), ...evaluationUnits({ experiment, state })];
  return [
    [`${plainLine(experiment.name)}  ${plainLine(folder)}`, ...whatIsWrong(view).map((line) => wrap(line, width, "  "))].join("\n"),
    ["What is left", ...whatIsLeft(view).map((line) => wrap(line, width, "  "))].join("\n"),
    ["What is concluded from it", ...rows(units, view, width)].join("\n"),
    outcome(view, units).map((line) => wrap(line, width)).join("\n"),
  ].join("\n\n");
}

/** Describes a recovery that was written, for the block in `run-experiment.log`. */
export function describeRecoveryBlock(view: RecoveryView, { by, revision, keptAs }: { readonly by: string; readonly revision: number; readonly keptAs?: string }): readonly (readonly [string, string | undefined])[] {
  const { experiment, state } = view;
  const units = [...trainingUnits({ experiment, state }), ...evaluationUnits({ experiment, state })];
  const concluded = units.filter((unit) => view.rebuilt.findings.has(unitNameOf(unit)) || unit.life.context.adopted !== undefined);
  return [
    ["Details", whatIsWrong(view).join("; ")],
    ["Asked by", by],
    ["Left", whatIsLeft(view).join("; ")],
    ...concluded.map((unit) => ["Concluded", `${titleOf(unit)} ${unit.status}: ${evidenceOf(unit, view).join("; ")}`] as const),
    ["Kept", keptAs],
    ["Result", `eval_jobs.json written as revision ${revision}`],
  ];
}

function whatIsWrong({ problem, distrust, folder, base, unknownJobs }: RecoveryView): string[] {
  // The command that resolves it is this one.
  const sentence = distrust === undefined ? undefined : describeDistrust(distrust, folder).replace(/\. To go on: nightshift [^]*$/u, "");
  return [...(problem === undefined ? [] : [plainLine(renderProblem({ severity: problem.severity, message: problem.message, ...place(problem) }))]), ...(sentence === undefined ? [] : [sentence]), ...(base === undefined || unknownJobs.length === 0 ? [] : [`in the queue and not in its state: ${firstOf(unknownJobs.map(({ id, key }) => `job ${id} (${key ?? ""})`))}`])];
}

function place({ file, line, column }: Problem): Pick<Problem, "file" | "line" | "column"> {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

function whatIsLeft({ base, areRecordsWhole, records, jobs, rebuilt, revision }: RecoveryView): string[] {
  return [
    base === undefined ? "no state: nothing whole was found" : `a state of revision ${base.revision}${base.revision < revision ? ` (the last one was ${revision})` : ""}: ${base.from}`,
    areRecordsWhole ? `job records: ${records.size}, as nightshift wrote them` : `job records: ${records.size === 0 ? "none" : records.size}, and there may have been more (.nightshift was deleted, or is another one)`,
    jobs.length === 0 ? "the queue: no job of this experiment" : `the queue: ${firstOf(jobs.map(({ id, state }) => `job ${id} ${state}`))}`,
    ...(rebuilt.strays.length === 0 ? [] : [`left out, because they belong to nothing in the summary: ${firstOf(rebuilt.strays)}`]),
  ];
}

function rows(units: readonly (RunUnit | EvaluationUnit)[], view: RecoveryView, width: number): string[] {
  const cells = units.map((unit) => [plainLine(titleOf(unit)), unit.status, plainLine(evidenceOf(unit, view).join("; "))] as const);
  const widest = (column: 0 | 1): number => Math.max(0, ...cells.map((row) => row[column].length));
  const [names, statuses] = [widest(0), widest(1)];
  const indent = " ".repeat(2 + names + 2 + statuses + 2);
  return cells.map(([name, status, evidence]) => `  ${name.padEnd(names)}  ${status.padEnd(statuses)}  ${wrap(evidence, Math.max(width, indent.length + 40), indent).trimStart()}`);
}

function evidenceOf(unit: RunUnit | EvaluationUnit, { rebuilt, records, jobs, unknownJobs, base, revision, facts }: RecoveryView): string[] {
  const { state, context } = unit.life;
  const last = context.attempts.at(-1)?.key ?? rebuilt.findings.get(unitNameOf(unit))?.keys.at(-1);
  const record = last === undefined ? undefined : records.get(last);
  const job = jobs.find(({ key }) => key !== undefined && key === last);
  const onDisk = "run" in unit ? checkpointsOnDisk(facts.trainings.get(unit.run.name)) : logOnDisk(facts.evaluations.get(unit.key));
  const found = [
    ...(context.failure?.cause === "lost" ? [context.failure.message] : []),
    ...(record === undefined ? [] : [describeRecord(record)]),
    ...(job === undefined ? [] : [`the queue has job ${job.id}: ${job.state}`]),
    ...(context.adopted === undefined ? [] : [context.adopted]),
    ...(onDisk === undefined || context.adopted !== undefined ? [] : [onDisk]),
    ...((state === "trained" || state === "scored") && onDisk === undefined && base !== undefined && last !== undefined ? [`the state of revision ${base.revision} has its result, of which nothing is on disk`] : []),
  ];
  if (found.length > 0) return found;
  if (last === undefined) return [base?.revision === revision && unknownJobs.length === 0 ? "nothing of it was submitted" : "nothing of it was submitted, as far as is known"];
  return [base === undefined ? "its job is known, and nothing of it is left" : `as the state of revision ${base.revision} says`];
}

function checkpointsOnDisk(reading: TrainingReading | undefined): string | undefined {
  const whole = reading?.checkpoints.filter(({ complete }) => complete).map(({ epoch }) => epoch) ?? [];
  return whole.length === 0 ? undefined : `checkpoints of epoch ${whole.join(", ")}`;
}

function logOnDisk(reading: EvaluationReading | undefined): string | undefined {
  return reading?.log === undefined ? undefined : `a log with status ${reading.log.status}`;
}

function describeRecord({ key, ids, claimedBy, answer, spawned, startedAt, endedAt, exitCode }: JobRecord): string {
  const id = claimedBy ?? ids.at(-1);
  const words = [
    ...(id === undefined ? [] : [`job ${id}`]),
    ...(endedAt !== undefined ? [`ended${exitCode === undefined ? "" : ` with exit code ${exitCode}`}`] : startedAt !== undefined ? ["started"] : claimedBy !== undefined ? ["began"] : []),
    ...(id === undefined && answer !== undefined ? [answer.kind] : []),
    ...(id === undefined && answer === undefined ? [spawned ? "may have been submitted" : "was prepared and never submitted"] : []),
  ];
  return `job record ${key}: ${words.join(" ")}`;
}

function outcome({ folder, state, rebuilt, revision, problem, distrust }: RecoveryView, units: readonly (RunUnit | EvaluationUnit)[]): string[] {
  const lost = units.filter(({ life }) => life.context.failure?.cause === "lost");
  const targets = lost.map((unit) => `nightshift retry ${shellQuote(`${folder}/${"run" in unit ? unit.run.name : targetOf(unit)}`)}`);
  const open = units.filter(({ status }) => !isOver(status)).length;
  const life = state.life.state === "held"
    ? `It is held (${plainLine(state.life.context.reason ?? "")}). To let it go on: nightshift release ${shellQuote(folder)}`
    : `It goes on as it was (${state.life.state}${open === 0 ? "" : `, ${open} of ${units.length} trainings and evaluations not over`}).`;
  return [
    `eval_jobs.json would be written as revision ${revision + 1}${problem === undefined && (distrust === undefined || distrust.kind.startsWith("gone")) ? "" : "; what stands there now is kept beside it"}.`,
    life,
    ...(lost.length === 0 ? [] : [`${lost.length === 1 ? "One submission is" : `${lost.length} submissions are`} lost: nobody knows what became of ${lost.length === 1 ? "it" : "them"}, so ${lost.length === 1 ? "it is" : "they are"} never made again by itself. If you know that no such job runs: ${firstOf(targets, 3)}`]),
    ...(rebuilt.strays.length === 0 ? [] : ["Records that belong to nothing in the summary stay where they are."]),
  ];
}

function unitNameOf(unit: RunUnit | EvaluationUnit): string {
  return "run" in unit ? unit.run.name : unit.key;
}

function targetOf({ evaluation: { run, task, epoch } }: EvaluationUnit): string {
  return [run, task, ...(epoch === null ? [] : [String(epoch)])].join("/");
}
