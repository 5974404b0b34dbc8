import { setTimeout as pause } from "node:timers/promises";

import { openLeases } from "../daemon/leases.ts";
import { shellQuote } from "../report/shell.ts";
import { WrongUse } from "./wrong-use.ts";

/**
 * Does something to an experiment while nobody else takes care of it. A daemon that has just met a state it does not
 * trust gives its lease back in its next pass, which is waited for.
 *
 * @throws {WrongUse} When somebody keeps the lease, with what a person can do about it.
 */
export async function withLease<Result>(experimentFolder: string, purpose: string, { takesOver = false }: { readonly takesOver?: boolean }, act: () => Promise<Result>): Promise<Result> {
  const leases = openLeases(purpose);
  try {
    for (let tries = 0; ; tries += 1) {
      const lease = leases.take(experimentFolder, { takesOver });
      if (lease.kind === "ours") return await act();
      if (tries === mostTries) throw new WrongUse(`${lease.holder} takes care of ${experimentFolder}: stop it first. ${lease.advice ?? `If it does not answer any more: nightshift recover ${shellQuote(experimentFolder)} --take-over`}`);
      await pause(200);
    }
  } finally {
    leases.releaseAll();
  }
}

// Ten seconds.
const mostTries = 50;
