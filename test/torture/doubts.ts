import { join } from "node:path";

import { parseSubmittedId } from "../../src/schedulers/slurm/parse-submission.ts";
import type { Attempt } from "../../src/domain/state.ts";
import { readRecords } from "../../src/schedulers/job-records.ts";
import { textOf } from "./files.ts";
import type { StagedExperiment } from "./stage.ts";

/** How it came out whether something had been submitted. */
export type Resolution = (typeof resolutions)[number];

export const resolutions = [
  "what sbatch had answered was on disk", "the job was seen, in the queue or by its own record", "the job was looked up by its key", "certainly absent, submitted again",
  "released by a person", "not at all",
] as const;

/** The keys of which nobody can say just now whether they were submitted: one was about to, and there is no answer, or an unclear one. */
export function findDoubts({ folder }: StagedExperiment): readonly string[] {
  return [...readRecords(folder)].filter(([, { spawned, answer }]) => spawned && (answer === undefined || answer.kind === "unclear")).map(([key]) => key);
}

/** Says how a doubt was resolved, by what is left when all is over. */
export function resolutionOf(attempt: Attempt, { folder }: StagedExperiment, calls: readonly string[]): Resolution {
  const { key, absentBy, jobId } = attempt;
  if (absentBy !== undefined) return "released by a person";
  if (calls.filter((call) => isSubmissionOf(key, call)).length > 1) return "certainly absent, submitted again";
  if (jobId === undefined) return "not at all";
  if (parseSubmittedId(textOf(join(folder, ".nightshift/jobs", key, "sbatch.out"))) !== undefined) return "what sbatch had answered was on disk";
  return readRecords(folder).get(key)?.answer?.kind === "accepted" ? "the job was looked up by its key" : "the job was seen, in the queue or by its own record";
}

/** Whether a noted call began to submit a key: it is in the path of the mark that the submitting shell takes. */
export function isSubmissionOf(key: string, call: string): boolean {
  return call.startsWith("shell ") && call.includes(`/${key}/`);
}
