import type { FileHandle } from "node:fs/promises";
import { Damage } from "./damage.ts";
import { readBytes } from "./read-bytes.ts";
import { buildZipEnd, parseZipEnd, zipTailBytes } from "./zip-end.ts";

/** One member as the central directory describes it. */
export interface ZipMember {
  readonly name: string;
  /** 0 stored, 8 deflate, 93 zstd. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its local header starts. */
  readonly offset: number;
}

/**
 * Reads the central directory of an open zip file: its members by name, in the directory's order.
 *
 * Of members with the same name the last one counts, as for inspect-ai, which appends a new version and leaves the old
 * one in place. Throws Damage.
 */
export async function readZipDirectory(file: FileHandle, fileBytes: number): Promise<ReadonlyMap<string, ZipMember>> {
  if (fileBytes === 0) throw new Damage("is empty");
  const tailOffset = Math.max(0, fileBytes - zipTailBytes);
  const tail = await readBytes(file, tailOffset, fileBytes - tailOffset);
  const end = parseZipEnd(tail, fileBytes);
  if (end.bytes > maxDirectoryBytes) throw new Damage("has a directory too large to be read");
  const directory = end.offset >= tailOffset
    ? tail.subarray(end.offset - tailOffset, end.offset - tailOffset + end.bytes)
    : await readBytes(file, end.offset, end.bytes);
  return byName(await listEntries(Buffer.concat([directory, buildZipEnd(end)])));
}

// 200,000 samples take some 30 MB.
const maxDirectoryBytes = 256 * 2 ** 20;

async function listEntries(directory: Buffer): Promise<readonly Entry[]> {
  // Imported late: it takes 40 ms, which a command that reads no log need not wait for.
  const { default: unzipper } = await import("unzipper");
  try {
    return (await unzipper.Open.buffer(directory)).files;
  } catch (cause) {
    throw new Damage("has a damaged directory", { cause });
  }
}

/** What is used of unzipper's entries. Sizes and offsets are missing where a ZIP64 field is. */
interface Entry {
  readonly signature: number;
  readonly path: string;
  readonly compressionMethod: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedSize?: number;
  readonly uncompressedSize?: number;
  readonly offsetToLocalFileHeader?: number;
}

function byName(entries: readonly Entry[]): ReadonlyMap<string, ZipMember> {
  const members = new Map<string, ZipMember>();
  for (const entry of entries) {
    const { compressedSize, uncompressedSize, offsetToLocalFileHeader } = entry;
    if (entry.signature !== 0x02014b50 || compressedSize === undefined || uncompressedSize === undefined || offsetToLocalFileHeader === undefined) {
      throw new Damage("has a damaged directory");
    }
    members.set(entry.path, {
      name: entry.path,
      method: entry.compressionMethod,
      encrypted: (entry.flags & 1) === 1,
      crc32: entry.crc32,
      packedBytes: compressedSize,
      bytes: uncompressedSize,
      offset: offsetToLocalFileHeader,
    });
  }
  return members;
}
