import type { CancelIntent, JobSeen, QueueSnapshot } from "../../domain/job.ts";
import type { Scheduler } from "../../domain/scheduler.ts";
import { userName } from "../../system/user.ts";
import { readRecords } from "../job-records.ts";
import { submitOnce, withdrawOnce } from "../submission.ts";
import { type AccountingAnswer, slurmAccounting } from "./accounting.ts";
import { configReader } from "./config.ts";
import { departureWatch, isJobOf } from "./departed.ts";
import { pastJobs, rowsUnder } from "./past-jobs.ts";
import { jobPlaces } from "./places.ts";
import { slurmPrograms } from "./programs.ts";
import { slurmQueue } from "./queue.ts";
import { sbatchSubmitter } from "./sbatch-submitter.ts";

export interface SlurmOptions {
  /** Jobs of this user in the queue, ours and others, beyond which nothing more is submitted. */
  readonly maxSubmit: number;
  /** Free space below which no training is submitted. */
  readonly minFreeBytes: number;
  /** How old an answer of squeue may be for what a limit or a cancellation asks of it. */
  readonly pollMs: number;
  /** How long squeue, sacct, scancel and scontrol may take. By default 60 s. */
  readonly queryTimeoutMs?: number;
  /** How long sbatch may take. By default 180 s: a full queue makes it sleep and retry for 120 s. */
  readonly submitTimeoutMs?: number;
  /** How long after the quiet time a submission stays unclear where accounting says nothing. By default an hour. */
  readonly ambiguousMs?: number;
  /** What SLURM's programs are found and run in. By default this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** By default the monotonic clock of this process. */
  readonly monotonicMs?: () => number;
}

/**
 * Makes the scheduler that is a SLURM cluster, asked through its own programs.
 *
 * One squeue answers for all jobs of the user; sacct is asked only about jobs that left it, in batches.
 */
export function slurmScheduler(options: SlurmOptions): Scheduler {
  const { pollMs, queryTimeoutMs = 60_000, submitTimeoutMs = 180_000, ambiguousMs = 3_600_000, environment = process.env, monotonicMs = () => performance.now() } = options;
  const programs = slurmPrograms({ environment, queryTimeoutMs, submitTimeoutMs });
  const readConfig = configReader(programs, monotonicMs, pollMs);
  const queue = slurmQueue({ programs, readConfig, monotonicMs });
  const accounting = slurmAccounting({ programs, readConfig, monotonicMs });
  const submitter = sbatchSubmitter({ programs, queue, accounting, readConfig, monotonicMs, submitTimeoutMs, ambiguousMs, pollMs, room: options, environment });
  const places = jobPlaces({ user: userName(), outputPattern: environment["SBATCH_OUTPUT"] });
  const findDeparted = departureWatch();
  const mayCancel = async ({ key }: CancelIntent, id: string): Promise<boolean> => {
    const last = await queue.look(monotonicMs() - pollMs);
    // What is not in the last answer may have been submitted since.
    const isNew = last.kind === "available" && !last.jobs.some((job) => job.id === id);
    const look = isNew ? await queue.look(Infinity) : last;
    return look.kind === "available" && look.jobs.some((job) => isJobOf(key, id, job));
  };
  return {
    name: "slurm",
    calls: programs.calls,
    submit: async (intent) => submitOnce(intent, submitter),
    query: async (expected): Promise<QueueSnapshot> => {
      const look = await queue.look(Infinity);
      if (look.kind === "unavailable") return { kind: "unavailable", at: look.at, reason: look.reason, since: look.since };
      const { ended, missing } = await accounting.readEnds(findDeparted(look, expected), expected);
      return { kind: "available", at: look.at, jobs: [...await places.find(look.jobs), ...ended], missing };
    },
    past: async () => {
      const answer = await accounting.readSince(new Date(Math.floor((Date.now() - pastMs) / dayMs) * dayMs), monotonicMs() - pollMs);
      return overIn(answer);
    },
    find: async (ids) => {
      const answer = await accounting.readIds(ids);
      return overIn(answer.kind === "rows" ? { ...answer, rows: rowsUnder(ids, answer.rows) } : answer);
    },
    cancel: async (intent) => {
      const answer = intent.id === undefined ? await withdrawOnce(intent, submitter) : undefined;
      const id = intent.id ?? (answer?.kind === "accepted" ? answer.id : undefined);
      if (id !== undefined && await mayCancel(intent, id)) await programs.ask("scancel", [id]);
      return answer;
    },
    readRecords: async (experimentFolder) => readRecords(experimentFolder),
  };
}

async function overIn(answer: AccountingAnswer): Promise<readonly JobSeen[] | undefined> {
  if (answer.kind === "unavailable") return undefined;
  return answer.kind === "off" ? [] : pastJobs(answer.rows);
}

const dayMs = 86_400_000;
// As far back as somebody may have run an experiment by hand and forgotten it.
const pastMs = 30 * dayMs;
