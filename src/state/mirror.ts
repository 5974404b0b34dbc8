import { readdirSync, readFileSync, statSync } from "node:fs";
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
  /** Why the state in the folder, or that there is none, is not to be trusted; `undefined` when it is. */
  whyForeign(experimentFolder: string, state: ExperimentState | undefined): string | undefined;
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
      const here = placeOf(experimentFolder);
      if (state === undefined) {
        // Revision 0 was announced but never written: a crash in between, and nothing was submitted.
        const had = readRecords(folder).some((recorded) => recorded.revision > 0 && recorded.path === here.path && isSamePlace(recorded, here));
        return had ? "its eval_jobs.json is gone (git clean, checkout or stash, or deleted), and jobs may have been submitted for it" : undefined;
      }
      const recorded = readRecord(fileOf(state));
      if (recorded === undefined) return "its state was written elsewhere (a clone, or another machine or account)";
      if (!isSamePlace(recorded, here)) {
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

function readRecords(folder: string): readonly z.infer<typeof recordSchema>[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => readRecord(join(folder, name)) ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

// The device's number is the mount's, and on network file systems and some disks it changes with every mount and reboot.
function isSamePlace(one: Place, other: Place): boolean {
  return one.inode === other.inode && (one.device === other.device || one.path === other.path);
}

interface Place {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

function placeOf(folder: string): Place {
  const { dev, ino } = statSync(folder);
  return { path: folder, device: dev, inode: ino };
}
