import { crc32, deflateRawSync } from "node:zlib";

/** One member of a zip file that a test wants; what is not given is as it should be. */
export interface MemberWanted {
  readonly name: string;
  readonly text?: string;
  readonly data?: Buffer;
  readonly method?: number;
  readonly packed?: Buffer;
  readonly flags?: number;
  readonly crc32?: number;
  readonly bytes?: number;
  readonly localName?: string;
  readonly localExtra?: Buffer;
  /** Sizes and offset stand in a ZIP64 field; `short` is one that ends before the last of them. */
  readonly zip64?: "whole" | "short";
}

/** How a zip file ends that a test wants. */
interface EndWanted {
  readonly comment?: string;
  readonly entries?: number;
  /** With the records that ZIP64 has for many members and large files. */
  readonly isZip64?: boolean;
  /** Where the file begins, in a larger one. */
  readonly begin?: number;
}

/** Writes zip files as odd as a test needs them. */
export function zipFile(members: readonly MemberWanted[], { comment = "", entries = members.length, isZip64 = false, begin = 0 }: EndWanted = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = begin;
  for (const wanted of members) {
    const local = localPart(wanted);
    parts.push(local);
    directory.push(directoryEntry(wanted, offset));
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = isZip64 ? [zip64Records(entries, listed.length, offset), endRecord(0xffff, 0xffffffff, 0xffffffff, comment)] : [endRecord(entries, listed.length, offset, comment)];
  return Buffer.concat([...parts, listed, ...end]);
}

/** One zstd frame that holds its data unpacked, with inspect-ai's window of 2 MiB. */
export function zstdFrame(data: Buffer, { window = 11 << 3 } = {}): Buffer {
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, window]), blockHeader(data.length, 0), data]);
}

/** One zstd frame that says `byte` over and over again, `blocks` times 128 KiB. */
export function zstdRepetition(byte: number, blocks: number): Buffer {
  const block = (isLast: boolean): Buffer => Buffer.concat([blockHeader(2 ** 17, 1, isLast), Buffer.from([byte])]);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 11 << 3]),
    ...Array.from({ length: blocks }, (_none, index) => block(index === blocks - 1)),
  ]);
}

function blockHeader(bytes: number, type: number, isLast = true): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((bytes << 3) | (type << 1) | Number(isLast), 0, 3);
  return header;
}

function contentOf({ data, text = "" }: MemberWanted): Buffer {
  return data ?? Buffer.from(text);
}

function packedOf(wanted: MemberWanted): Buffer {
  if (wanted.packed !== undefined) return wanted.packed;
  const content = contentOf(wanted);
  switch (wanted.method ?? 0) {
    case 8: return deflateRawSync(content);
    case 93: return zstdFrame(content);
    default: return content;
  }
}

function localPart(wanted: MemberWanted): Buffer {
  const name = Buffer.from(wanted.localName ?? wanted.name);
  const extra = wanted.localExtra ?? Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra, packedOf(wanted)]);
}

function directoryEntry(wanted: MemberWanted, offset: number): Buffer {
  const name = Buffer.from(wanted.name);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(wanted.flags ?? 0, 8);
  entry.writeUInt16LE(wanted.method ?? 0, 10);
  entry.writeUInt32LE(wanted.crc32 ?? crc32(contentOf(wanted)), 16);
  entry.writeUInt32LE(packedOf(wanted).length, 20);
  entry.writeUInt32LE(wanted.bytes ?? contentOf(wanted).length, 24);
  entry.writeUInt16LE(name.length, 28);
  if (wanted.zip64 === undefined) {
    entry.writeUInt32LE(offset, 42);
    return Buffer.concat([entry, name]);
  }
  // Behind a field of another kind, as Python writes it.
  const extra = Buffer.alloc(5 + 4 + (wanted.zip64 === "whole" ? 24 : 16));
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(1, 2);
  extra.writeUInt16LE(1, 5);
  extra.writeUInt16LE(extra.length - 9, 7);
  const sizes = [entry.readUInt32LE(24), entry.readUInt32LE(20), offset];
  for (const [index, size] of sizes.entries()) if (9 + 8 * index < extra.length) extra.writeBigUInt64LE(BigInt(size), 9 + 8 * index);
  for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, at);
  entry.writeUInt16LE(extra.length, 30);
  return Buffer.concat([entry, name, extra]);
}

function zip64Records(entries: number, bytes: number, offset: number): Buffer {
  const records = Buffer.alloc(56 + 20);
  records.writeUInt32LE(0x06064b50, 0);
  records.writeBigUInt64LE(44n, 4);
  records.writeBigUInt64LE(BigInt(entries), 24);
  records.writeBigUInt64LE(BigInt(entries), 32);
  records.writeBigUInt64LE(BigInt(bytes), 40);
  records.writeBigUInt64LE(BigInt(offset), 48);
  records.writeUInt32LE(0x07064b50, 56);
  records.writeBigUInt64LE(BigInt(offset + bytes), 64);
  return records;
}

function endRecord(entries: number, bytes: number, offset: number, comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}
