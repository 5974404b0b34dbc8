import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { shellQuote } from "../report/shell.ts";
import { lowerFence, raiseFence } from "../system/fences.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { isThisProcess } from "../system/process-identity.ts";
import { type Acquisition, acquireTicket, type Holder, type Taker, type Ticket } from "../system/ticket-lock.ts";

/** One daemon per experiment: whoever holds its lease writes and submits, everybody else only looks. */
export interface Leases {
  /**
   * Takes the lease, or keeps it. Answers who has it when it is somebody else's.
   *
   * What the holder writes into the experiment fails after a takeover (system/fences.ts). A process that lost a lease
   * so does not get it back: a person has said that it is dead, and its successor may have been stopped on purpose.
   */
  take(experimentFolder: string, options?: { readonly takesOver?: boolean }): Lease;
  /** Gives a lease back, if it is held, so that a person's command can have it. */
  letGo(experimentFolder: string): void;
  releaseAll(): void;
}

export type Lease =
  | { readonly kind: "ours" }
  | {
      readonly kind: "theirs";
      /** `nightshift watch /exp` of ada on login1 (pid 7, since ...). */
      readonly holder: string;
      /** What a person can do about it, as a sentence; absent where the holder is known to live. */
      readonly advice?: string;
    };

/** Starts without any lease. The kernel frees a lease by ending its process: the holder is known by pid, start time and boot. */
export function openLeases(purpose: string): Leases {
  const tickets = new Map<string, Ticket>();
  const lost = new Map<string, string>();
  const noteLoss = (experimentFolder: string): void => {
    const taker = tickets.get(experimentFolder)?.takenOverBy();
    if (taker === undefined || (taker.holder !== undefined && isThisProcess(taker.holder.process))) return;
    lost.set(experimentFolder, `${describeHolder(taker)}, which took it over from this process,`);
  };
  return {
    take: (experimentFolder, { takesOver = false } = {}) => {
      const held = tickets.get(experimentFolder);
      if (held?.isCurrent() === true) return { kind: "ours" };
      noteLoss(experimentFolder);
      const winner = lost.get(experimentFolder);
      if (winner !== undefined) return { kind: "theirs", holder: winner };
      ensurePrivateFolder(experimentFolder);
      const answer = acquire(join(experimentFolder, ".nightshift", "lease"), purpose, takesOver);
      if (answer.kind === "busy") return { kind: "theirs", holder: describeHolder(answer), ...adviceFor(answer.holder, experimentFolder) };
      tickets.set(experimentFolder, answer.ticket);
      if (answer.ticket.fence !== undefined) raiseFence(experimentFolder, answer.ticket.fence);
      return { kind: "ours" };
    },
    letGo: (experimentFolder) => {
      noteLoss(experimentFolder);
      giveBack(experimentFolder, tickets.get(experimentFolder));
      tickets.delete(experimentFolder);
    },
    releaseAll: () => {
      for (const [experimentFolder, ticket] of tickets) giveBack(experimentFolder, ticket);
      tickets.clear();
    },
  };
}

// The fence of a lease that was lost stays up in this process: what it has not written yet must never be.
function giveBack(experimentFolder: string, ticket: Ticket | undefined): void {
  if (ticket?.isCurrent() !== true) return;
  ticket.release();
  lowerFence(experimentFolder);
}

function acquire(folder: string, purpose: string, takesOver: boolean): Acquisition {
  const answer = acquireTicket(folder, purpose, { isFenced: true, takesOver });
  if (answer.kind === "held" || answer.holder === undefined || !isThisProcess(answer.holder.process)) return answer;
  // A lease of this very process where it took none came along with a folder that was renamed.
  writeFileSync(`${answer.file}.released`, "");
  return acquireTicket(folder, purpose, { isFenced: true });
}

function describeHolder({ holder, file }: Taker): string {
  if (holder === undefined) return `somebody whose lease cannot be read: ${file}`;
  const { process: { host, pid }, user, purpose, since } = holder;
  return `\`nightshift ${purpose}\` of ${user} on ${host} (pid ${pid}, since ${since})`;
}

function adviceFor(holder: Holder | undefined, experimentFolder: string): { advice?: string } {
  if (holder?.process.host === hostname()) return {};
  const where = holder === undefined ? "Nobody can tell whether that process lives" : `Whether a process on ${holder.process.host} lives cannot be seen from ${hostname()}`;
  return { advice: `${where}. If you know that it is dead: nightshift recover ${shellQuote(experimentFolder)} --take-over` };
}
