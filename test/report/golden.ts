import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "vitest";

/** Holds a text against `fixtures/reports/{name}`; with `UPDATE=1` it is written there instead, to be reviewed as a diff. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(`../../fixtures/reports/${name}`, import.meta.url);
  if (process.env["UPDATE"] === "1") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
}
