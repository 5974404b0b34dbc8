import { dequal } from "dequal";

import { type Evaluation, evaluationKey } from "../domain/experiment.ts";
import type { EvaluationLog, EvaluationReading } from "../domain/evaluator.ts";
import type { Facts } from "../domain/facts.ts";
import type { Failure } from "../domain/failure.ts";
import type { EvaluationObservation, JobEnd } from "../domain/observation.ts";
import type { Problem } from "../domain/problem.ts";
import type { EvaluationLife, EvaluationResult, ExperimentLife, RunLife, WorkContext } from "../domain/state.ts";
import type { SubmissionNote } from "../domain/submitters.ts";
import { elapsedMs, epochMs, type Instant, laterOf } from "../domain/time.ts";
import { failureOf, isLost } from "../../machines/attempts.ts";
import { retryDelayMs } from "../../machines/budgets.ts";
import { whyGateIsShut } from "./gates.ts";
import { hearJob } from "./hear-job.ts";
import { hearChange, provenance } from "./hear-run.ts";
import { inside } from "./inside.ts";
import { buildKey, evaluationKeyParts } from "./keys.ts";
import { findOthersJob, mayBeJudged, whyQueueForbids } from "./other-jobs.ts";
import { whyScriptIsNotReady } from "./readiness.ts";
import { judgeNotes, quoteNotes, whyNotesAreYoung } from "./submitters.ts";

/** What the facts say to an evaluation in its present state; nothing, when nothing concerns it. */
export function hearEvaluation(
  evaluation: Evaluation, life: EvaluationLife, runs: Readonly<Record<string, RunLife>>, experiment: ExperimentLife, facts: Facts,
): EvaluationObservation | undefined {
  const at = facts.now;
  const key = evaluationKey(evaluation);
  const run = runs[evaluation.run];
  switch (life.state) {
    case "blocked": return hearBlocked(evaluation, life, runs, experiment, facts);
    case "ready": {
      if (isMissingCheckpoint(evaluation, run, facts)) return missed(evaluation, facts);
      const others = findJobOfOthers(key, life, experiment, facts);
      if (others !== undefined) return others;
      const obstacle = whyNotNow(evaluation, life, runs, experiment, facts);
      if (obstacle !== undefined) return { type: "evaluation.waited", at, reason: obstacle };
      return { type: "submission.intended", at, key: buildKey(evaluationKeyParts(evaluation, life.context.attempts.length + 1), facts.nonce), ...provenance(key, facts) };
    }
    case "submitting": case "pending": case "running": return hearInFlight(key, life, facts);
    case "retrying": {
      // The scheduler may requeue the lost job by itself, and its log may appear late; only its loss or its absence, heard
      // again, is no news.
      const news = hearInFlight(key, life, facts);
      if (news !== undefined && news.type !== "job.missed" && !(news.type === "evaluation.ended" && isLost(news.job) && news.result?.logStatus !== "success")) return news;
      const later = hearLaterLog(key, life, facts);
      if (later !== undefined) return later;
      const endedAt = life.context.attempts.at(-1)?.endedAt ?? at;
      return experiment.state === "working" && elapsedMs(endedAt, at) >= retryDelayMs ? { type: "retry.due", at } : undefined;
    }
    case "skipped":
      if (run !== undefined && !hasFailed(run)) return { type: "training.resumed", at };
      return hearLaterLog(key, life, facts);
    case "scored": case "failed": case "cancelled":
      return hearLaterLog(key, life, facts) ?? hearChange(key, life, facts);
  }
}

/**
 * From when on logs count for an evaluation that is to be done again: after the request, and after the attempt before it,
 * whose end and log are dated by other clocks than the request is.
 */
export function whenRetryCounts({ retry, attempts }: WorkContext): Instant | undefined {
  const endedAt = attempts.at(-1)?.endedAt;
  // Ends are dated to the second, and so are logs: one of the same second was there before the end.
  const afterEnd = endedAt === undefined ? undefined : new Date(epochMs(endedAt) + 1).toISOString();
  return retry === undefined ? undefined : laterOf(retry.at, afterEnd);
}

