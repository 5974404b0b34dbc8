import type { Run } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import type { JobEnd, RunObservation } from "../domain/observation.ts";
import type { TrainingReading } from "../domain/optimizer.ts";
import type { ExperimentLife, RunLife, TrainingResult, WorkContext } from "../domain/state.ts";
import type { SubmissionNote } from "../domain/submitters.ts";
import { elapsedMs, laterOf } from "../domain/time.ts";
import { isLost } from "../../machines/attempts.ts";
import { retryDelayMs } from "../../machines/budgets.ts";
import { hearJob } from "./hear-job.ts";
import { inside } from "./inside.ts";
import { buildKey, trainingKeyParts } from "./keys.ts";
import { findOthersJob, mayBeJudged, whyQueueForbids } from "./other-jobs.ts";
import { whyScriptIsNotReady } from "./readiness.ts";
import { judgeNotes, quoteNotes, whyNotesAreYoung } from "./submitters.ts";

/** What the facts say to a run in its present state; nothing, when nothing concerns it. */
export function hearRun(run: Run, life: RunLife, experiment: ExperimentLife, facts: Facts): RunObservation | undefined {
  const at = facts.now;
  switch (life.state) {
    case "waiting": return hearWaiting(run, life, experiment, facts);
    case "held": return undefined;
    case "ready": {
      const others = findJobOfOthers(run, life, experiment, facts);
      if (others !== undefined) return others;
      const obstacle = whyNotNow(run, life, experiment, facts);
      return obstacle === undefined
        ? { type: "submission.intended", at, key: buildKey(trainingKeyParts(run.name, life.context.attempts.length + 1), facts.nonce), ...provenance(run.name, facts) }
        : { type: "run.waited", at, reason: obstacle };
    }
    case "submitting": case "pending": case "running": return hearInFlight(run, life, facts);
    case "retrying": {
      // The scheduler may requeue the lost job by itself; only its loss or its absence, heard again, is no news.
      const news = hearInFlight(run, life, facts);
      if (news !== undefined && news.type !== "job.missed" && !(news.type === "training.ended" && isLost(news.job))) return news;
      const endedAt = life.context.attempts.at(-1)?.endedAt ?? at;
      return experiment.state === "working" && elapsedMs(endedAt, at) >= retryDelayMs ? { type: "retry.due", at } : undefined;
    }
    case "failed": {
      const found = facts.trainings.get(run.name);
      if (life.context.failure?.cause === "no checkpoint" && found?.checkpoints.some((checkpoint) => checkpoint.complete) === true) {
        return { type: "training.found", at, result: resultOf(found, facts), how: "its checkpoint became visible after the job's end" };
      }
      return hearChange(run.name, life, facts);
    }
    case "trained": case "cancelled": return hearChange(run.name, life, facts);
  }
}

/** First 16 hex digits over script and configuration, and the commit, as they are now. */
export function provenance(unit: string, facts: Facts): { configHash?: string; gitCommit?: string } {
  const configHash = facts.reading.hashes.get(unit);
  return { ...(configHash === undefined ? {} : { configHash }), ...(facts.gitCommit === undefined ? {} : { gitCommit: facts.gitCommit }) };
}

/** Says that script or configuration differ from those of the last attempt, once. */
export function hearChange(unit: string, { context }: { readonly context: WorkContext }, facts: Facts): { type: "configuration.changed"; at: string } | undefined {
  const before = context.attempts.at(-1)?.configHash;
  const now = facts.reading.hashes.get(unit);
  const changed = before !== undefined && now !== undefined && before !== now;
  return changed && context.stale !== true ? { type: "configuration.changed", at: facts.now } : undefined;
}

