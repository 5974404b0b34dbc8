import type { EvaluationUnit, RunUnit } from "./units.ts";

type Units = readonly (RunUnit | EvaluationUnit)[];

/** The folders that hold the checkpoints of these runs, each once. */
export function checkpointFolders(units: Units): string[] {
  return unique(units.map(({ life: { context: { result } } }) => (result !== undefined && "checkpointFolder" in result ? result.checkpointFolder : undefined)));
}

/** The logs that were read of these evaluations, each once. */
export function logsOf(units: Units): string[] {
  return unique(units.map(({ life: { context: { result } } }) => (result !== undefined && "log" in result && result.printed !== true ? result.log : undefined)));
}

/** The folders of those logs with a slash at the end, as the users' documents write them; each once. */
export function logFolders(units: Units): string[] {
  return unique(logsOf(units).map((log) => `${commonFolder([log])}/`));
}

/**
 * The deepest folder that holds all of these files, `.` for the one that relative paths start from.
 *
 * Files with an absolute path lie outside the experiment; where others do not, those others decide.
 */
export function commonFolder(files: readonly string[]): string {
  const inside = files.filter((file) => !file.startsWith("/"));
  const [first = [], ...others] = (inside.length > 0 ? inside : files).map((file) => file.split("/").slice(0, -1));
  const end = first.findIndex((part, index) => others.some((parts) => parts[index] !== part));
  const folder = first.slice(0, end === -1 ? first.length : end).join("/");
  if (folder !== "") return folder;
  return inside.length > 0 || files.length === 0 ? "." : "/";
}

function unique(paths: readonly (string | undefined)[]): string[] {
  return [...new Set(paths.filter((path) => path !== undefined))];
}
