import * as zlib from "node:zlib";

import { Decompress, decompress } from "fzstd";

import { Damage } from "../damage.ts";

/** What must be known of a member to decode it and to trust the result. */
export interface PackedMember {
  readonly name: string;
  readonly method: number;
  readonly bytes: number;
  readonly crc32: number;
}

/**
 * Decodes the data of one zip member: stored (0), deflate (8) and zstd (93), the three that inspect-ai has written.
 *
 * Length and CRC32 are always checked, since neither deflate nor zstd frames without a checksum would notice an error.
 * Throws Damage.
 */
export function decodeMember(packed: Buffer, member: PackedMember): Buffer {
  const decoded = unpack(packed, member);
  if (decoded.length !== member.bytes) {
    throw new Damage(`has a damaged member, ${member.name}`, { expected: `${member.bytes} bytes`, found: `${decoded.length}` });
  }
  if (zlib.crc32(decoded) !== member.crc32) throw new Damage(`has a damaged member, ${member.name}: its checksum is wrong`);
  return decoded;
}

function unpack(packed: Buffer, member: PackedMember): Buffer {
  const { name, method, bytes } = member;
  try {
    switch (method) {
      case 0: return packed;
      case 8: return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
      case 93: return unpackZstd(packed, member);
      default: throw new Damage(`has a member packed by an unknown method, ${name}`, { expected: "0, 8 or 93", found: `${method}` });
    }
  } catch (cause) {
    if (cause instanceof Damage) throw cause;
    throw new Damage(`has a damaged member, ${name}`, { cause });
  }
}

// Node has zstd of its own from 22.15 on, ten times as fast, but it stops after the first frame and takes cut-off data
// for whole; and what is quick in JavaScript can read no more than one frame either. The checksum tells.
function unpackZstd(packed: Buffer, { bytes, crc32 }: PackedMember): Buffer {
  demandSmallWindow(packed, bytes);
  const oneFrame = unpackFrameByNode(packed, bytes) ?? unpackSmallFrame(packed, bytes);
  return oneFrame?.length === bytes && zlib.crc32(oneFrame) === crc32 ? oneFrame : unpackFrames(packed, bytes);
}

function unpackFrameByNode(packed: Buffer, bytes: number): Buffer | undefined {
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (packed: Buffer, options: zlib.ZlibOptions) => Buffer };
  try {
    return zstdDecompressSync?.(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch {
    return undefined;
  }
}

// Without the window of 2 MiB that takes longer to make than a header to unpack. How much was written is not told, and too
// much is thrown away as it comes, for as long as there is more: only of small ones.
function unpackSmallFrame(packed: Buffer, bytes: number): Buffer | undefined {
  if (packed.length > 64 * 1024) return undefined;
  const result = Buffer.alloc(bytes);
  try {
    decompress(packed, result);
    return result;
  } catch {
    return undefined;
  }
}

// fzstd's one-shot function writes every frame over the one before; its streaming form does not.
function unpackFrames(packed: Buffer, bytes: number): Buffer {
  const result = Buffer.allocUnsafe(bytes);
  let length = 0;
  const decoder = new Decompress((chunk) => {
    // Throws a RangeError when there is more than the directory says.
    result.set(chunk, length);
    length += chunk.length;
  });
  decoder.push(packed, true);
  return result.subarray(0, length);
}

// What every decoder must support (RFC 8878, 3.1.1.1.2); inspect-ai's frames ask for 2 MiB. A damaged descriptor can ask
// for 2 GiB, which the decoder would move about for every block.
const maxWindowBytes = 8 * 2 ** 20;

/** Makes sure that the first zstd frame of a member asks for no more memory than one of its size may. */
export function demandSmallWindow(packed: Buffer, bytes: number): void {
  if (zstdWindowBytes(packed) > Math.max(maxWindowBytes, bytes)) throw new RangeError("zstd window too large");
}

function zstdWindowBytes(frame: Buffer): number {
  const [descriptor = 0, window = 0] = frame.subarray(4, 6);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (isSingleSegment) return 0;
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}
