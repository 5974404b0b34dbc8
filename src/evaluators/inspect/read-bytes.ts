import type { FileHandle } from "node:fs/promises";
import { Damage } from "./damage.ts";

/** Reads exactly so many bytes at an offset. Throws Damage where the file ends before them. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** Reads an open file. */
export function bytesOf(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
      if (bytesRead === 0) throw new Damage("became shorter while it was read");
      done += bytesRead;
    }
    return buffer;
  };
}

/** Reads the same, without a second look at a part that is in the memory. */
export function withPart(readAt: ReadAt, partOffset: number, part: Buffer): ReadAt {
  return async (offset, length) => {
    const start = offset - partOffset;
    return start >= 0 && start + length <= part.length ? part.subarray(start, start + length) : readAt(offset, length);
  };
}
