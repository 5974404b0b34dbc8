import { createHash } from "node:crypto";
import { relative } from "node:path";

import type { DesignFile } from "../domain/experiment-reading.ts";
import type { Places } from "../domain/places.ts";
import type { ReadDesign } from "./read-design.ts";

/** The files in use, by run name and evaluation key: the script, then its configurations. Absolute paths. */
export type DesignUnits = ReadonlyMap<string, readonly string[]>;

/** Lists which files belong to which run and evaluation. Those without a script are left out. */
export function listUnits({ runs, evaluations }: Places): DesignUnits {
  const units = new Map<string, string[]>();
  for (const [name, { script, configFiles }] of [...runs, ...evaluations]) {
    if (script === undefined) continue;
    // A run may be called what an evaluation's key is; then the one name stands for the files of both.
    units.set(name, [...(units.get(name) ?? []), script, ...configFiles]);
  }
  return units;
}

/** Hashes the files of each unit: the first 16 hex digits of SHA-256 over their names and bytes. */
export function hashUnits(units: DesignUnits, design: ReadDesign, folder: string): ReadonlyMap<string, string> {
  return new Map([...units].map(([name, files]) => {
    const hash = createHash("sha256");
    for (const file of files) {
      const { bytes = Buffer.alloc(0) } = design.content(file) ?? {};
      hash.update(`${relative(folder, file)}\0${bytes.length}\0`).update(bytes);
    }
    return [name, hash.digest("hex").slice(0, 16)];
  }));
}

/** Describes the files of all units, by relative path. */
export function describeUnits(units: DesignUnits, design: ReadDesign, folder: string): readonly DesignFile[] {
  return [...new Set([...units.values()].flat())].flatMap((file) => {
    const content = design.content(file);
    if (content === undefined) return [];
    const { size, mtimeMs, ctimeMs } = content;
    return [{ path: relative(folder, file), size, mtimeMs, ctimeMs }];
  });
}
