import { formatElapsed } from "../domain/elapsed.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Instant } from "../domain/time.ts";
import { unknown } from "./numbers.ts";
import { type Paint, toneOf } from "./paint.ts";
import { gap, renderPlainTable } from "./plain-table.ts";
import { renderProgress } from "./progress.ts";
import { choiceOf, ranForMs, whyOf } from "./reasons.ts";
import { hasFailed } from "./status-words.ts";
import type { StatusView } from "./status-view.ts";
import { type EvaluationUnit, type RunUnit, titleOf } from "./units.ts";
import { wrap } from "./wrap.ts";

/**
 * Renders runs and evaluations as a table without borders, one line each while it fits.
 *
 * Names and reasons are broken into lines to keep within the width; what stands between them is short.
 */
export function renderUnitTable(units: readonly (RunUnit | EvaluationUnit)[], view: StatusView, { now, width, paint }: { now: Instant; width: number; paint: Paint }): string {
  const rows = units.map((unit) => ({ unit, cells: cellsOf(unit, view, now) }));
  const widest = (column: number): number => Math.max(head[column]?.length ?? 0, ...rows.map(({ cells }) => cells[column]?.length ?? 0));
  const between = [1, 2, 3, 4, 5].reduce((sum, column) => sum + gap + widest(column), margin + gap);
  const nameWidth = Math.min(widest(0), Math.max(leastName, Math.min(Math.floor(width * 0.35), width - between - leastReason)));
  const reasonWidth = Math.max(leastReason, width - between - nameWidth);
  const lines = rows.map(({ unit, cells: [name = "", status = "", epoch = "", result = "", job = "", elapsed = "", why = ""] }) =>
    [wrap(name, nameWidth), paint(status === unknown ? "faint" : toneOf(unit.status), status), epoch, result, job, elapsed, wrap(why, reasonWidth)]);
  return renderPlainTable([head.map((label) => paint("faint", label)), ...lines], margin);
}

const head = ["RUN", "STATUS", "EPOCH", "RESULT", "JOB", "ELAPSED", "WHY"] as const;

function cellsOf(unit: RunUnit | EvaluationUnit, view: StatusView, now: Instant): string[] {
  const isControl = "run" in unit && unit.run.type === "control";
  const { epoch, result } = renderProgress(unit, view);
  const ms = ranForMs(unit.life.context, unit.status === "RUNNING" ? now : undefined);
  return [
    plainLine(nameOf(unit)), isControl ? unknown : unit.status, epoch, result, plainLine(unit.life.context.attempts.at(-1)?.jobId ?? ""),
    ms === undefined ? "" : formatElapsed(ms), isControl ? "control, not trained" : plainLine(reasonOf(unit) ?? ""),
  ];
}

// A running job says enough by its time; a failure is told in full below the table.
function reasonOf({ life, status }: RunUnit | EvaluationUnit): string | undefined {
  if (status === "RUNNING") return life.context.reason;
  if (hasFailed(status)) return life.context.failure?.cause ?? life.context.reason;
  return [whyOf(life), status === "COMPLETED" ? choiceOf(life) : undefined].filter((part) => part !== undefined).join("; ");
}

// The epoch has a column of its own.
function nameOf(unit: RunUnit | EvaluationUnit): string {
  return "run" in unit ? titleOf(unit) : `${unit.evaluation.run}/${unit.evaluation.task}`;
}

const margin = 2;
const leastName = 16;
const leastReason = 12;
