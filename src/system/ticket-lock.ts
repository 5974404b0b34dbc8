import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import type { Instant } from "../domain/time.ts";
import { now } from "./clock.ts";
import { createExclusively, ensureFolder } from "./durable-file.ts";
import { isAlive, type ProcessIdentity, processIdentitySchema, thisProcess } from "./process-identity.ts";
import { readPlainText } from "./read-file.ts";
import { makeFence, razeFence, razeFences } from "./ticket-fence.ts";
import { userName } from "./user.ts";

/** Who holds a lock, so that a message can name host, process, user and time. */
export interface Holder {
  readonly process: ProcessIdentity;
  readonly user: string;
  readonly purpose: string;
  readonly since: Instant;
  /** Where the lock's folder was and which one it is: a copy of the folder is another lock. */
  readonly place?: { readonly path: string; readonly inode: number } | undefined;
  /** Differs from ticket to ticket, whatever their numbers. */
  readonly nonce?: string | undefined;
}

export interface Ticket {
  readonly number: number;
  /** Holds the temporary files of all that the holder writes, where that was asked for; gone after a takeover. */
  readonly fence?: string;
  /** Whether this is still the highest ticket and not released. */
  isCurrent(): boolean;
  /** Who has taken a later ticket although this one was not given back, whether or not that has been given back since. */
  takenOverBy(): Taker | undefined;
  release(): void;
}

/** The holder is missing where its ticket cannot be read; the file is named so that a person can look at it. */
export interface Taker {
  readonly holder?: Holder;
  readonly file: string;
}

export interface AcquireOptions {
  /** Whether the holder's writes are to fail after a takeover: then they must all pass through the ticket's `fence`. */
  readonly isFenced?: boolean;
  /** Whether a person knows the holder to be dead, or wants it to lose the lock. */
  readonly takesOver?: boolean;
}

export type Acquisition =
  | { readonly kind: "held"; readonly ticket: Ticket }
  | ({ readonly kind: "busy" } & Taker);

/**
 * Takes the lock of a folder, or says who has it.
 *
 * Tickets are files `1`, `2`, ... created exclusively; the highest one holds the lock until there is a mark
 * `N.released` beside it or its process is dead. To take over is to create the next number, which only one contender
 * can, so a dead holder's ticket is never removed or rewritten and no two can both believe to have taken it over. A
 * holder on another host is never taken to be dead, and one that is stopped is alive. What has to be read under the lock
 * must be read after this call: until it returns, an earlier holder's last write may still arrive.
 */
export function acquireTicket(folder: string, purpose: string, { isFenced = false, takesOver = false }: AcquireOptions = {}): Acquisition {
  ensureFolder(folder);
  for (;;) {
    const last = highest(folder);
    if (last > 0 && !takesOver && !isReleased(folder, last)) {
      const holder = readHolder(join(folder, String(last)));
      if (holder === "gone") continue;
      if (holder === "unreadable") return { kind: "busy", file: join(folder, String(last)) };
      if (isAlive(holder.process) && !isOfACopy(holder, folder)) return { kind: "busy", holder, file: join(folder, String(last)) };
    }
    const next = last + 1;
    const holder = thisHolder(folder, purpose);
    const fence = isFenced ? makeFence(folder, next, holder.nonce) : undefined;
    // While this process slept, the lock may have gone on so far that this number was free again because it was pruned.
    const isOurs = createExclusively(join(folder, String(next)), `${JSON.stringify(holder)}\n`);
    if (!isOurs || highest(folder) > next) {
      if (isOurs) rmSync(join(folder, String(next)), { force: true });
      if (fence !== undefined) razeFence(fence);
      continue;
    }
    if (isFenced) razeFences(folder, next, fence);
    prune(folder, next - keptTickets);
    return { kind: "held", ticket: ticketOf(folder, next, holder, fence) };
  }
}

/** Who holds the lock of a folder now, if anybody does. */
export function holderOf(folder: string): Holder | undefined {
  const last = highest(folder);
  if (last === 0 || isReleased(folder, last)) return undefined;
  const holder = readHolder(join(folder, String(last)));
  return typeof holder === "string" || !isAlive(holder.process) || isOfACopy(holder, folder) ? undefined : holder;
}

const keptTickets = 16;

const holderSchema = z.object({
  process: processIdentitySchema, user: z.string(), purpose: z.string(), since: z.string(),
  place: z.object({ path: z.string(), inode: z.number() }).optional(), nonce: z.string().optional(),
});

interface NewHolder extends Holder {
  readonly place: { readonly path: string; readonly inode: number };
  readonly nonce: string;
}

function ticketOf(folder: string, number: number, { nonce, place }: NewHolder, fence: string | undefined): Ticket {
  // The folder may have been deleted and made again, or replaced by a copy of itself, with tickets of the same numbers.
  const isHere = (): boolean => inodeOf(folder) === place.inode;
  const isWritten = (): boolean => {
    const holder = readHolder(join(folder, String(number)));
    return typeof holder !== "string" && holder.nonce === nonce;
  };
  return {
    number,
    ...(fence === undefined ? {} : { fence }),
    isCurrent: () => highest(folder) === number && !isReleased(folder, number) && isHere() && isWritten(),
    takenOverBy: () => {
      const last = highest(folder);
      if (last <= number || !isHere() || isReleased(folder, number)) return undefined;
      const file = join(folder, String(last));
      const holder = readHolder(file);
      return typeof holder === "string" ? { file } : { holder, file };
    },
    release: () => {
      if (fence !== undefined) razeFence(fence);
      writeFileSync(join(folder, `${number}.released`), "");
    },
  };
}

// Its holder, alive or not, holds the lock that this one was copied from. One of both alone proves nothing: a folder
// that was renamed keeps its inode, and some network file systems number anew with every look.
function isOfACopy({ place }: Holder, folder: string): boolean {
  return place !== undefined && place.path !== folder && place.inode !== inodeOf(folder);
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

function highest(folder: string): number {
  return Math.max(0, ...entries(folder).filter((name) => /^\d+$/u.test(name)).map(Number));
}

function isReleased(folder: string, number: number): boolean {
  return entries(folder).includes(`${number}.released`);
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readHolder(file: string): Holder | "gone" | "unreadable" {
  let text: string;
  try {
    text = readPlainText(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "gone";
    if (code === undefined || code === "EACCES") return "unreadable";
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

function thisHolder(folder: string, purpose: string): NewHolder {
  return { process: thisProcess(), user: userName(), purpose, since: now(), place: { path: folder, inode: statSync(folder).ino }, nonce: randomBytes(4).toString("hex") };
}

function prune(folder: string, below: number): void {
  for (const name of entries(folder)) {
    if (Number.parseInt(name, 10) < below) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
