import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

/** The newest version that is compared with. */
export const currentInspect = "0.3.285";

// pandas brings evals_df. 0.3.60 does not start with a newer textual.
const besides: Readonly<Record<string, readonly string[]>> = { "0.3.60": ["textual==0.86.3"], [currentInspect]: ["pandas", "pyarrow"] };

/**
 * Installs a version of inspect-ai from PyPI into a virtual environment in the folder for temporary files, where it stays.
 *
 * @returns Why it cannot be installed; `undefined` where it is.
 */
export async function installInspect(version: string): Promise<string | undefined> {
  const place = placeOf(version);
  if (existsSync(join(place, "complete"))) return undefined;
  try {
    mkdirSync(place, { recursive: true });
    await execa("python3", ["-m", "venv", place], { stdin: "ignore" });
    await execa(inspectPython(version), ["-m", "pip", "install", "--quiet", `inspect-ai==${version}`, ...besides[version] ?? []], { stdin: "ignore" });
    writeFileSync(join(place, "complete"), "");
    return undefined;
  } catch (error) {
    return String(error).trim().split("\n").at(-1);
  }
}

/** The Python of an installed version. */
export function inspectPython(version: string): string {
  return join(placeOf(version), "bin/python");
}

function placeOf(version: string): string {
  return join(tmpdir(), "nightshift-inspect-ai", version);
}
