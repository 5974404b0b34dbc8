import { markdownTable } from "markdown-table";
import { plainLine } from "../domain/plain-text.ts";

/** Renders a table of plain texts; every cell is escaped. Columns are aligned for the eye while lines stay readable. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => escapeMarkdown(cell).replaceAll("|", String.raw`\|`)));
  const aligned = markdownTable(cells);
  return aligned.indexOf("\n") <= widestAligned ? aligned : markdownTable(cells, { alignDelimiters: false });
}

const widestAligned = 140;

/**
 * Escapes what Markdown would take for its own in one line of text: `` ` ``, `*`, `<`, `[`, `~`, `\`, an entity's `&`.
 *
 * Underscores inside a word mean nothing in GitHub's Markdown and stay bare, so that `rank4_lr1e-5` remains readable.
 */
export function escapeMarkdown(text: string): string {
  return plainLine(text)
    .replace(/[\\`*<[~]|&(?=#?\w+;)/gu, String.raw`\$&`)
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`);
}

/** Renders a code span around any text, backticks included. */
export function code(text: string): string {
  const line = plainLine(text);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/gu), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  // A space at both ends is taken away again by the reader, and keeps a leading backtick or space its own.
  const padding = /^[ `]|[ `]$/u.test(line) || line === "" ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Renders `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Renders a label with a list below it. */
export function labelled(label: string, items: readonly string[]): string {
  return [`**${label}:**`, ...items.map((item) => `- ${item}`)].join("\n");
}

/** Renders the first of many, and how many more there are. */
export function firstOf(items: readonly string[], limit = 10): string {
  return items.length <= limit ? items.join(", ") : `${items.slice(0, limit).join(", ")} and ${items.length - limit} more`;
}
