import CliTable3 from "cli-table3";

import { formatElapsed } from "../domain/elapsed.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Instant } from "../domain/time.ts";
import { type Paint, toneOf } from "./paint.ts";
import { renderProgress } from "./progress.ts";
import { ranForMs, whyOf } from "./reasons.ts";
import type { StatusView } from "./status-view.ts";
import { type EvaluationUnit, type RunUnit, titleOf } from "./units.ts";

/**
 * Renders runs and evaluations as a table without borders, one line each while it fits.
 *
 * Names and reasons are broken into lines to keep within the width; what is between them keeps its own.
 */
export function renderUnitTable(units: readonly (RunUnit | EvaluationUnit)[], view: StatusView, { now, width, paint }: { now: Instant; width: number; paint: Paint }): string {
  const rows = units.map((unit) => rowOf(unit, view, now));
  const widest = (column: number): number => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  const nameWidth = Math.min(widest(0), Math.max(20, Math.floor(width * 0.35)));
  const taken = margin + nameWidth + [1, 2, 3, 4, 5].reduce((sum, column) => sum + gap + widest(column), 0) + gap;
  const table = new CliTable3({
    chars: noBorders, style: { head: [], border: [], "padding-left": 0, "padding-right": 0 }, wordWrap: true,
    colWidths: [nameWidth, null, null, null, null, null, Math.max(20, width - taken)],
  });
  table.push(head.map((label) => paint("faint", label)));
  units.forEach(({ status }, index) => {
    const [name = "", , ...others] = rows[index] ?? [];
    table.push([{ content: name, wrapOnWordBoundary: false }, paint(toneOf(status), status), ...others]);
  });
  return table.toString().split("\n").map((line) => `${" ".repeat(margin)}${line}`.trimEnd()).join("\n");
}

const head = ["RUN", "STATUS", "EPOCH", "RESULT", "JOB", "ELAPSED", "WHY"] as const;

function rowOf(unit: RunUnit | EvaluationUnit, view: StatusView, now: Instant): string[] {
  const { context } = unit.life;
  const { epoch, result } = renderProgress(unit, view);
  const ms = ranForMs(context, unit.status === "RUNNING" ? now : undefined);
  // A running job says enough by its time, and a control has nothing to be explained.
  const why = unit.status === "RUNNING" ? context.reason : "run" in unit && unit.run.type === "control" ? "" : whyOf(unit.life);
  return [
    plainLine(nameOf(unit)), unit.status, epoch, result, plainLine(context.attempts.at(-1)?.jobId ?? ""),
    ms === undefined ? "" : formatElapsed(ms), plainLine(why ?? ""),
  ];
}

// The epoch has a column of its own.
function nameOf(unit: RunUnit | EvaluationUnit): string {
  return "run" in unit ? titleOf(unit) : `${unit.evaluation.run}/${unit.evaluation.task}`;
}

const margin = 2;
const gap = 2;
const noBorders = {
  top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: " ".repeat(gap),
};
