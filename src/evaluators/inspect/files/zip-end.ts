import { Damage } from "../damage.ts";

/** Where a zip file's central directory is. */
export interface ZipEnd {
  readonly entries: number;
  readonly offset: number;
  readonly bytes: number;
}

/** How much of a file's end must be at hand: the end record with its longest comment, and ZIP64's two records before it. */
export const zipTailBytes = 22 + 0xffff + 20 + 56;

/**
 * Finds the central directory in the last bytes of a zip file (APPNOTE 4.3.14 to 4.3.16).
 *
 * The end record is the last one whose comment reaches exactly to the end. Fields at their maximum point to ZIP64 only
 * where its locator really stands before the end record: a file of exactly 65,535 entries needs no ZIP64 and Python
 * writes none.
 *
 * @param tail The last `zipTailBytes` of the file, or all of a shorter one.
 */
export function parseZipEnd(tail: Buffer, fileBytes: number): ZipEnd {
  const at = findEndRecord(tail);
  if (at === undefined) throw new Damage("ends before its directory: it is cut off, or being written");
  const zip64 = findZip64Record(tail, at);
  const end = zip64 === undefined ? readEndRecord(tail, at) : readZip64Record(tail, zip64);
  const directoryLimit = fileBytes - tail.length + (zip64 ?? at);
  if (end.offset + end.bytes > directoryLimit || end.entries * 46 > end.bytes) {
    throw new Damage("has an end record that does not fit its directory");
  }
  return end;
}

const locatorSignature = 0x07064b50;
const zip64Signature = 0x06064b50;
const endMark = Buffer.from([0x50, 0x4b, 0x05, 0x06]);

function findEndRecord(tail: Buffer): number | undefined {
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    at = tail.lastIndexOf(endMark, at);
    if (at < 0) return undefined;
    if (at + 22 + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
}

function readEndRecord(tail: Buffer, at: number): ZipEnd {
  return { entries: tail.readUInt16LE(at + 10), bytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
}

function findZip64Record(tail: Buffer, endAt: number): number | undefined {
  const locatorAt = endAt - 20;
  const recordAt = locatorAt - 56;
  if (recordAt < 0 || tail.readUInt32LE(locatorAt) !== locatorSignature) return undefined;
  return tail.readUInt32LE(recordAt) === zip64Signature ? recordAt : undefined;
}

function readZip64Record(tail: Buffer, at: number): ZipEnd {
  return {
    entries: Number(tail.readBigUInt64LE(at + 32)),
    bytes: Number(tail.readBigUInt64LE(at + 40)),
    offset: Number(tail.readBigUInt64LE(at + 48)),
  };
}
