import type { Status } from "../domain/status.ts";

/**
 * All statuses, the most telling first: what asks for a person, what went wrong, what is going on, what waits.
 *
 * An evaluation column that speaks for several evaluations says the first of these that any of them has.
 */
export const statusesByWeight = [
  "AMBIGUOUS", "FAILED", "OUT_OF_MEMORY", "TIMEOUT", "NODE_FAIL", "CANCELLED", "SKIPPED", "HELD",
  "RETRYING", "RUNNING", "PENDING", "SUBMITTING", "READY", "WAITING", "COMPLETED",
] as const satisfies readonly Status[];

/** One word for several: COMPLETED if all are, else the most telling one; undefined for none. */
export function mostTelling(statuses: readonly Status[]): Status | undefined {
  return statusesByWeight.find((status) => statuses.includes(status));
}

/** How many have which status, the most telling first. */
export function countStatuses(statuses: readonly Status[]): Partial<Record<Status, number>> {
  const present = statusesByWeight.filter((status) => statuses.includes(status));
  return Object.fromEntries(present.map((status) => [status, statuses.filter((other) => other === status).length]));
}

/** Whether it ended without what it was for. */
export function hasFailed(status: Status): boolean {
  return failed.has(status);
}

const failed: ReadonlySet<Status> = new Set(["FAILED", "OUT_OF_MEMORY", "TIMEOUT", "NODE_FAIL", "CANCELLED"]);
