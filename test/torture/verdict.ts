import { join } from "node:path";

import type { Attempt, ExperimentState } from "../../src/domain/state.ts";
import { parseEvalJobs } from "../../src/state/parse-eval-jobs.ts";
import { unitsOf } from "../support/small-experiment.ts";
import { complainAboutDocuments } from "./documents.ts";
import { namesIn, textOf } from "./files.ts";
import { readLogs } from "./logs.ts";
import { readLedger, type StagedExperiment } from "./stage.ts";

/** What an experiment came to, judged when everything has come to rest. */
export interface Verdict {
  readonly units: number;
  /** Jobs that worked, by the ledger. */
  readonly executions: number;
  /** Jobs beyond the first one of an attempt that worked all the same: what must never be. */
  readonly duplicates: number;
  /** Jobs beyond the first one of an attempt that ended before the user's first line. */
  readonly fenced: number;
  /** Starts beyond the first one of the same job: the scheduler's own doing. */
  readonly restartedJobs: number;
  /** Units without a job that worked. */
  readonly lost: number;
  /** Attempts whose job the cluster accepted and forgot, and that were followed by another one of themselves. */
  readonly vanished: number;
  /** Blocks in the logs that were written twice. */
  readonly toldTwice: number;
  /** What is wrong, each a sentence. */
  readonly complaints: readonly string[];
}

export interface Circumstances {
  /** Attempts that a person gave up because the cluster had lost their job, or because nobody could tell whether they had one. */
  readonly givenUp: ReadonlySet<string>;
  /** Whether the one job of a key may be started again by its scheduler, so that it notes itself twice. */
  readonly mayRestart: (key: string) => boolean;
}

/** Judges an experiment. */
export function judge(experiment: StagedExperiment, circumstances: Circumstances): Verdict {
  const units = unitsOf(experiment.shape);
  const lines = readLedger(experiment);
  const parsed = parseEvalJobs(textOf(join(experiment.folder, "eval_jobs.json")));
  const attempts = "state" in parsed ? attemptsOf(parsed.state) : [];
  const vanished = attempts.flatMap((unit) => unit.attempts.filter(({ jobState }) => jobState === "VANISHED").map(({ key }) => key));
  const logs = readLogs(experiment, circumstances.givenUp.size > 0);
  const jobs = new Set(lines.map(({ key, jobId }) => `${key} ${jobId}`)).size;
  const keys = new Set(lines.map(({ key }) => key)).size;
  const absent = units.filter((unit) => !lines.some((line) => line.unit === unit));
  return {
    units: units.length, executions: jobs, duplicates: jobs - keys, fenced: countFenced(experiment),
    restartedJobs: lines.length - jobs, lost: absent.length, vanished: vanished.length, toldTwice: circumstances.givenUp.size + vanished.length > 0 ? 0 : logs.toldTwice,
    complaints: [
      ...absent.map((unit) => `${unit}: no job has worked on it`),
      ...(jobs === keys ? [] : findRepeated(lines.map(({ key }) => key)).map((key) => `${key}: worked on by jobs ${lines.filter((line) => line.key === key).map(({ jobId }) => jobId).join(", ")}`)),
      ...findRepeated(lines.map(({ key, jobId }) => `${key} ${jobId}`)).filter((job) => !circumstances.mayRestart(job.split(" ")[0] ?? "")).map((job) => `${job}: worked twice, and not because its scheduler started it again`),
      ...vanished.filter((key) => lines.some((line) => line.key === key)).map((key) => `${key}: was given up as forgotten by the cluster, but has worked`),
      ...("state" in parsed ? complainAboutAttempts(attempts, lines.map(({ key }) => key), circumstances) : ["eval_jobs.json cannot be read"]),
      ...complainAboutDocuments(experiment),
      ...logs.complaints,
    ],
  };
}

// A job asks for the claim before anything else, and notes its start when it has it.
function countFenced({ folder }: StagedExperiment): number {
  const jobs = join(folder, ".nightshift/jobs");
  return namesIn(jobs).flatMap((key) => {
    const names = new Set(namesIn(join(jobs, key)));
    return [...names].filter((name) => /^claim\.\d+$/u.test(name) && !names.has(name.replace("claim", "start")));
  }).length;
}

interface UnitAttempts {
  readonly name: string;
  readonly attempts: readonly Attempt[];
}

function attemptsOf({ runs, evaluations }: ExperimentState): readonly UnitAttempts[] {
  return [...Object.entries(runs), ...Object.entries(evaluations)].map(([name, { context }]) => ({ name, attempts: context.attempts })).filter(({ attempts }) => attempts.length > 0);
}

// Each attempt but the last was given up for a reason that is on record, and the last one has worked.
function complainAboutAttempts(all: readonly UnitAttempts[], worked: readonly string[], { givenUp }: Circumstances): readonly string[] {
  const known = new Set(all.flatMap(({ attempts }) => attempts.map(({ key }) => key)));
  return [
    ...all.flatMap(({ name, attempts }) => attempts.slice(0, -1).filter((attempt) => !givenUp.has(attempt.key) && !wasLost(attempt)).map(({ number, jobState }) => `${name}: attempt ${number} (${jobState ?? "no job"}) was followed by another one`)),
    ...all.flatMap(({ name, attempts }) => attempts.slice(-1).filter(({ key }) => !worked.includes(key)).map(({ number }) => `${name}: attempt ${number} is in no ledger`)),
    ...worked.filter((key) => !known.has(key)).map((key) => `${key}: a job of an attempt that the state does not know`),
  ];
}

function wasLost({ jobState = "" }: Attempt): boolean {
  return ["VANISHED", "NODE_FAIL", "BOOT_FAIL", "PREEMPTED"].includes(jobState);
}

function findRepeated(items: readonly string[]): readonly string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