function hearWaiting(run: Run, life: RunLife, experiment: ExperimentLife, facts: Facts): RunObservation | undefined {
  const at = facts.now;
  const found = facts.trainings.get(run.name);
  if (run.type === "control") return { type: "training.found", at, result: { checkpoints: [] }, how: "a control is not trained" };
  if (run.type === "eval-only") {
    if (run.checkpointPath !== undefined && found !== undefined && found.checkpoints.length > 0) {
      return { type: "training.found", at, result: { checkpoints: [], checkpointFolder: run.checkpointPath }, how: `trained elsewhere: ${run.checkpointPath}` };
    }
    return waits(life, at, `its checkpoint is not there: ${run.checkpointPath ?? "no checkpoint_path is given"}`);
  }
  const others = findJobOfOthers(run, life, experiment, facts);
  if (others !== undefined) return others;
  if (found?.isBehind === true) return waits(life, at, "its output is being read");
  // After an attempt of ours, what lies there is what that left.
  if (found !== undefined && life.context.released !== true && life.context.attempts.length === 0 && mayBeJudged(experiment, facts)) {
    const earlier = hearEarlierWork(run, found, facts);
    if (earlier !== undefined) return earlier;
  }
  const obstacle = whyNotNow(run, life, experiment, facts);
  return obstacle === undefined ? hearNotes(run, life, experiment, facts) ?? { type: "run.readied", at } : waits(life, at, obstacle);
}

// Another tool says that it submitted this, and nothing of it is here: that is never done again unasked.
function hearNotes(run: Run, life: RunLife, { context }: ExperimentLife, facts: Facts): RunObservation | undefined {
  const noted = judgeNotes(notesOf(run, life, facts), "neither output nor checkpoint of it is here", facts, context.armedExplicitly === true);
  if (noted === undefined) return undefined;
  const { isGood, failure } = noted;
  return { type: "work.found", at: facts.now, reason: failure.message, ...(isGood ? {} : { failed: { failure, result: { checkpoints: [] } } }) };
}

// After an attempt of ours, or a person's word, what was noted before counts no more.
function notesOf({ name }: Run, { context }: RunLife, { reading }: Facts): readonly SubmissionNote[] | undefined {
  return context.released === true || context.attempts.length > 0 ? undefined : reading.submitters?.runs.get(name);
}

// Work that no job of ours did: whole, it is taken over; in pieces, running again would overwrite it, so a person decides.
function hearEarlierWork(run: Run, found: TrainingReading, facts: Facts): RunObservation | undefined {
  const at = facts.now;
  const complete = found.checkpoints.filter((checkpoint) => checkpoint.complete).map((checkpoint) => checkpoint.epoch);
  const wanted = wantedEpochs(run.name, facts);
  const output = found.output === undefined ? "no output" : nameOf(found.output);
  const noted = [quoteNotes(facts.reading.submitters?.runs.get(run.name))].filter((quote) => quote !== undefined);
  if (found.failure === undefined && complete.length > 0 && wanted.every((epoch) => complete.includes(epoch))) {
    return { type: "training.found", at, result: resultOf(found, facts), how: [`trained before: ${output} and checkpoints of epoch ${complete.join(", ")}`, ...noted].join("; ") };
  }
  if (found.output === undefined && found.checkpoints.length === 0) return undefined;
  const pieces = [
    found.checkpoints.length === 0 ? "no whole checkpoint" : `checkpoints of epoch ${found.checkpoints.map(({ epoch }) => epoch).join(", ")}`,
    found.failure === undefined ? output : `${output} says ${found.failure.cause}`,
    ...noted,
  ];
  const reason = `earlier work stands there (${pieces.join("; ")}); training again would write over it`;
  const failed = found.failure === undefined ? {} : { failed: { failure: { ...fileOf(found, facts), ...found.failure }, result: resultOf(found, facts) } };
  return { type: "work.found", at, reason, ...failed };
}

function fileOf({ output }: TrainingReading, { experiment }: Facts): { file?: string } {
  return output === undefined ? {} : { file: inside(experiment.folder, output) };
}

function wantedEpochs(run: string, { experiment }: Facts): number[] {
  const evaluated = experiment.evaluations.filter((evaluation) => evaluation.run === run).flatMap(({ epoch }) => (epoch === null ? [] : [epoch]));
  const last = experiment.epochs === undefined ? [] : [experiment.epochs - 1];
  return [...new Set([...evaluated, ...last])].filter((epoch) => epoch >= 0).sort((a, b) => a - b);
}

