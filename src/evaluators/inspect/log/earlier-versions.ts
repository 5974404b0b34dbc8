import { isRecord, isUnscored, type ScoreValue } from "../../../statistics/score-value.ts";
import type { LogHeader } from "./log-header.ts";
import type { ScoredSample } from "./recompute-scores.ts";

/**
 * Says whether the inspect-ai that wrote a log could have made other metrics of its samples than 0.3.285 would.
 *
 * Before 0.3.113 NaN among samples was a number to every metric; before 0.3.123 NaN among a sample's epochs was one to
 * every reducer, so that a mean became NaN, a median depended on the order, and `pass_at` counted a failure. Up to 0.3.220
 * `max` could be NaN where the first of the values was, and `pass_at_k` was 1 of fewer than k epochs. Since 0.3.225 the reducers
 * are as they are today; mean, median and mode are so since 0.3.123.
 */
export function couldHaveDiffered({ version, epochs, reducers }: Pick<LogHeader, "version" | "epochs" | "reducers">, samples: readonly ScoredSample[]): boolean {
  const patch = patchOf(version);
  if (patch === undefined || patch >= 225) return false;
  const isUnscoredInPart = samples.some(({ scores }) => [...scores.values()].some(({ value }) => hasNaN(value)));
  if (patch < 113) return isUnscoredInPart;
  if (epochs === 1 && reducers.every((reducer) => reducer === undefined || reducer === "mean")) return false;
  if (patch < 123) return isUnscoredInPart;
  return reducers.some((reducer = "mean") => {
    const drawn = /^pass_at_(\d+)$/u.exec(reducer)?.[1];
    return drawn === undefined ? reducer === "max" && isUnscoredInPart : isUnscoredInPart || fewestEpochs(samples) < Number(drawn);
  });
}

/** The last part of a version of inspect-ai, which were all 0.3 since 2023. */
export function patchOf(version = ""): number | undefined {
  const patch = /^0\.3\.(?<patch>\d+)/u.exec(version)?.groups?.["patch"];
  return patch === undefined ? undefined : Number(patch);
}

function hasNaN(value: ScoreValue): boolean {
  return Array.isArray(value) || isRecord(value) ? Object.values(value).some(isUnscored) : isUnscored(value);
}

function fewestEpochs(samples: readonly ScoredSample[]): number {
  const counts = new Map<string, number>();
  for (const { id, scores } of samples) if (scores.size > 0) counts.set(String(id), (counts.get(String(id)) ?? 0) + 1);
  return Math.min(...counts.values());
}
