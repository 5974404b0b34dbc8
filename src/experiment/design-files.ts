import { type BigIntStats, constants, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A summary, script or configuration as it was read. */
export interface DesignContent {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Absent where it could not be used. */
  readonly bytes?: Buffer;
  /** Why it could not be used, as the end of a sentence. */
  readonly fault?: string;
}

/**
 * Reads a design file by its absolute path; `undefined` when there is none.
 *
 * Answers with the very same content for as long as a file does not change, so that looking again costs next to nothing.
 */
export async function readDesignFile(path: string): Promise<DesignContent | undefined> {
  try {
    const stats = statSync(path, { bigint: true });
    const before = known.get(path);
    if (before?.version === versionOf(stats)) return before.content;
    known.delete(path);
    // Without O_NONBLOCK, opening a pipe that somebody put there would never return.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readOpen(path, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    return faultOf(error as NodeJS.ErrnoException);
  }
}

const known = new Map<string, { readonly version: string; readonly content: DesignContent }>();

async function readOpen(path: string, file: FileHandle): Promise<DesignContent> {
  const stats = await file.stat({ bigint: true });
  const times = { size: Number(stats.size), mtimeMs: Number(stats.mtimeNs / 1_000_000n), ctimeMs: Number(stats.ctimeNs / 1_000_000n) };
  if (!stats.isFile()) return { ...times, fault: "is not a file" };
  if (times.size > maxBytes) return { ...times, fault: "is larger than 1 MB" };
  const content = { ...times, bytes: await file.readFile() };
  // A file that is written twice within a tick of its clock looks the same afterwards.
  if (Date.now() - Math.max(times.ctimeMs, times.mtimeMs) > tickMs) known.set(path, { version: versionOf(stats), content });
  return content;
}

function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

const maxBytes = 1_000_000;
const tickMs = 3000;

function faultOf(error: NodeJS.ErrnoException): DesignContent | undefined {
  switch (error.code ?? "") {
    case "ENOENT": case "ENOTDIR": return undefined;
    case "EACCES": case "EPERM": return { ...noTimes, fault: `cannot be read (${error.code})` };
    case "ELOOP": return { ...noTimes, fault: "is a link that leads round in circles" };
    case "EISDIR": case "ENXIO": return { ...noTimes, fault: "is not a file" };
    default: throw error;
  }
}

const noTimes = { size: 0, mtimeMs: 0, ctimeMs: 0 };
