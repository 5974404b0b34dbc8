import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { ensureFolder, writeFileDurably } from "../system/durable-file.ts";

/** A watched folder's memory of what stood in it before it was watched. */
export interface WatchedRoot {
  /** Whether an experiment stood there already, under this name or as this very folder, when the watching began. */
  stoodBefore(experimentFolder: string): boolean;
  /** Notes that the folder is still being watched. */
  touch(nowMs: number): void;
  /** Ends the watching: whatever stands there at the next start has "stood there before". */
  close(): void;
}

/**
 * Begins, or goes on with, the watching of a folder.
 *
 * A daemon that was killed did not stop watching: experiments dropped while it was away were dropped into a watched
 * folder. One that was stopped by a person, or by the system's own TERM, did; and so did one of which nothing was heard
 * for a day: what somebody copied there meanwhile was not meant for it.
 */
export function openRoot(stateFolder: string, root: string, experiments: readonly string[], nowMs: number): WatchedRoot {
  const folder = join(stateFolder, "roots");
  const file = join(folder, `${createHash("sha256").update(root).digest("hex").slice(0, 16)}.json`);
  const earlier = readRecord(file);
  const isGoingOn = earlier !== undefined && earlier.is_watched && Math.abs(nowMs - earlier.seen_at_ms) < longestAbsenceMs;
  const record = isGoingOn ? earlier : { root, is_watched: true, seen_at_ms: nowMs, stood_before: experiments.flatMap(identityOf) };
  const save = (isWatched: boolean, seenAtMs: number): void => {
    ensureFolder(folder);
    writeFileDurably(file, `${JSON.stringify({ ...record, is_watched: isWatched, seen_at_ms: seenAtMs }, undefined, 2)}\n`);
  };
  save(true, nowMs);
  return {
    stoodBefore: (experimentFolder) => identityOf(experimentFolder).some((one) => record.stood_before.some((other) => other.path === one.path || (other.device === one.device && other.inode === one.inode))),
    touch: (seenAtMs) => save(true, seenAtMs),
    close: () => save(false, nowMs),
  };
}

const longestAbsenceMs = 24 * 3_600_000;

const recordSchema = z.object({
  root: z.string(), is_watched: z.boolean(), seen_at_ms: z.number(), stood_before: z.array(z.object({ path: z.string(), device: z.number(), inode: z.number() })),
});

function readRecord(file: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Missing or torn: as if the folder had never been watched, so that everything in it is held.
    return undefined;
  }
}

function identityOf(path: string): { path: string; device: number; inode: number }[] {
  try {
    const { dev, ino } = statSync(path);
    return [{ path, device: dev, inode: ino }];
  } catch {
    return [];
  }
}
