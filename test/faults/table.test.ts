import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderTopics } from "./render-table.ts";
import { topics } from "./table.ts";

// UPDATE=1 npx vitest run test/faults/table.test.ts writes the generated part of the page anew.
const file = join(import.meta.dirname, "../../docs/faults.md");
const [begin, end] = ["<!-- generated: faults -->", "<!-- end: faults -->"];

describe("docs/faults.md", () => {
  test("shows every fault that is played, as it is held to", () => {
    const text = readFileSync(file, "utf8");
    const [before, rest = ""] = text.split(begin);
    const [, after] = rest.split(end);
    if (before === undefined || after === undefined) throw new Error("the page has no markers");
    const current = `${before}${begin}\n${renderTopics(topics)}\n${end}${after}`;
    if (process.env["UPDATE"] === "1") writeFileSync(file, current);
    expect(readFileSync(file, "utf8")).toBe(current);
  });

  test("names no fault twice", () => {
    const faults = topics.flatMap(({ rows }) => rows.map(({ fault }) => fault));
    expect(faults.filter((fault, index) => faults.indexOf(fault) !== index)).toEqual([]);
  });
});
