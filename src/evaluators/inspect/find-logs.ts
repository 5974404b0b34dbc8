import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isLogName } from "./log-name.ts";

/** A log file as the file system shows it. */
export interface LogFile {
  readonly path: string;
  /** Changes with every rewriting: device, inode, size and time of the last change. */
  readonly version: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** Finds the log files that stand in a folder itself; none where there is no such folder. */
export async function findLogs(folder: string): Promise<readonly LogFile[]> {
  const names = await readNames(folder);
  const found = await Promise.all(names.filter(isLogName).toSorted().map((name) => findLog(join(folder, name))));
  return found.filter((file) => file !== undefined);
}

async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

async function findLog(path: string): Promise<LogFile | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    // Opening a pipe or a device with a log's name would never return.
    return stats.isFile() ? describeFile(path, stats) : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Describes a file by its status. */
export function describeFile(path: string, stats: BigIntStats): LogFile {
  const { dev, ino, size, mtimeNs } = stats;
  return { path, version: `${dev}:${ino}:${size}:${mtimeNs}`, bytes: Number(size), changedMs: Number(mtimeNs / 1_000_000n) };
}

/** Whether an error only says that there is no such file or folder (any more). */
export function isGone(error: unknown): boolean {
  return isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ELOOP");
}

/** Whether an error comes from the operating system. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}
