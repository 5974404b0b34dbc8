import type { EvaluationLog, Metric } from "../../domain/evaluator.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Instant } from "../../domain/time.ts";
import { defined } from "./defined.ts";
import type { LogContents } from "./log/log-contents.ts";
import type { LogHeader, LogScore } from "./log/log-header.ts";
import { plainText } from "./plain-text.ts";

/** What is known of the file a log was read from. */
export interface LogPlace {
  readonly path: string;
  readonly changedAt: Instant;
}

/** Builds what nightshift knows of an evaluation's log from what the file said. */
export function buildLog({ header, samples, binary, recomputed }: LogContents, { path, changedAt }: LogPlace): EvaluationLog {
  const { results } = header;
  const first = firstScore(results?.scores ?? [], header);
  const { accuracy, scorer, metrics } = describeScores(results?.scores ?? [], header);
  return defined<EvaluationLog>({
    path,
    status: header.status,
    task: plainText(header.task),
    model: plainText(header.model),
    created: header.created ?? changedAt,
    completedAt: header.completedAt,
    samples: scoredSamples(first, header, samples) ?? samples?.completed ?? 0,
    totalSamples: results?.totalSamples ?? plannedSamples(header),
    completedSamples: results?.completedSamples ?? samples?.completed,
    accuracy,
    scorer,
    metrics,
    soFar: recomputed === undefined || recomputed.length === 0 ? undefined : { ...describeScores(recomputed, header), samples: firstScore(recomputed, header)?.samples ?? 0 },
    binary,
    failure: header.status === "error" ? describeError({ header, samples }) : undefined,
    changedAt,
  });
}

function describeScores(scores: readonly LogScore[], header: LogHeader): Pick<EvaluationLog, "accuracy" | "scorer" | "metrics"> {
  const first = firstScore(scores, header);
  const accuracy = first?.metrics.get("accuracy");
  return { ...(accuracy === undefined ? {} : { accuracy }), ...(first === undefined ? {} : { scorer: plainText(first.scorer) }), metrics: scores.flatMap(listMetrics) };
}

// Of several accuracies that which the task's author calls the headline counts, else the first one.
function firstScore(scores: readonly LogScore[], { headline }: LogHeader): LogScore | undefined {
  const accurate = scores.filter(({ metrics }) => metrics.has("accuracy"));
  const declared = headline && scores.find(({ name, scorer, reducer, metrics }) => (
    scorer === (headline.scorer ?? scorer) && name === (headline.score ?? name) && reducer === (headline.reducer ?? reducer) && (headline.metric === undefined || metrics.has(headline.metric))
  ));
  return accurate.find((score) => score === declared) ?? accurate[0] ?? scores[0];
}

// Versions before 0.3.113 did not store how many samples were scored; those that failed were not.
function scoredSamples(score: LogScore | undefined, { results, epochs }: LogHeader, samples: LogContents["samples"]): number | undefined {
  if (score?.samples !== undefined) return score.samples;
  if (results !== undefined && samples !== undefined && samples.distinct > 0) return samples.distinct;
  return results?.completedSamples === undefined ? undefined : Math.ceil(results.completedSamples / epochs);
}

/** How many samples were to be run, each of its epochs counted. */
export function plannedSamples({ datasetSamples, epochs }: LogHeader): number | undefined {
  return datasetSamples === undefined ? undefined : datasetSamples * epochs;
}

function listMetrics({ name, scorer, reducer, metrics }: LogScore): readonly Metric[] {
  return [...metrics].map(([key, value]) => defined<Metric>({
    scorer: plainText(scorer),
    score: name === scorer ? undefined : plainText(name),
    name: plainText(key),
    reducer: reducer === undefined ? undefined : plainText(reducer),
    value,
  }));
}

// An evaluation that was to go on after errors ends as `error` without saying which; its samples know.
function describeError({ header, samples }: Pick<LogContents, "header" | "samples">): Failure {
  return { cause: "evaluation error", message: plainText(header.errorMessage ?? sampleErrors(samples) ?? "") || "the log does not say what went wrong" };
}

function sampleErrors(samples: LogContents["samples"]): string | undefined {
  if (samples?.error === undefined) return undefined;
  return `${samples.failed} of ${samples.failed + samples.completed} samples failed: ${samples.error}`;
}
