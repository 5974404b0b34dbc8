import type { ExpectedJob } from "../../domain/job.ts";
import type { MergedJob } from "./merge-tasks.ts";
import type { GoodLook } from "./queue.ts";

/** A job that left the queue. */
export interface DepartedJob extends ExpectedJob {
  readonly id: string;
  /** Where it runs, if it was seen in the queue. */
  readonly workFolder?: string;
}

/** The key of a job that somebody else submitted and nightshift only follows. */
export function adoptedKey(id: string): string {
  return `job-${id}`;
}

/** Whether a job in the queue is that of a key, and not one that was given the same id. */
export function isJobOf(key: string, id: string, job: MergedJob): boolean {
  return job.id === id && (job.key ?? adoptedKey(id)) === key;
}

/** Says which expected jobs are certainly not in the queue; remembers of the others where they run. */
export function departureWatch(): (look: GoodLook, expected: readonly ExpectedJob[]) => readonly DepartedJob[] {
  let workFolders = new Map<string, string>();
  return ({ jobs, unread }, expected) => {
    const seen = new Map(jobs.map((job) => [`${job.key ?? adoptedKey(job.id)} ${job.id}`, job]));
    const before = workFolders;
    workFolders = new Map(expected.flatMap(({ key, id }) => {
      const workFolder = seen.get(`${key} ${id}`)?.workFolder ?? before.get(key);
      return workFolder === undefined ? [] : [[key, workFolder]];
    }));
    // A row that cannot be read may be any job's.
    if (unread.includes(undefined)) return [];
    return expected.flatMap(({ key, id, intendedAt }) => {
      const workFolder = workFolders.get(key);
      return id === undefined || unread.includes(id) || seen.has(`${key} ${id}`) ? [] : [{ key, id, intendedAt, ...(workFolder === undefined ? {} : { workFolder }) }];
    });
  };
}
