import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import type { Surroundings } from "../support/workplace.ts";

/** Shell commands that stand before one of SLURM's programs, so that a test may do something in the middle of a call. */
export interface Interposed {
  /** `sbatch`, `squeue`. */
  readonly program: string;
  /**
   * Commands of sh, with the path of the program in `$real` and its arguments in `$@`: `exec "$real" "$@"` leaves it the
   * process.
   */
  readonly lines: string;
}

/** Puts programs of a test's own before SLURM's, below a folder. Gives what nightshift has to be started with to find them. */
export function interpose(folder: string, { env = {} }: Surroundings, programs: readonly Interposed[]): Surroundings {
  const bin = join(folder, "bin");
  const path = process.env["PATH"] ?? "";
  mkdirSync(bin, { recursive: true });
  for (const { program, lines } of programs) {
    const real = path.split(delimiter).map((each) => join(each, program)).find((file) => existsSync(file)) ?? program;
    writeFileSync(join(bin, program), `#!/bin/sh\nreal='${real}'\n${lines}\n`);
    chmodSync(join(bin, program), 0o755);
  }
  return { env: { ...env, PATH: `${bin}${delimiter}${path}` } };
}
