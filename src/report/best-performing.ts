import { isOver } from "../domain/status.ts";
import { escapeMarkdown, listOf } from "./markdown.ts";
import { formatPercent } from "./numbers.ts";
import type { EvaluationUnit } from "./units.ts";

/**
 * Renders who did best, one line per task where there are several.
 *
 * By balanced accuracy where every result of the task has one, else by accuracy; what ties is named together. Controls
 * take part. Results that are still missing are counted, not waited for.
 */
export function renderBestPerforming(units: readonly EvaluationUnit[]): string[] {
  const tasks = [...new Set(units.map(({ evaluation }) => evaluation.task))];
  return tasks.map((task) => {
    const label = tasks.length > 1 ? `Best performing (${escapeMarkdown(task)}):` : "Best performing:";
    return `**${label}** ${sentenceFor(units.filter(({ evaluation }) => evaluation.task === task))}`;
  });
}

/** The best evaluations of one task, with their metric; several where they tie, none without results. */
export function bestOf(units: readonly EvaluationUnit[]): { readonly units: readonly EvaluationUnit[]; readonly metric: string; readonly value: number; readonly others: readonly number[] } | undefined {
  const results = units.filter(({ status, life }) => status === "COMPLETED" && life.context.result !== undefined);
  const isBinary = results.length > 0 && results.every(({ life }) => life.context.result?.binary !== undefined);
  const scores = results.flatMap((unit) => {
    const result = unit.life.context.result;
    const value = isBinary ? result?.binary?.balancedAccuracy : result?.accuracy ?? result?.binary?.accuracy;
    return value === undefined || Number.isNaN(value) ? [] : [{ unit, value }];
  });
  if (scores.length === 0) return undefined;
  const best = Math.max(...scores.map(({ value }) => value));
  return {
    units: scores.filter(({ value }) => value === best).map(({ unit }) => unit),
    metric: isBinary ? "balanced accuracy" : "accuracy",
    value: best,
    others: scores.map(({ value }) => value).filter((value) => value !== best),
  };
}

function sentenceFor(units: readonly EvaluationUnit[]): string {
  const scored = units.filter(({ status }) => status === "COMPLETED").length;
  const best = bestOf(units);
  if (best === undefined) return scored > 0 ? "no evaluation has an accuracy" : noResult(units);
  const names = listOf(best.units.map(nameOf));
  const soFar = scored === units.length ? "" : ` (so far: ${scored} of ${units.length} evaluations)`;
  return `${names} with ${formatPercent(best.value, best.others)} ${best.metric}${soFar}${mixedScorers(units)}`;
}

/** What to say where no evaluation has a result: "yet" only while one may still come. */
export function noResult(units: readonly EvaluationUnit[]): string {
  return units.every(({ status }) => isOver(status)) ? "no evaluation has a result" : "no evaluation has a result yet";
}

function nameOf({ evaluation: { run, epoch } }: EvaluationUnit): string {
  return epoch === null ? escapeMarkdown(run) : `${escapeMarkdown(run)} (epoch ${epoch})`;
}

// Numbers of different scorers are not the same metric, whatever they are called.
function mixedScorers(units: readonly EvaluationUnit[]): string {
  const scorers = [...new Set(units.flatMap(({ status, life }) => (status === "COMPLETED" ? life.context.result?.scorer ?? [] : [])))];
  return scorers.length > 1 ? `, compared across different scorers: ${escapeMarkdown(listOf(scorers))}` : "";
}
