import type { Problem } from "../../domain/problem.ts";

/** Waits for what the file system says of a path; undefined where there is nothing (any more), or nothing we may read. */
export type Look = <Value>(answer: Promise<Value>, path: string) => Promise<Value | undefined>;

/**
 * Builds a look that collects what may not be read as Problems, one for each path.
 *
 * Any other error is an outage (a stale handle, a lost mount) and is thrown: no answer does not mean that nothing is there.
 */
export function lookCollecting(problems: Problem[]): Look {
  return async (answer, path) => {
    try {
      return await answer;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (absences.has(code)) return undefined;
      if (code !== "EACCES" && code !== "EPERM") throw error;
      if (!problems.some(({ file }) => file === path)) problems.push({ severity: "warning", message: `cannot be read (${code})`, file: path, advice: "Give yourself the right to read it" });
      return undefined;
    }
  };
}

const absences: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);
