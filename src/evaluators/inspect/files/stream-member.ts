import { pipeline } from "node:stream";
import * as zlib from "node:zlib";

import { Decompress } from "fzstd";

import { Damage } from "../damage.ts";
import { demandSmallWindow } from "./decode-member.ts";
import { isSystemError } from "../find-logs.ts";
import type { ReadAt } from "./open-file.ts";
import type { ZipMember } from "./zip-directory.ts";
import { memberStart } from "./zip-member.ts";

/**
 * Decodes one member piece by piece, so that one of any size fits into the memory.
 *
 * Length and CRC32 are known to be right only when it has come to its end: who must not act on wrong data reads it twice.
 * Throws Damage.
 */
export async function* streamMember(readAt: ReadAt, member: ZipMember): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of decode(readAt, member, await memberStart(readAt, member))) {
    bytes += chunk.length;
    if (bytes > member.bytes) break;
    crc = zlib.crc32(chunk, crc);
    yield chunk;
  }
  if (bytes !== member.bytes) throw new Damage(`has a damaged member, ${member.name}`, { expected: `${member.bytes} bytes`, found: `${bytes > member.bytes ? "more" : bytes}` });
  if (crc !== member.crc32) throw new Damage(`has a damaged member, ${member.name}: its checksum is wrong`);
}

async function* decode(readAt: ReadAt, { name, method, packedBytes, bytes }: ZipMember, start: number): AsyncGenerator<Buffer> {
  const packed = readRange(readAt, start, packedBytes);
  try {
    switch (method) {
      case 0: yield* packed; break;
      case 8: yield* pipeline(packed, zlib.createInflateRaw(), () => {}) as AsyncIterable<Buffer>; break;
      case 93: yield* unpackZstd(packed, bytes); break;
      default: throw new Damage(`has a member packed by an unknown method, ${name}`, { expected: "0, 8 or 93", found: `${method}` });
    }
  } catch (cause) {
    if (cause instanceof Damage || isSystemError(cause)) throw cause;
    throw new Damage(`has a damaged member, ${name}`, { cause });
  }
}

/** Reads a part of a file piece by piece. Not by a stream of the file's own, which would close the file with itself. */
export async function* readRange(readAt: ReadAt, start: number, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; at += chunkBytes) yield readAt(start + at, Math.min(chunkBytes, bytes - at));
}

// A piece of inflated text is at most a thousand times as long, and in the memory whole.
const chunkBytes = 16 * 1024;

async function* unpackZstd(packed: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let unpacked: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => { unpacked.push(chunk); });
  let isFirst = true;
  for await (const chunk of packed) {
    if (isFirst) demandSmallWindow(chunk, bytes);
    isFirst = false;
    decoder.push(chunk);
    yield* unpacked.map((piece) => Buffer.from(piece));
    unpacked = [];
  }
  decoder.push(new Uint8Array(), true);
  yield* unpacked.map((piece) => Buffer.from(piece));
}
