import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa, type ResultPromise } from "execa";

const make = join(import.meta.dirname, "../../fixtures/inspect/make.py");
const nameLogs = join(import.meta.dirname, "../../fixtures/inspect/eval_ids.py");

// An early one that writes `.eval`, the last that packs by deflate, the first that packs by zstd, and the current one. pandas
// brings evals_df. 0.3.60 does not start with a newer textual.
const requirements: Readonly<Record<string, readonly string[]>> = {
  "0.3.60": ["textual==0.86.3"],
  "0.3.205": [],
  "0.3.206": [],
  "0.3.285": ["pandas", "pyarrow"],
};

/**
 * Before all tests: has each version of inspect-ai make its logs and say what it reads in them.
 *
 * Versions are installed from PyPI into virtual environments in the folder for temporary files, which stay there. Where
 * that cannot be reached, the tests run on the frozen logs, and a loud line says so. Fails where only some versions can
 * be had.
 */
export async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "nightshift-inspect-logs-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const versions = Object.keys(requirements);
  const [current = ""] = versions.slice(-1);
  try {
    const missing = await install(current);
    if (missing !== undefined) {
      process.stderr.write(`\n!!! NOT TESTED ON LOGS OF A REAL INSPECT-AI: inspect-ai ${current} cannot be installed here (${missing}); only its frozen logs are read\n\n`);
      return remove;
    }
    await Promise.all(versions.map(async (version) => {
      const failed = await install(version);
      if (failed !== undefined) throw new Error(`inspect-ai ${version} cannot be installed, though ${current} can: ${failed}`);
      await run(pythonOf(version), [make, folder], { env: { PYTHONDONTWRITEBYTECODE: "1" } });
    }));
    await run(pythonOf(current), [nameLogs, folder]);
  } catch (error) {
    remove();
    throw error;
  }
  process.env["NIGHTSHIFT_INSPECT_LOGS"] = folder;
  return remove;
}

/** Says why a version cannot be installed. */
async function install(version: string): Promise<string | undefined> {
  const place = placeOf(version);
  if (existsSync(join(place, "complete"))) return undefined;
  try {
    mkdirSync(place, { recursive: true });
    await run("python3", ["-m", "venv", place]);
    await run(pythonOf(version), ["-m", "pip", "install", "--quiet", `inspect-ai==${version}`, ...requirements[version] ?? []]);
    writeFileSync(join(place, "complete"), "");
    return undefined;
  } catch (error) {
    return String(error).trim().split("\n").at(-1);
  }
}

function placeOf(version: string): string {
  return join(tmpdir(), "nightshift-inspect-ai", version);
}

function pythonOf(version: string): string {
  return join(placeOf(version), "bin/python");
}

function run(file: string, parameters: readonly string[], options: { readonly env?: Readonly<Record<string, string>> } = {}): ResultPromise {
  return execa(file, parameters, { ...options, stdin: "ignore" });
}
