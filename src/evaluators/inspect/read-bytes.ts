import type { FileHandle } from "node:fs/promises";
import { Damage } from "./damage.ts";

/** Reads exactly so many bytes at an offset of an open file. Throws Damage where the file ends before them. */
export async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new Damage("became shorter while it was read");
    done += bytesRead;
  }
  return buffer;
}
