import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { JobSeen } from "../domain/job.ts";
import type { EvaluationPlaces, RunPlaces } from "../domain/places.ts";
import { accounting, type SubmissionNote } from "../domain/submitters.ts";
import { wallTime } from "../domain/time.ts";
import { inside, isIn } from "./inside.ts";

/**
 * Adds to a reading what accounting remembers of jobs that somebody else submitted for the experiment and that are over.
 *
 * Any of them is a sign of work. One that ended well is a note of its run or evaluation, so that work whose results are
 * not here any more is not done again unasked; one that ended badly is not, since who names the experiment wants it done.
 * A script that several share tells nothing of any of them.
 */
export function withPastJobs(reading: ExperimentReading, past: readonly JobSeen[]): ExperimentReading {
  const { folder, places, submitters, traces } = reading;
  const others = past.filter(({ key, script, workFolder }) => key === undefined && [script, workFolder].some((path) => path !== undefined && isIn(path, folder)));
  if (others.length === 0 || places === undefined) return reading;
  const good = others.filter(({ state }) => state === "COMPLETED");
  const all = [...places.runs.values(), ...places.evaluations.values()];
  const isOwn = ({ script }: Where): boolean => script !== undefined && all.filter((other) => other.script === script).length === 1;
  const annotate = (known: Notes | undefined, units: ReadonlyMap<string, Where>): Notes => new Map([
    ...known ?? [],
    ...[...units].flatMap(([name, where]) => {
      const job = isOwn(where) ? good.findLast((one) => one.script === where.script) : undefined;
      return job === undefined ? [] : [[name, [...(known?.get(name) ?? []), noteOf(job)]] as const];
    }),
  ]);
  const signs = others.map((job) => `${accounting} knows job ${job.id} of ${inside(folder, job.script ?? job.workFolder ?? "")}, which is ${job.state}`);
  return {
    ...reading,
    traces: [...traces, ...signs],
    submitters: {
      running: [], unfinished: [], ...submitters,
      runs: annotate(submitters?.runs, places.runs), evaluations: annotate(submitters?.evaluations, places.evaluations),
    },
  };
}

type Notes = ReadonlyMap<string, readonly SubmissionNote[]>;

type Where = Pick<RunPlaces | EvaluationPlaces, "script">;

function noteOf({ id, state, submittedAt }: JobSeen): SubmissionNote {
  return { file: accounting, changedMs: 0, jobId: id, state, ...(submittedAt === undefined ? {} : { submitted: wallTime(submittedAt) }) };
}
