import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import type { Instant } from "../domain/time.ts";
import { now } from "./clock.ts";
import { createExclusively, ensureFolder } from "./durable-file.ts";
import { isAlive, type ProcessIdentity, processIdentitySchema, thisProcess } from "./process-identity.ts";
import { userName } from "./user.ts";

/** Who holds a lock, so that a message can name host, process, user and time. */
export interface Holder {
  readonly process: ProcessIdentity;
  readonly user: string;
  readonly purpose: string;
  readonly since: Instant;
}

export interface Ticket {
  readonly number: number;
  /** Whether this is still the highest ticket and not released. */
  isCurrent(): boolean;
  release(): void;
}

export type Acquisition =
  | { readonly kind: "held"; readonly ticket: Ticket }
  /** The holder is missing where its ticket cannot be read; the file is named so that a person can look at it. */
  | { readonly kind: "busy"; readonly holder?: Holder; readonly file: string };

/**
 * Takes the lock of a folder, or says who has it.
 *
 * Tickets are files `1`, `2`, ... created exclusively; the highest one holds the lock until there is a mark
 * `N.released` beside it or its process is dead. To take over is to create the next number, which only one contender
 * can, so a dead holder's ticket is never removed or rewritten and no two can both believe to have taken it over. A
 * holder on another host is never taken to be dead.
 */
export function acquireTicket(folder: string, purpose: string): Acquisition {
  ensureFolder(folder);
  for (;;) {
    const last = highest(folder);
    if (last > 0 && !isReleased(folder, last)) {
      const holder = readHolder(join(folder, String(last)));
      if (holder === "gone") continue;
      if (holder === "unreadable") return { kind: "busy", file: join(folder, String(last)) };
      if (isAlive(holder.process)) return { kind: "busy", holder, file: join(folder, String(last)) };
    }
    const next = last + 1;
    if (!createExclusively(join(folder, String(next)), `${JSON.stringify(thisHolder(purpose))}\n`)) continue;
    // While this process slept, the lock may have gone on so far that this number was free again because it was pruned.
    if (highest(folder) > next) {
      rmSync(join(folder, String(next)), { force: true });
      continue;
    }
    prune(folder, next - keptTickets);
    return { kind: "held", ticket: ticketOf(folder, next) };
  }
}

/** Who holds the lock of a folder now, if anybody does. */
export function holderOf(folder: string): Holder | undefined {
  const last = highest(folder);
  if (last === 0 || isReleased(folder, last)) return undefined;
  const holder = readHolder(join(folder, String(last)));
  return typeof holder === "string" || !isAlive(holder.process) ? undefined : holder;
}

const keptTickets = 16;

const holderSchema = z.object({ process: processIdentitySchema, user: z.string(), purpose: z.string(), since: z.string() });

function ticketOf(folder: string, number: number): Ticket {
  const mark = join(folder, `${number}.released`);
  return {
    number,
    isCurrent: () => highest(folder) === number && !isReleased(folder, number),
    release: () => {
      writeFileSync(mark, "");
    },
  };
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
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

function thisHolder(purpose: string): Holder {
  return { process: thisProcess(), user: userName(), purpose, since: now() };
}

function prune(folder: string, below: number): void {
  for (const name of entries(folder)) {
    if (Number.parseInt(name, 10) < below) rmSync(join(folder, name), { force: true });
  }
}
