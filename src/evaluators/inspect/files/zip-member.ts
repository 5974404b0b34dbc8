import { Damage } from "../damage.ts";
import { decodeMember } from "./decode-member.ts";
import type { ReadAt } from "./open-file.ts";
import type { ZipMember } from "./zip-directory.ts";

/** V8 cannot hold longer texts than 512 MiB; what is read here (headers, summaries, single samples) is far smaller. */
export const maxMemberBytes = 256 * 2 ** 20;

/** Reads and decodes one member; its sizes are checked before anything is inflated, its length and CRC32 afterwards. Throws Damage. */
export async function readZipMember(readAt: ReadAt, member: ZipMember, limitBytes: number = maxMemberBytes): Promise<Buffer> {
  if (member.bytes > limitBytes || member.packedBytes > limitBytes) {
    throw new Damage(`has a member too large to be read, ${member.name}`, {
      expected: `at most ${limitBytes} bytes`,
      found: `${Math.max(member.bytes, member.packedBytes)}`,
    });
  }
  return decodeMember(await readAt(await memberStart(readAt, member), member.packedBytes), member);
}

/**
 * Finds where the data of a member starts.
 *
 * The place comes from the local header, whose extra field may be longer than the directory's. Its name must be the
 * directory's too: a flipped bit in a name would otherwise hand out a member as another. Throws Damage.
 */
export async function memberStart(readAt: ReadAt, member: ZipMember): Promise<number> {
  if (member.encrypted) throw new Damage(`has an encrypted member, ${member.name}`);
  const nameBytes = Buffer.byteLength(member.name);
  const header = await readAt(member.offset, 30 + nameBytes);
  if (header.readUInt32LE(0) !== 0x04034b50 || header.readUInt16LE(26) !== nameBytes || header.toString("utf8", 30) !== member.name) {
    throw new Damage(`has a directory that points to something else than ${member.name}`);
  }
  return member.offset + header.length + header.readUInt16LE(28);
}
