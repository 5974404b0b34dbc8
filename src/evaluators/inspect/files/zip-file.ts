import { Damage } from "../damage.ts";
import { type OpenFile, type ReadAt, withPart } from "./open-file.ts";
import { parseZipDirectory, type ZipMember } from "./zip-directory.ts";
import { parseZipEnd, zipTailBytes } from "./zip-end.ts";

/** An open zip file: its members by name, in the directory's order, and what reads their data. */
export interface ZipFile {
  readonly members: ReadonlyMap<string, ZipMember>;
  readonly readAt: ReadAt;
}

/**
 * Reads the central directory of an open zip file. Throws Damage.
 *
 * The end of the file is read once: in a log of a hundred samples the directory and the header are in it.
 */
export async function openZip({ bytes: fileBytes, readAt: readFromFile }: Pick<OpenFile, "bytes" | "readAt">): Promise<ZipFile> {
  if (fileBytes === 0) throw new Damage("is empty");
  const tailOffset = Math.max(0, fileBytes - zipTailBytes);
  const tail = await readFromFile(tailOffset, fileBytes - tailOffset);
  const { entries, offset, bytes } = parseZipEnd(tail, fileBytes);
  if (bytes > maxDirectoryBytes) throw new Damage("has a directory too large to be read");
  const readAt = withPart(readFromFile, tailOffset, tail);
  return { members: parseZipDirectory(await readAt(offset, bytes), entries), readAt };
}

// 200,000 samples take some 30 MB.
const maxDirectoryBytes = 256 * 2 ** 20;
