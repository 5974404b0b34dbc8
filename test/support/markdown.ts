/** Reads the cells of the first table in a text of Markdown, the heads among them. */
export function rowsOf(markdown: string): readonly (readonly string[])[] {
  const table = /(?:^\|.*\n)+/mu.exec(markdown)?.[0] ?? "";
  return table.trimEnd().split("\n").map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim())).filter(([first]) => !/^-+$/u.test(first ?? ""));
}