function hearInFlight(run: Run, life: RunLife, facts: Facts): RunObservation | undefined {
  const attempt = life.context.attempts.at(-1);
  const news = attempt === undefined ? undefined : hearJob(facts, attempt);
  if (news === undefined) return undefined;
  if (news.kind === "observation") return news.observation;
  const reading = facts.trainings.get(run.name);
  if (reading === undefined || reading.isBehind === true) return undefined;
  const job = judgeLost(run, reading, news.job, facts);
  return {
    type: "training.ended", at: facts.now, job, result: resultOf(reading, facts), lateMs: facts.lateMs,
    ...(reading.failure === undefined || job.state === "COMPLETED" ? {} : { failure: { ...fileOf(reading, facts), ...reading.failure } }),
  };
}

// Where nobody says how a job ended, whole checkpoints of all epochs beside an output without a failure say it.
function judgeLost(run: Run, reading: TrainingReading, job: JobEnd, facts: Facts): JobEnd {
  const complete = reading.checkpoints.filter((checkpoint) => checkpoint.complete).map((checkpoint) => checkpoint.epoch);
  const isWhole = reading.failure === undefined && complete.length > 0 && wantedEpochs(run.name, facts).every((epoch) => complete.includes(epoch));
  return job.state === "UNKNOWN" && isWhole ? { ...job, state: "COMPLETED", reason: "nobody noted its end; its checkpoints are whole" } : job;
}

function resultOf(reading: TrainingReading, { experiment }: Facts): TrainingResult {
  const complete = reading.checkpoints.filter((checkpoint) => checkpoint.complete);
  const savedAt = complete.reduce<string | undefined>((latest, checkpoint) => laterOf(latest, checkpoint.savedAt), undefined);
  const folder = complete.at(-1)?.path.replace(/\/[^/]*$/u, "");
  return {
    ...(reading.finalLoss === undefined ? {} : { finalLoss: reading.finalLoss }),
    ...(reading.totalSteps === undefined ? {} : { totalSteps: reading.totalSteps }),
    ...(reading.epochs === undefined ? {} : { epochs: reading.epochs }),
    ...(reading.divergedAtStep === undefined ? {} : { divergedAtStep: reading.divergedAtStep }),
    checkpoints: complete.map((checkpoint) => checkpoint.epoch),
    ...(folder === undefined ? {} : { checkpointFolder: inside(experiment.folder, folder) }),
    ...(savedAt === undefined ? {} : { savedAt }),
    ...(reading.output === undefined ? {} : { output: inside(experiment.folder, reading.output) }),
  };
}

function findJobOfOthers(run: Run, life: RunLife, experiment: ExperimentLife, facts: Facts): RunObservation | undefined {
  const places = facts.places.runs.get(run.name);
  if (places === undefined || experiment.state !== "working" || life.context.stoppedBy !== undefined) return undefined;
  const found = findOthersJob(facts, places, facts.reading.submitters?.runs.get(run.name));
  return found === undefined ? undefined : { type: "job.found", at: facts.now, id: found.job.id, state: found.job.state, how: found.how };
}

function whyNotNow(run: Run, life: RunLife, experiment: ExperimentLife, facts: Facts): string | undefined {
  if (facts.obstacle !== undefined) return "the experiment cannot go on as it is";
  if (experiment.state !== "working") return `the experiment is ${experiment.state}`;
  const queued = whyQueueForbids(life.context.attempts, facts);
  if (queued !== undefined) return queued;
  const places = facts.places.runs.get(run.name);
  return whyScriptIsNotReady(facts, places?.script, places?.scriptCandidates ?? []) ?? whyNotesAreYoung(notesOf(run, life, facts), facts);
}

function waits(life: RunLife, at: string, reason: string): RunObservation | undefined {
  return life.context.reason === reason ? undefined : { type: "run.waited", at, reason };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