function hearBlocked(
  evaluation: Evaluation, life: EvaluationLife, runs: Readonly<Record<string, RunLife>>, experiment: ExperimentLife, facts: Facts,
): EvaluationObservation | undefined {
  const at = facts.now;
  const run = runs[evaluation.run];
  const earlier = facts.evaluations.get(evaluationKey(evaluation));
  const others = findJobOfOthers(evaluationKey(evaluation), life, experiment, facts);
  if (others !== undefined) return others;
  // After an attempt of ours an unfinished log is what that left.
  const since = whenRetryCounts(life.context);
  const counts = earlier?.log !== undefined && (since === undefined || epochMs(earlier.log.created) >= epochMs(since));
  const isOthers = life.context.attempts.length === 0 && mayBeJudged(experiment, facts);
  if (earlier?.log !== undefined && counts && (isOthers || earlier.log.status === "success")) {
    const quote = quoteNotes(facts.reading.submitters?.evaluations.get(evaluationKey(evaluation)));
    return found(earlier.log, earlier, facts, `evaluated before nightshift came${quote === undefined ? "" : `; ${quote}`}`);
  }
  if (run !== undefined && hasFailed(run)) {
    const why = run.context.failure === undefined ? "" : ` (${run.context.failure.cause})`;
    return { type: "training.failed", at, reason: `the training of ${evaluation.run} ${run.state === "cancelled" ? "was cancelled" : `failed${why}`}` };
  }
  const obstacle = whyNotNow(evaluation, life, runs, experiment, facts);
  if (obstacle !== undefined) return life.context.reason === obstacle ? undefined : { type: "evaluation.waited", at, reason: obstacle };
  if (isMissingCheckpoint(evaluation, run, facts)) return missed(evaluation, facts);
  // Another tool says that it submitted this, and no log of it is here: that is never done again unasked.
  const noted = judgeNotes(notesOf(evaluation, life, run, facts), "no log of it is here", facts, experiment.context.armedExplicitly === true);
  return noted === undefined ? { type: "evaluation.readied", at } : { type: "checkpoint.missed", at, failure: noted.isGood ? { ...noted.failure, cause: "no evaluation log" } : noted.failure };
}

// After an attempt of ours, a person's word, or a training of ours since, what was noted before counts no more.
function notesOf(evaluation: Evaluation, { context }: EvaluationLife, run: RunLife | undefined, { reading }: Facts): readonly SubmissionNote[] | undefined {
  const isNewlyTrained = run?.context.attempts.some(({ adoptedFrom }) => adoptedFrom === undefined) === true;
  return context.retry !== undefined || context.attempts.length > 0 || isNewlyTrained ? undefined : reading.submitters?.evaluations.get(evaluationKey(evaluation));
}

