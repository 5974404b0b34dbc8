import type { EvaluationQuestion, EvaluationReading, Evaluator } from "../../domain/evaluator.ts";
import { evaluationKey } from "../../domain/experiment.ts";
import type { Problem } from "../../domain/problem.ts";
import { epochMs } from "../../domain/time.ts";
import { evaluationsOf } from "./belonging.ts";
import { buildLog } from "./build-log.ts";
import { type Candidate, chooseLog } from "./choose-log.ts";
import { isSystemError } from "./find-logs.ts";
import { ambiguousLog, oddities, unreadableFolder, unreadableLog } from "./log-problems.ts";
import { readPrinted } from "./read-printed.ts";
import { type LogReader, type LogReading, logReader } from "./log-readings.ts";

/**
 * Builds the evaluator for inspect-ai, which reads its logs natively: `.eval` and `.json`, of every version.
 *
 * @param now Milliseconds since 1970. A log that cannot be read is a Problem only a minute after its last change, or when its
 *   job is over.
 */
export function inspectEvaluator({ now = Date.now }: { readonly now?: () => number } = {}): Evaluator {
  const readLogs = logReader(now);
  return { name: "inspect-ai", readEvaluation: (question) => readEvaluation(question, readLogs) };
}

async function readEvaluation(question: EvaluationQuestion, readLogs: LogReader): Promise<EvaluationReading> {
  const findings: Finding[] = [];
  for (const folder of new Set(question.places.logFolders)) {
    findings.push(...await readFolder(folder, question, readLogs));
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

async function readFolder(folder: string, question: EvaluationQuestion, readLogs: LogReader): Promise<readonly Finding[]> {
  try {
    return (await readLogs(folder)).map((reading) => judge(reading, question)).filter((finding) => finding !== undefined);
  } catch (error) {
    if (isSystemError(error)) return [{ problems: [unreadableFolder(folder, error.code)] }];
    throw error;
  }
}

// Nobody rewrites a log any more when its job is over.
function judge(reading: LogReading, question: EvaluationQuestion): Finding | undefined {
  if (reading.kind === "read") return judgeRead(reading, question);
  const { file, damage, meanwhile } = reading;
  if (meanwhile === undefined || question.jobIsOver) return { problems: [unreadableLog(file.path, damage)] };
  return meanwhile.good === undefined ? undefined : judgeRead(meanwhile.good, question);
}

function judgeRead(reading: Extract<LogReading, { kind: "read" }>, { evaluation, others = [], places, createdAfter }: EvaluationQuestion): Finding {
  const { path, changedMs } = reading.file;
  const { contents } = reading;
  const log = buildLog(contents, { path, changedAt: new Date(changedMs).toISOString() });
  if (createdAfter !== undefined && epochMs(log.created) < epochMs(createdAfter)) return { problems: [] };
  if (places.logsAreShared) {
    const key = evaluationKey(evaluation);
    const fitting = evaluationsOf(contents.header, [evaluation, ...others.filter((other) => evaluationKey(other) !== key)]);
    if (!fitting.includes(evaluation)) return { problems: [] };
    if (fitting.length > 1) return { problems: [ambiguousLog(path, fitting)] };
  }
  return {
    candidate: { log, hasResults: contents.header.results !== undefined },
    problems: oddities(path, contents, evaluation),
  };
}
