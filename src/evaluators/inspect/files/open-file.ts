import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";

import { Damage } from "../damage.ts";

/** Reads exactly so many bytes at an offset. Throws Damage where the file ends before them. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** A file that is open for reading: what is renamed over it meanwhile changes nothing. */
export interface OpenFile {
  readonly stats: BigIntStats;
  readonly bytes: number;
  readonly readAt: ReadAt;
  close(): void;
}

/**
 * Opens a file for reading. Throws Damage for what is no file.
 *
 * Little is read at once, as the folders are: the way to another thread and back takes longer than the four calls that a
 * log needs. A pipe is opened without waiting for who might write into it.
 */
export function openFile(path: string): OpenFile {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const close = (): void => closeSync(descriptor);
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw new Damage("is no file");
    return { stats, bytes: Number(stats.size), readAt: async (offset, length) => readWhole(descriptor, offset, length), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads the same, without a second look at a part that is in the memory. */
export function withPart(readAt: ReadAt, partOffset: number, part: Buffer): ReadAt {
  return async (offset, length) => {
    const start = offset - partOffset;
    return start >= 0 && start + length <= part.length ? part.subarray(start, start + length) : readAt(offset, length);
  };
}

async function readWhole(descriptor: number, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const bytes = length <= little ? readSync(descriptor, buffer, done, length - done, offset + done) : (await readLater(descriptor, buffer, done, length - done, offset + done)).bytesRead;
    if (bytes === 0) throw new Damage("became shorter while it was read");
    done += bytes;
  }
  return buffer;
}

const little = 256 * 1024;
const readLater = promisify(read);
