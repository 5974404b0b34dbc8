import type { EvaluationJob } from "../../domain/evaluator.ts";
import { type Evaluation, evaluationKey, evaluationTitle } from "../../domain/experiment.ts";
import { recoveredFromCrash } from "../../domain/log-object.ts";
import type { Problem } from "../../domain/problem.ts";
import { plannedSamples } from "./build-log.ts";
import type { Damage } from "./damage.ts";
import type { LogContents } from "./log/log-contents.ts";
import { epochsNamed, type NamedEpoch } from "./log-epoch.ts";
import { plainText } from "./plain-text.ts";

/** A log that is there and of no use. */
export function unreadableLog(file: string, { message, expected, found }: Damage): Problem {
  return {
    severity: "error",
    message: `the evaluation log cannot be read: it ${plainText(message)}`,
    file,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found: plainText(found) }),
    advice: "Evaluate again, or remove the file",
  };
}

/** A folder that logs are expected in and that cannot be looked into. */
export function unreadableFolder(folder: string, code: string): Problem {
  return { severity: "error", message: `the folder of evaluation logs is not accessible (${code})`, file: folder };
}

/** A log in a shared folder that fits several evaluations equally well; `writers` are the jobs that did not help to tell. */
export function ambiguousLog(file: string, evaluations: readonly Evaluation[], writers: readonly EvaluationJob[]): Problem {
  const fitting = `the same for ${listed(evaluations)}`;
  return {
    severity: "warning",
    message: "the evaluation log is left out, because it does not tell which evaluation it is of",
    file,
    found: writers.length === 0 ? fitting : `${fitting}; ${writers.map(describeWriter).join(", ")}`,
    advice: "Record the epoch with --metadata epoch=N, or give each evaluation a log folder of its own",
  };
}

/** A log in a shared folder whose task is evaluated, but at other epochs than the one it names. */
export function strayLog(file: string, { header }: LogContents, evaluations: readonly Evaluation[]): Problem {
  return {
    severity: "warning",
    message: "the evaluation log is left out, because the epoch it names is not to be evaluated",
    file,
    expected: listed(evaluations),
    found: describeEpochs(epochsNamed(header)),
    advice: "Add the epoch to the evaluation matrix; or, if the log is of another one, evaluate again with --metadata epoch=N",
  };
}

/** How it was told which evaluation a log is of. */
export interface Belonging {
  readonly evaluation: Evaluation;
  /** Whether no other evaluation writes into the folder. */
  readonly isOwnFolder: boolean;
  /** The jobs that wrote the log, as far as they are known. */
  readonly writers: readonly EvaluationJob[];
}

/** What is odd about a log that counts all the same. */
export function oddities(file: string, contents: LogContents, belonging: Belonging): readonly Problem[] {
  return [
    ...contradictingEpochs(file, epochsNamed(contents.header), belonging),
    ...contradictingWriters(file, belonging),
    ...oddClauses(contents).map((clause) => oddLog(file, clause)),
  ];
}

/** What is odd about a log by itself: clauses that follow its name. */
export function oddClauses({ header, recomputed = [], warnings }: LogContents): readonly string[] {
  const { totalSamples = "unknown" } = header.results ?? {};
  const leftOut = new Set(recomputed.flatMap(({ scorer, leftOut: metrics = [] }) => metrics.map((metric) => `${metric} of ${scorer}`)));
  return [
    ...(header.errorMessage === recoveredFromCrash ? [`was recovered from a crash, with ${totalSamples} of ${plannedSamples(header) ?? "unknown"} samples`] : []),
    ...(header.invalidated ? ["was marked as invalid, at least in part; its results were not computed anew"] : []),
    ...(header.configChanges.length > 0 ? [`is of an evaluation whose configuration was changed while it ran: ${header.configChanges.join(", ")}`] : []),
    ...(leftOut.size > 0 ? [`does not say how all its metrics would be computed; left out: ${[...leftOut].join(", ")}`] : []),
    ...warnings,
  ].map((clause) => plainText(clause));
}

function contradictingEpochs(file: string, epochs: readonly NamedEpoch[], { evaluation, isOwnFolder }: Belonging): readonly Problem[] {
  const { epoch } = evaluation;
  const others = epochs.filter(({ value }) => value !== epoch);
  if (epoch === null || others.length === 0) return [];
  const title = evaluationTitle(evaluation);
  if (isOwnFolder) {
    const advice = `It counts for ${title}, whose folder this is; if it is of another epoch, move it away and evaluate again`;
    return [oddLog(file, "names another epoch than that of its folder", { expected: `epoch ${epoch} (its folder)`, found: describeEpochs(others), advice })];
  }
  const first = epochs.filter(({ value }) => value === epoch).slice(0, 1);
  const advice = `It counts for ${title}, since of these the first is to be trusted most; if that is wrong, move it away and evaluate again with --metadata epoch=N`;
  return [oddLog(file, "names different epochs", { expected: describeEpochs(first), found: describeEpochs(others), advice })];
}

function contradictingWriters(file: string, { evaluation, writers }: Belonging): readonly Problem[] {
  const key = evaluationKey(evaluation);
  if (writers.length === 0 || writers.some((job) => evaluationKey(job.evaluation) === key)) return [];
  const title = evaluationTitle(evaluation);
  return [oddLog(file, "was written by the job of another evaluation", {
    expected: title, found: writers.map(describeWriter).join(", "),
    advice: `It counts for ${title}, as it says itself; if that is wrong, move it away, mend what the script records and evaluate again`,
  })];
}

// In one order, whichever of them was asked about, so that all say the same of a file and it is told once.
function listed(evaluations: readonly Evaluation[]): string {
  return evaluations.map(evaluationTitle).toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).join(", ");
}

function describeWriter(job: EvaluationJob): string {
  return `${evaluationTitle(job.evaluation)} (${describeJob(job)})`;
}

/** Names a job to people, and how it is known what it was for. */
export function describeJob({ id, how }: EvaluationJob): string {
  return `job ${id}, ${plainText(how)}`;
}

function describeEpochs(epochs: readonly NamedEpoch[]): string {
  return epochs.map(({ value, source }) => `epoch ${value} (${plainText(source)})`).join(", ");
}

function oddLog(file: string, clause: string, facts: Pick<Problem, "expected" | "found" | "advice"> = {}): Problem {
  return { severity: "warning", message: `the evaluation log ${clause}`, file, ...facts };
}
