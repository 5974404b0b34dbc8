import { stripVTControlCharacters } from "node:util";

/**
 * Finds the logs that inspect-ai names in the output of a job, without their folders and without any white space.
 *
 * It prints `Log: logs/2025-10-24T00-31-12+00-00_cap_id.eval` when it is done and `Resume task with: inspect eval-retry PATH`
 * where it was interrupted, broken into lines of 80 columns, in a frame or not: so all white space is taken out first. A path that
 * it cut short (`…`) names nothing.
 */
export function parseLogNames(output: string): readonly string[] {
  const text = withoutSpace(stripVTControlCharacters(output).replace(/[│|]/gu, ""));
  return [...new Set([...text.matchAll(namedLog)].map(({ groups }) => groups?.["name"] ?? ""))];
}

const namedLog = /(?:Log:|Resumetaskwith:inspecteval-retry)[^…]{0,1000}?(?<name>\d{4}-\d{2}-\d{2}T\d{2}[-:]\d{2}[-:]\d{2}[^/\\…]{0,400}?\.(?:eval|json))/gu;

/** A log's name as `parseLogNames` gives it. */
export function withoutSpace(name: string): string {
  return name.replace(/\s+/gu, "");
}
