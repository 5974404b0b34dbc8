import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

import { currentInspect, inspectPython, installInspect } from "../support/inspect-ai.ts";

const make = join(import.meta.dirname, "../../fixtures/inspect/make.py");
const nameLogs = join(import.meta.dirname, "../../fixtures/inspect/eval_ids.py");

// An early one that writes `.eval`, the last that packs by deflate, the first that packs by zstd, and the current one.
const versions = ["0.3.60", "0.3.205", "0.3.206", currentInspect];

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
  try {
    const missing = await installInspect(currentInspect);
    if (missing !== undefined) {
      process.stderr.write(`\n!!! NOT TESTED ON LOGS OF A REAL INSPECT-AI: inspect-ai ${currentInspect} cannot be installed here (${missing}); only its frozen logs are read\n\n`);
      return remove;
    }
    await Promise.all(versions.map(async (version) => {
      const failed = await installInspect(version);
      if (failed !== undefined) throw new Error(`inspect-ai ${version} cannot be installed, though ${currentInspect} can: ${failed}`);
      await execa(inspectPython(version), [make, folder], { env: { PYTHONDONTWRITEBYTECODE: "1" }, stdin: "ignore" });
    }));
    await execa(inspectPython(currentInspect), [nameLogs, folder], { stdin: "ignore" });
  } catch (error) {
    remove();
    throw error;
  }
  process.env["NIGHTSHIFT_INSPECT_LOGS"] = folder;
  return remove;
}
