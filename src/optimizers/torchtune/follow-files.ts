import type { BigIntStats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** What takes in a file's bytes as they arrive. */
export interface ByteParser {
  feed(bytes: Uint8Array): void;
}

/** A file as far as it was read. */
export interface Followed<Parser extends ByteParser> {
  readonly parser: Parser;
  /** Milliseconds since 1970. */
  readonly changedMs: number;
  /** Whether there is more, which the next call reads: of a file of many gigabytes one call reads a part, so that others have their turn. */
  readonly isBehind: boolean;
}

/** Reads what was added to a file since the last call; undefined where the path leads to no file. Rejects with the error of the file system. */
export type Follow<Parser extends ByteParser> = (path: string) => Promise<Followed<Parser> | undefined>;

/**
 * Builds a reader of growing files that reads each byte once.
 *
 * A file is known by device and inode, so that it may be moved in between. One that became shorter, or whose last bytes
 * are no longer those that were read, was written anew and is read from its start: SLURM truncates the output of a
 * requeued job. Files that nobody asked for in a long time are forgotten.
 */
export function fileFollower<Parser extends ByteParser>(createParser: () => Parser, mostAtOnceBytes = 256 * 2 ** 20): Follow<Parser> {
  const known = new Map<string, Place<Parser>>();
  let turn: Promise<unknown> = Promise.resolve();
  return (path) => {
    // One file after the other: two readers of the same file would feed its parser twice.
    const mine = turn.then(() => follow(path, { known, createParser, mostAtOnceBytes }));
    turn = mine.catch(() => undefined);
    return mine;
  };
}

interface Following<Parser extends ByteParser> {
  readonly known: Map<string, Place<Parser>>;
  readonly createParser: () => Parser;
  readonly mostAtOnceBytes: number;
}

/** How far a file was read. */
interface Place<Parser extends ByteParser> {
  readonly parser: Parser;
  readonly offset: number;
  /** The last bytes before the offset. */
  readonly tail: Uint8Array;
  /** The file's size and time as they were. */
  readonly version: string;
}

const filesKnown = 256;
const pieceBytes = 262_144;
const tailBytes = 64;

async function follow<Parser extends ByteParser>(path: string, following: Following<Parser>): Promise<Followed<Parser> | undefined> {
  // Opening a pipe that bears an output's name would never return.
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path, "r");
  try {
    return await catchUp(file, await file.stat({ bigint: true }), following);
  } finally {
    await file.close();
  }
}

async function catchUp<Parser extends ByteParser>(file: FileHandle, stats: BigIntStats, { known, createParser, mostAtOnceBytes }: Following<Parser>): Promise<Followed<Parser>> {
  const key = `${stats.dev}:${stats.ino}`;
  const version = `${stats.size}:${stats.mtimeNs}`;
  const before = known.get(key);
  const size = Number(stats.size);
  const isUnchanged = before?.version === version && before.offset === size;
  const isLonger = before !== undefined && (isUnchanged || await goesOn(file, before, size));
  const from = isLonger ? before : { parser: createParser(), offset: 0, tail: new Uint8Array(), version };
  // Taken out and put in again, so that the map is in the order of the last use.
  known.delete(key);
  const place = isUnchanged ? from : { ...await readOn(file, from, Math.min(size, from.offset + mostAtOnceBytes)), version };
  known.set(key, place);
  for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - filesKnown))) known.delete(oldest);
  return { parser: place.parser, changedMs: Number(stats.mtimeNs / 1_000_000n), isBehind: place.offset < size };
}

async function goesOn<Parser extends ByteParser>(file: FileHandle, { offset, tail }: Place<Parser>, size: number): Promise<boolean> {
  if (size < offset) return false;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(tail.length), 0, tail.length, offset - tail.length);
  return bytesRead === tail.length && buffer.equals(tail);
}

async function readOn<Parser extends ByteParser>(file: FileHandle, from: Place<Parser>, size: number): Promise<Place<Parser>> {
  let { offset, tail } = from;
  const buffer = Buffer.alloc(Math.min(pieceBytes, Math.max(0, size - offset)));
  while (offset < size) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - offset), offset);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    from.parser.feed(piece);
    offset += bytesRead;
    tail = Buffer.concat([tail, piece.subarray(-tailBytes)]).subarray(-tailBytes);
  }
  return { ...from, offset, tail };
}
