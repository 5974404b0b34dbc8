import type { Happening } from "../domain/happening.ts";
import type { Status } from "../domain/status.ts";
import { renderHappening } from "./happenings.ts";

/** One call of a person's notification command: what it is about, in a word, a line, and in full. */
export interface Notice {
  readonly event: "finished" | "failed" | "needs a person" | "blind";
  readonly experiment: string;
  readonly folder: string;
  readonly text: string;
  /** What happened, one for each run, evaluation or experiment. Empty for what is about the scheduler. */
  readonly happenings: readonly Happening[];
}

/**
 * Says what of all that happened in one pass is worth waking somebody for: at most one notice for each kind of event, so
 * that a hundred failures of one night are one message.
 */
export function buildNotices(folder: string, happenings: readonly Happening[]): readonly Notice[] {
  return (["failed", "needs a person", "finished"] as const).flatMap((event): Notice[] => {
    const those = happenings.filter((happening) => eventOf(happening) === event);
    const [first] = those;
    if (first === undefined) return [];
    const more = those.length === 1 ? "" : ` (and ${those.length - 1} more)`;
    return [{ event, experiment: first.experiment, folder, text: `${renderHappening(first)}${more}`, happenings: those }];
  });
}

function eventOf(happening: Happening): Notice["event"] | undefined {
  switch (happening.kind) {
    case "experiment": return happening.what === "finished" ? "finished" : happening.what === "held" ? "needs a person" : undefined;
    case "module": return undefined;
    case "run": case "evaluation":
      if (happening.what === "submission failed") return "failed";
      return happening.what === "status changed" ? eventOfStatus(happening.to) : undefined;
  }
}

// What a person cancelled is no news to them, and what was skipped was told with its training.
function eventOfStatus(status: Status): Notice["event"] | undefined {
  switch (status) {
    case "FAILED": case "TIMEOUT": case "OUT_OF_MEMORY": case "NODE_FAIL": return "failed";
    case "HELD": case "AMBIGUOUS": return "needs a person";
    default: return undefined;
  }
}
