import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { ensureFolder, writeFileDurably } from "../system/durable-file.ts";
import type { ExperimentState } from "../domain/state.ts";

/**
 * What this machine's user knows of an experiment's state outside its folder: `git checkout`, `git stash`, `cp -r` and
 * restored backups turn the state in the folder back or double it, but never this mirror.
 *
 * A state is written first and the mirror after it, so a mirror that lags by a revision is a crash, not a rollback. Only
 * of a new state the mirror knows first: one that nobody knows is taken for somebody else's.
 */
export interface Mirror {
  /** Why the state in the folder is not to be trusted, or `undefined` when it is. */
  whyForeign(experimentFolder: string, state: ExperimentState): string | undefined;
  /** Records the state in the folder as ours, at this place. */
  record(experimentFolder: string, state: ExperimentState): void;
}

/** The mirror in nightshift's own state folder. */
export function mirrorIn(stateFolder: string): Mirror {
  const folder = join(stateFolder, "experiments");
  const known = new Map<string, string>();
  const fileOf = (state: ExperimentState): string => join(folder, `${state.id}.json`);
  return {
    whyForeign: (experimentFolder, state) => {
      const recorded = readRecord(fileOf(state));
      if (recorded === undefined) return "its state was written elsewhere (a clone, or another machine or account)";
      const here = placeOf(experimentFolder);
      if (recorded.device !== here.device || recorded.inode !== here.inode) {
        return recorded.path === here.path ? "its folder was replaced by another one" : `its state belongs to ${recorded.path} (a copy, or a moved folder)`;
      }
      if (state.revision < recorded.revision) return `its state went back from revision ${recorded.revision} to ${state.revision} (git checkout, stash, or a restored backup)`;
      return undefined;
    },
    record: (experimentFolder, state) => {
      const text = `${JSON.stringify({ ...placeOf(experimentFolder), experiment: state.experiment, revision: state.revision }, undefined, 2)}\n`;
      const file = fileOf(state);
      if (known.get(file) === text) return;
      ensureFolder(folder);
      writeFileDurably(file, text);
      known.set(file, text);
    },
  };
}

const recordSchema = z.object({ path: z.string(), device: z.number(), inode: z.number(), revision: z.number() });

function readRecord(file: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Missing or torn, the answer is the same: this user knows nothing of that state, and a person decides.
    return undefined;
  }
}

function placeOf(folder: string): { path: string; device: number; inode: number } {
  const { dev, ino } = statSync(folder);
  return { path: folder, device: dev, inode: ino };
}
