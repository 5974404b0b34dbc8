import { readFileSync, writeFileSync } from "node:fs";

/** Reads the text that `fixtures/reports/{name}` holds; with `UPDATE=1` the one at hand is written there first, to be reviewed as a diff. */
export function golden(name: string, text: string): string {
  const file = new URL(`../../fixtures/reports/${name}`, import.meta.url);
  if (process.env["UPDATE"] === "1") writeFileSync(file, text);
  return readFileSync(file, "utf8");
}
