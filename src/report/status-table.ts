import { plainLine } from "../domain/plain-text.ts";
import { renderProblem } from "../domain/problem.ts";
import type { Instant } from "../domain/time.ts";
import { noPaint, type Paint, toneOf } from "./paint.ts";
import { choiceOf, fileToLookAt } from "./reasons.ts";
import { completeRuns } from "./run-status.ts";
import { renderUnitTable } from "./unit-table.ts";
import { hasFailed } from "./status-words.ts";
import { type StatusView, whyExperiment, wordFor } from "./status-view.ts";
import { type EvaluationUnit, evaluationUnits, type RunUnit, runUnits, titleOf } from "./units.ts";
import { wrap } from "./wrap.ts";

export interface StatusOptions {
  /** The end of a running job's time so far. */
  readonly now: Instant;
  /** Columns of the terminal. */
  readonly width?: number;
  readonly paint?: Paint;
}

/**
 * Renders one experiment for a terminal: a line about the whole, a table of runs and evaluations with the reason of each
 * state, and for each failure its cause, the last lines of its output and where that is. Without a line break at the end.
 */
export function renderStatus(view: StatusView, { now, width = 100, paint = noPaint }: StatusOptions): string {
  const { experiment, state } = view;
  const why = whyExperiment(view);
  const problems = view.problems.filter((problem) => renderProblem(problem) !== why);
  const head = [
    renderHeadline(view, paint),
    ...(why === undefined ? [] : [wrap(plainLine(why), width, "  ")]),
    ...problems.map((problem) => wrap(`${problem.severity}: ${plainLine(renderProblem(problem))}`, width, "  ")),
  ];
  if (experiment === undefined || state === undefined) return head.join("\n");
  const units = [...runUnits({ experiment, state }), ...evaluationUnits({ experiment, state })];
  const failures = units.filter(({ status }) => hasFailed(status)).map((unit) => renderFailure(unit, view, width, paint));
  return [...head, "", renderUnitTable(units, view, { now, width, paint }), ...failures.flatMap((text) => ["", text])].join("\n");
}

/** Renders the line about an experiment as a whole: its name, word, share of complete runs and folder. */
export function renderHeadline(view: StatusView, paint: Paint = noPaint): string {
  const { experiment, state, folder } = view;
  const word = wordFor(view);
  const name = plainLine(experiment?.name ?? folder.slice(folder.lastIndexOf("/") + 1));
  const share = experiment === undefined || state === undefined ? "" : `  ${completeRuns({ experiment, state }).length}/${experiment.runs.length} complete`;
  return `${paint("strong", name)}  ${paint(toneOf(word), word)}${share}  ${paint("faint", plainLine(folder))}`;
}

function renderFailure(unit: RunUnit | EvaluationUnit, { tails }: StatusView, width: number, paint: Paint): string {
  const { failure } = unit.life.context;
  const tail = tails?.get("run" in unit ? unit.run.name : unit.key);
  const file = tail?.path ?? fileToLookAt(unit.life.context);
  const choice = choiceOf(unit.life);
  return [
    `  ${paint(toneOf(unit.status), plainLine(titleOf(unit)))}  ${unit.status}${failure === undefined ? "" : `, ${failure.cause}`}`,
    ...(failure === undefined ? [] : [wrap(plainLine(failure.message), width, "    ")]),
    ...(choice === undefined ? [] : [wrap(plainLine(choice), width, "    ")]),
    ...(tail?.lines ?? []).map((line) => paint("faint", `    | ${plainLine(line, Math.max(20, width - 6))}`)),
    ...(file === undefined ? [] : [`    see ${plainLine(file)}`]),
  ].join("\n");
}
