import { Damage } from "./damage.ts";
import { findLogs, isGone, isSystemError, type LogFile } from "./find-logs.ts";
import type { LogContents } from "./log/log-contents.ts";
import { readLog } from "./log/read-log.ts";

/** What came of reading one log file. */
export type LogReading =
  | GoodReading
  /** `meanwhile`: it changed so lately that it may be in the middle of being rewritten; then it is what it was before, if that was read. */
  | { readonly kind: "unreadable"; readonly file: LogFile; readonly damage: Damage; readonly meanwhile?: { readonly good?: GoodReading } };

type GoodReading = { readonly kind: "read"; readonly file: LogFile; readonly contents: LogContents };

/** Reads the logs of a folder, again only those that changed. */
export type LogReader = (folder: string) => Promise<readonly LogReading[]>;

/**
 * Builds a reader that remembers what it read, by the file's device, inode, size and time.
 *
 * inspect-ai before 0.3.248 rewrites a log in place at every flush, so that for a moment it is no zip file: a log that
 * cannot be read but was changed within the last minute is read once more, and if that fails too it is what it was at
 * the last good reading, or not there yet.
 */
export function logReader(now: () => number): LogReader {
  const folders = new Map<string, ReadonlyMap<string, Memory>>();
  return async (folder) => {
    const before = folders.get(folder);
    const memories = new Map<string, Memory>();
    for (const file of await findLogs(folder)) {
      const memory = await recall(file, before?.get(file.path), now);
      if (memory !== undefined) memories.set(file.path, memory);
    }
    folders.set(folder, memories);
    return [...memories.values()].flatMap((memory) => judge(memory, now()));
  };
}

/** What is remembered of one log file. */
interface Memory {
  readonly file: LogFile;
  /** Whether the file may have been changed since without its time showing it. */
  readonly isFresh: boolean;
  readonly damage?: Damage;
  /** The last good reading, of this version of the file or an earlier one. */
  readonly good?: GoodReading;
}

const youngMs = 60_000;

// Some file systems keep times to two seconds: a file read within them may be changed again unnoticed.
const freshMs = 2_000;

async function recall(file: LogFile, memory: Memory | undefined, now: () => number): Promise<Memory | undefined> {
  if (memory !== undefined && memory.file.version === file.version && !memory.isFresh) return memory;
  const isFresh = Math.abs(now() - file.changedMs) < freshMs;
  try {
    const good = isYoung(file, now()) ? await readTwice(file.path) : await readLog(file.path);
    return { file: good.file, isFresh, good: { kind: "read", ...good } };
  } catch (error) {
    if (isGone(error)) return undefined;
    if (error instanceof Damage) return { file, isFresh, damage: error, ...(memory?.good === undefined ? {} : { good: memory.good }) };
    if (isSystemError(error)) return { file, isFresh: true, damage: new Damage(`is not accessible (${error.code})`, { cause: error }) };
    throw error;
  }
}

async function readTwice(path: string): ReturnType<typeof readLog> {
  try {
    return await readLog(path);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return readLog(path);
  }
}

function isYoung({ changedMs }: LogFile, nowMs: number): boolean {
  return nowMs - changedMs < youngMs;
}

function judge({ file, damage, good }: Memory, nowMs: number): readonly LogReading[] {
  if (damage === undefined) return good === undefined ? [] : [good];
  return [{ kind: "unreadable", file, damage, ...(isYoung(file, nowMs) ? { meanwhile: good === undefined ? {} : { good } } : {}) }];
}