function hearInFlight(key: string, life: EvaluationLife, facts: Facts): EvaluationObservation | undefined {
  const attempt = life.context.attempts.at(-1);
  const news = attempt === undefined ? undefined : hearJob(facts, attempt);
  if (news === undefined) return undefined;
  if (news.kind === "observation") return news.observation;
  const reading = facts.evaluations.get(key);
  if (reading === undefined) return undefined;
  const { log, printed } = reading;
  if (log === undefined && printed !== undefined && news.job.state === "COMPLETED" && elapsedMs(news.job.endedAt, facts.now) >= facts.lateMs) {
    return { type: "evaluation.ended", at: facts.now, job: news.job, lateMs: facts.lateMs, result: printedResult(key, printed, facts) };
  }
  const unreadable = reading.problems.find((problem) => problem.severity === "error");
  const said = log === undefined ? whyNoLog(unreadable, news.job) : whyLogIsBad(log, news.job.state);
  // A log that is missing or was never finished does not know why; the scheduler may (time limit, memory, cancelled).
  const { cause } = failureOf(news.job);
  const failure = said !== undefined && cause !== "error" && (said.cause === "no evaluation log" || log?.status === "started") ? { ...said, cause } : said;
  return {
    type: "evaluation.ended", at: facts.now, job: news.job, lateMs: facts.lateMs,
    ...(log === undefined ? {} : { result: resultOf(log, reading, facts) }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function whyNoLog(unreadable: Problem | undefined, { id, state, output }: JobEnd): Failure {
  if (unreadable !== undefined) return { cause: "unreadable evaluation log", message: unreadable.message, ...(unreadable.file === undefined ? {} : { file: unreadable.file }) };
  return { cause: "no evaluation log", message: `job ${id} ended ${state} and left no evaluation log`, ...(output === undefined ? {} : { file: output }) };
}

function whyLogIsBad(log: EvaluationLog, jobState: string): EvaluationLog["failure"] {
  switch (log.status) {
    case "success": return undefined;
    case "error": return log.failure ?? { cause: "evaluation error", message: "the log's status is error" };
    case "cancelled": return { cause: "cancelled", message: `the evaluation was cancelled after ${log.completedSamples ?? log.samples} samples` };
    case "started": return { cause: "evaluation incomplete", message: `the job ended ${jobState} but its log was never finished (${log.completedSamples ?? log.samples} of ${log.totalSamples ?? "?"} samples)` };
  }
}

function hearLaterLog(key: string, life: EvaluationLife, facts: Facts): EvaluationObservation | undefined {
  const reading = facts.evaluations.get(key);
  if (reading?.log?.status !== "success") return undefined;
  const result = resultOf(reading.log, reading, facts);
  const same = life.state === "scored" && dequal(result, life.context.result);
  return same ? undefined : found(reading.log, reading, facts, `read again: ${result.log}`);
}

function found(log: EvaluationLog, reading: EvaluationReading, facts: Facts, how: string): EvaluationObservation {
  const failure = log.status === "success" ? undefined : whyLogIsBad(log, "before nightshift came");
  return { type: "evaluation.found", at: facts.now, result: resultOf(log, reading, facts), how, ...(failure === undefined ? {} : { failure }) };
}

function resultOf(log: EvaluationLog, reading: EvaluationReading, { experiment }: Facts): EvaluationResult {
  return {
    logStatus: log.status, log: inside(experiment.folder, log.path), task: log.task, model: log.model, samples: log.samples,
    ...(log.accuracy === undefined ? {} : { accuracy: log.accuracy }),
    ...(log.scorer === undefined ? {} : { scorer: log.scorer }),
    ...(log.binary === undefined ? {} : { binary: log.binary }),
    ...(reading.choice === undefined ? {} : { choice: reading.choice }),
    ...(log.completedAt === undefined ? {} : { completedAt: log.completedAt }),
  };
}

function printedResult(key: string, { output, samples = 0, ...printed }: NonNullable<EvaluationReading["printed"]>, { experiment }: Facts): EvaluationResult {
  const task = experiment.evaluations.find((evaluation) => evaluationKey(evaluation) === key)?.task ?? "";
  return { logStatus: "success", log: inside(experiment.folder, output), task, model: "", samples, printed: true, ...printed };
}

function findJobOfOthers(key: string, { context }: EvaluationLife, experiment: ExperimentLife, facts: Facts): EvaluationObservation | undefined {
  const places = facts.places.evaluations.get(key);
  if (places === undefined || experiment.state !== "working" || context.stoppedBy !== undefined) return undefined;
  const other = findOthersJob(facts, places, facts.reading.submitters?.evaluations.get(key));
  return other === undefined ? undefined : { type: "job.found", at: facts.now, id: other.job.id, state: other.job.state, how: other.how };
}

function whyNotNow(evaluation: Evaluation, life: EvaluationLife, runs: Readonly<Record<string, RunLife>>, experiment: ExperimentLife, facts: Facts): string | undefined {
  if (facts.obstacle !== undefined) return "the experiment cannot go on as it is";
  if (experiment.state !== "working") return `the experiment is ${experiment.state}`;
  const { attempts, stoppedBy } = life.context;
  if (stoppedBy !== undefined) return `held by ${stoppedBy}`;
  const queued = whyQueueForbids(attempts, facts);
  if (queued !== undefined) return queued;
  const gate = whyGateIsShut(evaluation, runs, facts);
  if (gate !== undefined) return gate;
  const places = facts.places.evaluations.get(evaluationKey(evaluation));
  return whyScriptIsNotReady(facts, places?.script, places?.scriptCandidates ?? []) ?? whyNotesAreYoung(notesOf(evaluation, life, runs[evaluation.run], facts), facts);
}

// Only a run whose training is over can miss a checkpoint, and only once a network file system has had its time.
function isMissingCheckpoint(evaluation: Evaluation, run: RunLife | undefined, facts: Facts): boolean {
  if (evaluation.epoch === null || run?.state !== "trained") return false;
  const endedAt = run.context.attempts.at(-1)?.endedAt;
  if (endedAt !== undefined && elapsedMs(endedAt, facts.now) < facts.lateMs) return false;
  const checkpoints = facts.trainings.get(evaluation.run)?.checkpoints;
  return checkpoints !== undefined && !checkpoints.some((checkpoint) => checkpoint.epoch === evaluation.epoch && checkpoint.complete);
}

function missed(evaluation: Evaluation, facts: Facts): EvaluationObservation {
  const folder = facts.places.runs.get(evaluation.run)?.checkpointFolders[0];
  const where = folder === undefined ? `epoch_${evaluation.epoch}` : inside(facts.experiment.folder, `${folder}/epoch_${evaluation.epoch}`);
  return { type: "checkpoint.missed", at: facts.now, failure: { cause: "no checkpoint", message: `its checkpoint is missing or not whole: ${where}`, file: where } };
}

function hasFailed({ state }: RunLife): boolean {
  return state === "failed" || state === "cancelled";
}
