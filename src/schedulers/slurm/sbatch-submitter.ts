import type { SubmitAnswer } from "../../domain/job.ts";
import type { PreparedJob, Submitter } from "../submission.ts";
import type { ConfigAnswer } from "./config.ts";
import { type FinderParts, jobFinder } from "./find-job.ts";
import type { Programs } from "./programs.ts";
import { type RoomOptions, whyNoRoom } from "./room.ts";
import { startSbatch } from "./start-sbatch.ts";

export interface SubmitterParts extends FinderParts {
  readonly programs: Programs;
  readonly room: RoomOptions;
  readonly environment: NodeJS.ProcessEnv;
}

/** Makes the submission protocol's hands on a SLURM cluster. */
export function sbatchSubmitter(parts: SubmitterParts): Submitter {
  const { programs, queue, readConfig, monotonicMs, pollMs, room, environment } = parts;
  let submittedMs: readonly number[] = [];
  return {
    find: jobFinder(parts),
    whyNotNow: async (intent) => {
      const look = await queue.look(monotonicMs() - pollMs);
      submittedMs = submittedMs.filter((at) => at >= look.askedMs);
      return whyNoRoom(intent, look, submittedMs.length, room);
    },
    submit: async (job) => {
      const elsewhere = await answerForElsewhere(job, environment, readConfig);
      if (elsewhere !== undefined) return elsewhere;
      const answer = await startSbatch(programs, job);
      if (answer.kind === "accepted" || answer.kind === "unclear") submittedMs = [...submittedMs, monotonicMs()];
      return answer;
    },
  };
}

// A job on another cluster would be missing from this one's queue, and be submitted again in the end.
async function answerForElsewhere({ parsed }: PreparedJob, environment: NodeJS.ProcessEnv, readConfig: () => Promise<ConfigAnswer>): Promise<SubmitAnswer | undefined> {
  const clusters = environment["SBATCH_CLUSTERS"] ?? parsed.options.get("clusters");
  if (clusters === undefined) return undefined;
  const answer = await readConfig();
  if (answer.kind === "unknown") return { kind: "postponed", reason: `cannot tell whether --clusters=${clusters} is this cluster (${answer.reason})` };
  const { clusterName = "" } = answer.config;
  return clusters === clusterName ? undefined : { kind: "refused", reason: `--clusters=${clusters} names another cluster than this one (${clusterName}), whose jobs cannot be followed from here` };
}
