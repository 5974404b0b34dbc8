import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { DesignFile } from "../domain/experiment-reading.ts";
import type { Problem } from "../domain/problem.ts";
import { decodeText } from "./decode-text.ts";
import { type DesignContent, readDesignFile } from "./design-files.ts";
import { memoized } from "./memoized.ts";
import { type ParsedSummary, parseSummary } from "./parse-summary.ts";

/** The name of the file that makes a folder an experiment. */
export const summaryName = "experiment_summary.yaml";

/** Reads and understands the summary of an experiment, as far as there is one. */
export async function readSummary(folder: string): Promise<ParsedSummary & { readonly file?: DesignFile }> {
  const content = await readDesignFile(join(folder, summaryName));
  if (content === undefined) return { problems: [await whatIsMissing(folder)], aliases: [] };
  const { size, mtimeMs, ctimeMs } = content;
  return { ...understand(content, folder), file: { path: summaryName, size, mtimeMs, ctimeMs } };
}

const understand = memoized((content: DesignContent, folder: string): ParsedSummary => {
  const { bytes, fault = "cannot be read" } = content;
  if (bytes === undefined) return { problems: [{ severity: "error", message: `the summary ${fault}`, file: summaryName }], aliases: [] };
  const decoded = decodeText(bytes, summaryName);
  return "problem" in decoded ? { problems: [decoded.problem], aliases: [] } : parseSummary(decoded.text, { file: summaryName, folder });
});

async function whatIsMissing(folder: string): Promise<Problem> {
  const names = await readdir(folder).catch((): string[] => []);
  const other = ["experiment_summary.yml", "experiment_summary.md"].find((name) => names.includes(name));
  const advice = {
    "experiment_summary.yml": `Rename it to ${summaryName}`,
    "experiment_summary.md": `The form of 2025 is not read; write ${summaryName}, as the design-experiment skill does`,
  }[other ?? ""];
  return {
    severity: "error", message: `${summaryName} not found`, file: other ?? summaryName, expected: summaryName,
    ...(other === undefined ? {} : { found: other }),
    advice: advice ?? "Run the design-experiment skill first",
  };
}
