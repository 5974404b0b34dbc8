import { markdownTable } from "markdown-table";

import { figuresOf } from "./figures.ts";
import type { RoundResult } from "./round.ts";
import type { TortureResult } from "./torture.ts";

/** Renders what tortures came to as a Markdown table, a column for each scheduler. */
export function renderFigures(results: readonly TortureResult[]): string {
  const columns = results.map(figuresOf);
  const rows = (columns[0] ?? []).map(([name], row) => [name, ...columns.map((column) => String(column[row]?.[1] ?? ""))]);
  // What came out in a way that none of them had is not worth a line.
  const telling = rows.filter(([name = "", ...figures]) => !name.startsWith("– ") || figures.some((figure) => figure !== "0" && figure !== "–"));
  return markdownTable([["", ...results.map(({ scheduler }) => titles[scheduler])], ...telling], { align: ["l", ...results.map(() => "r")] });
}

const titles: Readonly<Record<TortureResult["scheduler"], string>> = { "local": "this machine", "slurm": "SLURM", "slurm-without-accounting": "SLURM without accounting" };

/** Renders what is wrong about a round, and what it takes to see it again. */
export function renderFailure({ round, course, complaints, stage }: RoundResult): string {
  return [
    `${round.name}:`, ...course.kills.map(({ at }) => `  killed at ${at}`),
    ...complaints.flatMap((text) => text.split("\n").map((line, index) => `  ${index === 0 ? "-" : " "} ${line}`)),
    `  kept: ${stage.folder}`, `  again: npm run torture -- --replay ${stage.folder}/plan.json`,
  ].join("\n");
}
