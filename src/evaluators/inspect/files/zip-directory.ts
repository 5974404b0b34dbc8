import { Damage } from "../damage.ts";

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
 * Parses a central directory (APPNOTE 4.3.12): the members by name, in the directory's order.
 *
 * Of members with the same name the last one counts, as for inspect-ai, which appends a new version and leaves the old
 * one in place. Throws Damage.
 *
 * No library's: unzipper 0.12 spends a stream and two promises on each entry, five times what reading a whole log takes
 * otherwise, and must be given its end record anew, since it takes the first signature for the end. Tests hold this one
 * against it.
 */
export function parseZipDirectory(directory: Buffer, entries: number): ReadonlyMap<string, ZipMember> {
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let index = 0; index < entries; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== entrySignature) throw new Damage("has a damaged directory");
    const nameAt = at + 46;
    const extraAt = nameAt + directory.readUInt16LE(at + 28);
    const end = extraAt + directory.readUInt16LE(at + 30);
    const next = end + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw new Damage("has a damaged directory");
    // Always UTF-8, whatever the flags say.
    const name = directory.toString("utf8", nameAt, extraAt);
    const [bytes, packedBytes, offset] = widened([directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)], directory.subarray(extraAt, end));
    members.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      crc32: directory.readUInt32LE(at + 16),
      packedBytes,
      bytes,
      offset,
    });
    at = next;
  }
  return members;
}

const entrySignature = 0x02014b50;

type Sizes = readonly [bytes: number, packedBytes: number, offset: number];

/** Takes from the ZIP64 field, in this order, what is too large for its own (APPNOTE 4.5.3). */
function widened(sizes: Sizes, extra: Buffer): Sizes {
  if (!sizes.includes(tooLarge)) return sizes;
  const field = zip64Field(extra);
  let at = 0;
  const wide = (size: number): number => {
    if (size !== tooLarge) return size;
    if (field === undefined || at + 8 > field.length) throw new Damage("has a damaged directory");
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  };
  return [wide(sizes[0]), wide(sizes[1]), wide(sizes[2])];
}

const tooLarge = 0xffffffff;

function zip64Field(extra: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + bytes);
    at += 4 + bytes;
  }
  return undefined;
}
