import { basename } from "node:path";

import type { EvaluationJob, EvaluationQuestion, EvaluationReading, Evaluator } from "../../domain/evaluator.ts";
import { type Evaluation, evaluationKey } from "../../domain/experiment.ts";
import type { Problem } from "../../domain/problem.ts";
import { epochMs } from "../../domain/time.ts";
import { evaluationsOf, evaluationsOfTask } from "./belonging.ts";
import { buildLog } from "./build-log.ts";
import { type Candidate, chooseLog } from "./choose-log.ts";
import { isSystemError } from "./find-logs.ts";
import { type OutputReader, outputReader } from "./outputs/job-outputs.ts";
import { ambiguousLog, describeJob, oddities, strayLog, unreadableFolder, unreadableLog } from "./log-problems.ts";
import { type LogReader, type LogReading, logReader } from "./log-readings.ts";
import { readPrinted } from "./outputs/read-printed.ts";
import { narrowDown, tellingOutputs, type WrittenLog, writerIds, writersOf } from "./outputs/writers.ts";

/**
 * Builds the evaluator for inspect-ai, which reads its logs natively: `.eval` and `.json`, of every version.
 *
 * @param now Milliseconds since 1970. A log that cannot be read is a Problem only a minute after its last change, or when its
 *   job is over.
 */
export function inspectEvaluator({ now = Date.now }: { readonly now?: () => number } = {}): Evaluator {
  const readers = { readLogs: logReader(now), readOutputs: outputReader() };
  return { name: "inspect-ai", readEvaluation: (question) => readEvaluation(question, readers) };
}

interface Readers {
  readonly readLogs: LogReader;
  readonly readOutputs: OutputReader;
}

async function readEvaluation(question: EvaluationQuestion, readers: Readers): Promise<EvaluationReading> {
  const findings: Finding[] = [];
  for (const folder of new Set(question.places.logFolders)) {
    findings.push(...await readFolder(folder, question, readers));
  }
  const candidates = findings.flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate]));
  const printed = candidates.length === 0 && question.jobIsOver && question.output !== undefined ? readPrinted(question.output) : undefined;
  return {
    ...chooseLog(candidates), ...(printed === undefined || question.output === undefined ? {} : { printed: { ...printed, output: question.output } }), logCount: candidates.length, problems: findings.flatMap(({ problems }) => problems),
  };
}

/** What one log means for the evaluation asked about. */
interface Finding {
  readonly candidate?: Candidate;
  readonly problems: readonly Problem[];
}

async function readFolder(folder: string, question: EvaluationQuestion, { readLogs, readOutputs }: Readers): Promise<readonly Finding[]> {
  try {
    const readings = await readLogs(folder);
    const writers = await findWriters(readings.flatMap((reading) => goodOf(reading) ?? []), question, readOutputs);
    return readings.map((reading) => judge(reading, question, writers)).filter((finding) => finding !== undefined);
  } catch (error) {
    if (isSystemError(error)) return [{ problems: [unreadableFolder(folder, error.code)] }];
    throw error;
  }
}

/** Finds the jobs that wrote the logs of a shared folder; the scheduler is asked only where nothing on record helps. */
async function findWriters(readings: readonly GoodReading[], question: EvaluationQuestion, readOutputs: OutputReader): Promise<WriterFinder> {
  const { evaluation, places, outputFolders = [places.submitFolder], jobs = [], findJobs } = question;
  if (!places.logsAreShared || readings.length === 0) return () => [];
  const outputs = tellingOutputs(readOutputs(outputFolders, jobs.flatMap(({ output }) => output ?? [])), readings.map(writtenLog));
  const unclear = readings.filter((reading) => {
    const fitting = narrowDown(fittingOf(reading, question), writersOf(writtenLog(reading), outputs, jobs));
    return fitting.length > 1 && fitting.includes(evaluation);
  });
  const ids = [...new Set(unclear.flatMap((reading) => writerIds(writtenLog(reading), outputs)))];
  const found = ids.length === 0 || findJobs === undefined ? [] : await findJobs(ids);
  return (reading) => writersOf(writtenLog(reading), outputs, [...jobs, ...found]);
}

type WriterFinder = (reading: GoodReading) => readonly EvaluationJob[];

type GoodReading = Extract<LogReading, { kind: "read" }>;

function goodOf(reading: LogReading): GoodReading | undefined {
  return reading.kind === "read" ? reading : reading.meanwhile?.good;
}

function writtenLog({ file, contents }: GoodReading): WrittenLog {
  const { task, created } = contents.header;
  return { name: basename(file.path), task, ...(created === undefined ? {} : { created }) };
}

// Nobody rewrites a log any more when its job is over.
function judge(reading: LogReading, question: EvaluationQuestion, writers: WriterFinder): Finding | undefined {
  if (reading.kind === "read") return judgeRead(reading, question, writers);
  const { file, damage, meanwhile } = reading;
  if (meanwhile === undefined || question.jobIsOver) return { problems: [unreadableLog(file.path, damage)] };
  return meanwhile.good === undefined ? undefined : judgeRead(meanwhile.good, question, writers);
}

function judgeRead(reading: GoodReading, question: EvaluationQuestion, findWritersOf: WriterFinder): Finding {
  const { evaluation, places, createdAfter } = question;
  const { path, changedMs } = reading.file;
  const { contents } = reading;
  const log = buildLog(contents, { path, changedAt: new Date(changedMs).toISOString() });
  if (createdAfter !== undefined && epochMs(log.created) < epochMs(createdAfter)) return { problems: [] };
  const writers = findWritersOf(reading);
  const all = places.logsAreShared ? fittingOf(reading, question) : [evaluation];
  if (places.logsAreShared) {
    const fitting = narrowDown(all, writers);
    if (all.length === 0) return { problems: judgeStray(reading, question) };
    if (!fitting.includes(evaluation)) return { problems: [] };
    if (fitting.length > 1) return { problems: [ambiguousLog(path, fitting, writers)] };
  }
  const writer = writers.find((job) => evaluationKey(job.evaluation) === evaluationKey(evaluation));
  return {
    candidate: {
      log, hasResults: contents.header.results !== undefined, isInvalid: contents.header.invalidated,
      ...(writer === undefined || all.length === 1 ? {} : { writer: describeJob(writer) }),
    },
    problems: oddities(path, contents, { evaluation, isOwnFolder: !places.logsAreShared, writers }),
  };
}

function judgeStray({ file, contents }: GoodReading, question: EvaluationQuestion): readonly Problem[] {
  const ofTask = evaluationsOfTask(contents.header, candidatesOf(question));
  return ofTask.includes(question.evaluation) ? [strayLog(file.path, contents, ofTask)] : [];
}

function fittingOf({ contents }: GoodReading, question: EvaluationQuestion): readonly Evaluation[] {
  return evaluationsOf(contents.header, candidatesOf(question));
}

function candidatesOf({ evaluation, others = [] }: EvaluationQuestion): readonly Evaluation[] {
  const key = evaluationKey(evaluation);
  return [evaluation, ...others.filter((other) => evaluationKey(other) !== key)];
}
