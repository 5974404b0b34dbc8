import type { JobState } from "../../domain/job.ts";

/**
 * Parses a state as squeue and sacct print it into the one word of it: `CANCELLED by 1000` is CANCELLED, `OUT_OF_ME+`
 * (sacct cuts words to its column) is OUT_OF_MEMORY. A word that is unknown, or a stem of several, is kept as it came.
 *
 * Words: "JOB STATE CODES" in squeue(1) and sacct(1).
 */
export function parseState(text: string): JobState {
  const [word = ""] = text.trim().split(/\s/u);
  if (!word.endsWith("+")) return word;
  const begun = words.filter((known) => known.startsWith(word.slice(0, -1)));
  return begun.length === 1 && begun[0] !== undefined ? begun[0] : word;
}

/** Whether a job of this state waits for its machine, at first or once more. */
export function isWaiting(state: JobState): boolean {
  return waitingWords.includes(state);
}

/** Whether a finished job may be back in the queue a few seconds later: what requeueing looks like in accounting meanwhile. */
export function mayComeBack(state: JobState): boolean {
  return ["PREEMPTED", "NODE_FAIL", "BOOT_FAIL"].includes(state);
}

const waitingWords = ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"];

const words = [
  ...waitingWords, "RUNNING", "SUSPENDED", "COMPLETING", "STAGE_OUT", "STOPPED", "SIGNALING", "RESIZING", "REVOKED", "LAUNCH_FAILED",
  "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "PREEMPTED",
];
