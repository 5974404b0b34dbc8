import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { ExperimentState } from "../domain/state.ts";
import { ensureFolder, writeFileDurably } from "../system/durable-file.ts";
import { placeSchema } from "../system/place.ts";
import { parseEvalJobs } from "./parse-eval-jobs.ts";

/** What is noted outside of one state, by its id. */
export interface MirrorRecord extends z.infer<typeof recordSchema> {
  readonly id: string;
}

const recordSchema = placeSchema.extend({
  experiment: z.string(), revision: z.number(),
  /** Of the text that was written under this revision. */
  digest: z.string().optional(),
  /** Whether any job was, or may have been, with the scheduler. */
  hasJobs: z.boolean().optional(),
  user: z.string().optional(), machine: z.string().optional(), token: z.string().optional(),
});

/** The notes in nightshift's own folder: a small record for each state, and the last text of each beside it. */
export interface MirrorRecords {
  read(id: string): MirrorRecord | undefined;
  readAll(): readonly MirrorRecord[];
  write(record: MirrorRecord): void;
  /** Makes the records of a state that does not count any more go out of sight. */
  retire(id: string): void;
  /** Removes those of a state that was never written. */
  remove(id: string): void;
  writeText(id: string, text: string): void;
  readState(id: string): ExperimentState | undefined;
}

/** Opens the notes in a folder that need not be there yet. */
export function mirrorRecordsIn(stateFolder: string): MirrorRecords {
  const [records, texts] = [join(stateFolder, "experiments"), join(stateFolder, "states")];
  const known = new Map<string, { readonly mtimeMs: number; readonly record: MirrorRecord | undefined }>();
  const read = (id: string): MirrorRecord | undefined => {
    const file = join(records, `${id}.json`);
    const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined) return undefined;
    const before = known.get(id);
    if (before?.mtimeMs === mtimeMs) return before.record;
    const record = parseRecord(id, file);
    known.set(id, { mtimeMs, record });
    return record;
  };
  return {
    read,
    readAll: () => namesIn(records).filter((name) => name.endsWith(".json")).flatMap((name) => read(name.slice(0, -".json".length)) ?? []),
    write: ({ id, ...record }) => {
      ensureFolder(records);
      writeFileDurably(join(records, `${id}.json`), `${JSON.stringify(record, undefined, 2)}\n`);
      known.delete(id);
    },
    retire: (id) => {
      if (read(id) === undefined) return;
      renameSync(join(records, `${id}.json`), join(records, `${id}.retired`));
      known.delete(id);
    },
    remove: (id) => {
      rmSync(join(records, `${id}.json`), { force: true });
      known.delete(id);
    },
    writeText: (id, text) => {
      ensureFolder(texts);
      const temp = join(texts, `.${id}-${process.pid}.tmp`);
      try {
        // No fsync: what a power failure takes is a convenience, and eval_jobs.json itself is durable.
        writeFileSync(temp, text);
        renameSync(temp, join(texts, `${id}.json`));
      } finally {
        rmSync(temp, { force: true });
      }
    },
    readState: (id) => {
      try {
        const parsed = parseEvalJobs(readFileSync(join(texts, `${id}.json`), "utf8"));
        return "state" in parsed && parsed.state.id === id ? parsed.state : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

function parseRecord(id: string, file: string): MirrorRecord | undefined {
  try {
    return { id, ...recordSchema.parse(JSON.parse(readFileSync(file, "utf8"))) };
  } catch {
    // Missing or torn, the answer is the same: this user knows nothing of that state, and a person decides.
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
