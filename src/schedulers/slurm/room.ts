import { statfs } from "node:fs/promises";

import type { JobIntent } from "../../domain/job.ts";
import type { Postponed } from "../submission.ts";
import type { Look } from "./queue.ts";

export interface RoomOptions {
  /** Jobs of this user in the queue, ours and others, beyond which nothing more is submitted. */
  readonly maxSubmit: number;
  /** Free space below which no training is submitted. */
  readonly minFreeBytes: number;
}

/** Says why there is no room for one more job, by the queue's last answer and the jobs submitted since. */
export async function whyNoRoom(intent: JobIntent, look: Look, submittedSince: number, { maxSubmit, minFreeBytes }: RoomOptions): Promise<Postponed | undefined> {
  if (look.kind === "unavailable") return { kind: "postponed", isForAll: true, reason: `the queue does not answer, so nobody can say how many jobs are in it (${look.reason})` };
  const count = look.openCount + look.unread.length + submittedSince;
  if (count >= maxSubmit) return { kind: "postponed", isForAll: true, reason: `${count} jobs of yours are in the queue, ${count > maxSubmit ? "more than" : "as many as"} --max-submit allows${count > maxSubmit ? ` (${maxSubmit})` : ""}` };
  if (intent.kind !== "training" || minFreeBytes === 0) return undefined;
  const { bavail, bsize } = await statfs(intent.experimentFolder);
  const freeBytes = bavail * bsize;
  return freeBytes >= minFreeBytes ? undefined : { kind: "postponed", reason: `only ${size(freeBytes)} are free in ${intent.experimentFolder}, and a training needs ${size(minFreeBytes)} (--min-free)` };
}

function size(bytes: number): string {
  const unit = bytes >= 1024 ** 3 ? "G" : "M";
  const amount = bytes / 1024 ** (unit === "G" ? 3 : 2);
  return `${amount >= 10 || Number.isInteger(amount) ? Math.floor(amount) : amount.toFixed(1)} ${unit}B`;
}
