import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderDiagram, renderTable, renderWords } from "../../machines/diagram.ts";
import { type Described, machines } from "./machines.ts";

// UPDATE=1 npx vitest run test/machines writes the generated parts of the page anew.
const file = join(import.meta.dirname, "../../machines/README.md");

describe("machines/README.md", () => {
  test("shows the diagrams and tables of the machines as they are", () => {
    const current = machines.reduce(withGenerated, readFileSync(file, "utf8"));
    if (process.env["UPDATE"] === "1") writeFileSync(file, current);
    expect(readFileSync(file, "utf8")).toBe(current);
  });
});

function withGenerated(text: string, described: Described): string {
  const [begin, end] = [`<!-- generated: ${described.name} -->`, `<!-- end: ${described.name} -->`];
  const [before, rest = ""] = text.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error(`the page has no markers for ${described.name}`);
  return `${before}${begin}\n${renderMachine(described)}\n${end}${after}`;
}

function renderMachine({ machine, states, observations, ignored }: Described): string {
  return [
    renderWords("state", states), renderWords("observation", observations),
    `\`\`\`mermaid\n${renderDiagram(machine)}\n\`\`\``, renderTable(machine, observations, ignored),
  ].join("\n\n");
}
