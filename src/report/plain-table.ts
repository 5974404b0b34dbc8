import CliTable3 from "cli-table3";

/** Columns between two cells. */
export const gap = 2;

/** Renders rows as a table without borders, a cell of several lines over several lines. Without a line break at the end. */
export function renderPlainTable(rows: readonly (readonly string[])[], margin = 0): string {
  const table = new CliTable3({ chars: noBorders, style: { head: [], border: [], "padding-left": 0, "padding-right": 0 } });
  table.push(...rows.map((row) => [...row]));
  return table.toString().split("\n").map((line) => `${" ".repeat(margin)}${line}`.trimEnd()).join("\n");
}

const noBorders = {
  top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: " ".repeat(gap),
};
