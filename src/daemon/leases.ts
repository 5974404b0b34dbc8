import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensurePrivateFolder } from "../system/private-folder.ts";
import { isThisProcess } from "../system/process-identity.ts";
import { acquireTicket, type Holder, type Ticket } from "../system/ticket-lock.ts";

/** One daemon per experiment: whoever holds its lease writes and submits, everybody else only looks. */
export interface Leases {
  /** Takes the lease, or keeps it. Answers who has it when it is somebody else's. */
  take(experimentFolder: string): { readonly kind: "ours" } | { readonly kind: "theirs"; readonly holder: string };
  releaseAll(): void;
}

/** Starts without any lease. The kernel frees a lease by ending its process: the holder is known by pid, start time and boot. */
export function openLeases(purpose: string): Leases {
  const tickets = new Map<string, Ticket>();
  return {
    take: (experimentFolder) => {
      const held = tickets.get(experimentFolder);
      if (held?.isCurrent() === true) return { kind: "ours" };
      ensurePrivateFolder(experimentFolder);
      const folder = join(experimentFolder, ".nightshift", "lease");
      let answer = acquireTicket(folder, purpose);
      // A lease of this very process where it took none came along with a folder that was renamed or copied.
      if (answer.kind === "busy" && answer.holder !== undefined && isThisProcess(answer.holder.process)) {
        writeFileSync(`${answer.file}.released`, "");
        answer = acquireTicket(folder, purpose);
      }
      if (answer.kind === "busy") return { kind: "theirs", holder: describeHolder(answer.holder, answer.file) };
      tickets.set(experimentFolder, answer.ticket);
      return { kind: "ours" };
    },
    releaseAll: () => {
      for (const ticket of tickets.values()) if (ticket.isCurrent()) ticket.release();
      tickets.clear();
    },
  };
}

function describeHolder(holder: Holder | undefined, file: string): string {
  if (holder === undefined) return `somebody whose lease cannot be read: ${file}`;
  const { process: { host, pid }, user, purpose, since } = holder;
  return `\`nightshift ${purpose}\` of ${user} on ${host} (pid ${pid}, since ${since})`;
}
