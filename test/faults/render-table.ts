import { markdownTable } from "markdown-table";

import type { Row } from "./row.ts";
import type { Topic } from "./table.ts";

/** Renders the faults, whose texts are Markdown themselves, one table for each topic. */
export function renderTopics(topics: readonly Topic[]): string {
  return topics.map(({ title, rows }) => `## ${title}\n\n${markdownTable([head, ...rows.map(cells)], { alignDelimiters: false })}`).join("\n\n");
}

const head = ["What goes wrong", "What nightshift does", "What you see", "How it ends", "Jobs that began"];

function cells({ fault, answer, sentence, ends, ran = {} }: Row): string[] {
  return [fault, answer, sentence, describeEnds(ends), describeRuns(ran)].map((text) => text.replaceAll("|", String.raw`\|`).replaceAll("<", "&lt;"));
}

function describeEnds({ experiment, ...units }: Row["ends"]): string {
  const others = Object.entries(units).map(([unit, status]) => `${unit} ${status}`);
  if (experiment === "none") return "gone";
  return others.length === 0 ? `${experiment}, all COMPLETED` : `${experiment}; ${others.join(", ")}`;
}

function describeRuns(ran: Readonly<Record<string, number>>): string {
  const others = Object.entries(ran).map(([unit, count]) => `${unit} ${["never", "once", "twice"][count] ?? `${count} times`}`);
  return others.length === 0 ? "each once" : `${others.join(", ")}; each other once`;
}
