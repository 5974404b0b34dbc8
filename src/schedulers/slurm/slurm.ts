import type { CancelIntent, ExpectedJob, QueueSnapshot } from "../../domain/job.ts";
import type { Scheduler } from "../../domain/scheduler.ts";
import { userName } from "../../system/user.ts";
import { readRecords } from "../job-records.ts";
import { submitOnce, type Submitter, withdrawOnce } from "../submission.ts";
import { type DepartedJob, slurmAccounting } from "./accounting.ts";
import { type ConfigAnswer, configReader } from "./config.ts";
import { jobFinder } from "./find-job.ts";
import { adoptedKey } from "./judge-rows.ts";
import type { MergedJob } from "./merge-tasks.ts";
import { jobPlaces } from "./places.ts";
import { slurmPrograms } from "./programs.ts";
import { type GoodLook, slurmQueue } from "./queue.ts";
import { whyNoRoom } from "./room.ts";
import { startSbatch } from "./start-sbatch.ts";

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
  const find = jobFinder({ queue, accounting, readConfig, monotonicMs, submitTimeoutMs, ambiguousMs, pollMs });
  const places = jobPlaces({ user: userName(), outputPattern: environment["SBATCH_OUTPUT"] });
  const workFolders = new Map<string, string>();
  let submittedMs: readonly number[] = [];
  const submitter: Submitter = {
    find,
    whyNotNow: async (intent) => {
      const look = await queue.look(monotonicMs() - pollMs);
      submittedMs = submittedMs.filter((at) => at >= look.askedMs);
      return whyNoRoom(intent, look, submittedMs.length, options);
    },
    submit: async (job) => {
      const elsewhere = environment["SBATCH_CLUSTERS"] ?? job.parsed.options.get("clusters");
      const refusal = elsewhere === undefined ? undefined : whyElsewhere(elsewhere, await readConfig());
      if (refusal !== undefined) return { kind: "refused", reason: refusal };
      const answer = await startSbatch(programs, job);
      if (answer.kind === "accepted" || answer.kind === "unclear") submittedMs = [...submittedMs, monotonicMs()];
      return answer;
    },
  };
  const mayCancel = async (intent: CancelIntent, id: string): Promise<boolean> => {
    const isIt = (job: MergedJob): boolean => job.id === id && isJobOf(intent.key, id, job);
    const looks = [await queue.look(monotonicMs() - pollMs)];
    if (looks[0]?.kind === "available" && !looks[0].jobs.some((job) => job.id === id)) looks.push(await queue.look(Infinity));
    return looks.some((look) => look.kind === "available" && look.jobs.some(isIt));
  };
  return {
    name: "slurm",
    calls: programs.calls,
    submit: async (intent) => submitOnce(intent, submitter),
    query: async (expected): Promise<QueueSnapshot> => {
      const look = await queue.look(Infinity);
      if (look.kind === "unavailable") return { kind: "unavailable", at: look.at, reason: look.reason, since: look.since };
      const keys = new Set(expected.map(({ key }) => key));
      for (const { key, workFolder } of look.jobs) if (key !== undefined && keys.has(key) && workFolder !== undefined) workFolders.set(key, workFolder);
      for (const key of workFolders.keys()) if (!keys.has(key)) workFolders.delete(key);
      const { ended, missing } = await accounting.readEnds(departedFrom(look, expected, workFolders), expected);
      return { kind: "available", at: look.at, jobs: [...await places.find(look.jobs), ...ended], missing };
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

// A job of which the queue shows another one of the same key was fenced off or is; one that cannot be read is in it.
function departedFrom({ jobs, unread }: GoodLook, expected: readonly ExpectedJob[], workFolders: ReadonlyMap<string, string>): readonly DepartedJob[] {
  if (unread.includes(undefined)) return [];
  const ids = new Set(unread);
  const seen = new Set(jobs.map(({ key, id }) => `${key ?? adoptedKey(id)} ${id}`));
  return expected
    .filter((job): job is ExpectedJob & { readonly id: string } => job.id !== undefined && !ids.has(job.id) && !seen.has(`${job.key} ${job.id}`))
    .map((job) => {
      const workFolder = workFolders.get(job.key);
      return workFolder === undefined ? job : { ...job, workFolder };
    });
}

// A job on another cluster would be missing from this one's queue, and be submitted again in the end.
function whyElsewhere(clusters: string, config: ConfigAnswer): string | undefined {
  const here = config.kind === "known" ? config.config.clusterName : undefined;
  return clusters === here ? undefined : `--clusters=${clusters} names another cluster than this one${here === undefined ? "" : ` (${here})`}, whose jobs cannot be followed from here`;
}

function isJobOf(key: string, id: string, job: MergedJob): boolean {
  return (job.key ?? adoptedKey(id)) === key;
}
