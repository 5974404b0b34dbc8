import type { ExperimentState } from "../domain/state.ts";
import { FencedOff } from "../system/fences.ts";
import { describeOutage } from "../system/outage.ts";
import type { StateStore, StoredState, WaitingRequest } from "./world.ts";

/** What became of a state that was to be written. */
export type Kept =
  | { readonly kind: "kept"; readonly state: ExperimentState }
  | {
      readonly kind: "unwritten";
      /** Why nothing may be submitted. Absent after a takeover, of which the lease tells in the next pass. */
      readonly obstacle: { readonly obstacle?: string };
      /** When to try again; absent for as seldom as a cluster is asked. */
      readonly againMs?: number;
    };

/** Whether a state is to be on disk: what was only dropped or found is not written down before it has settled, since a copy or a checkout may still be arriving. */
export function mustBeKept(stored: StoredState["kind"], { life }: ExperimentState, waiting: readonly WaitingRequest[]): boolean {
  return stored === "state" || waiting.length > 0 || life.context.armedExplicitly === true || life.state === "working" || life.state === "finished";
}

/**
 * Writes a state and notes it outside, or says what keeps it from the disk: a full one, a used up quota, expired
 * credentials, another nightshift that has taken over. All that waiting or a person can mend is tried again, seldom.
 */
export function keepState(folder: string, state: ExperimentState, before: ExperimentState | undefined, waiting: readonly WaitingRequest[], store: StateStore): Kept {
  try {
    // A crash in between must not leave a new state that its mirror does not know.
    if (before === undefined) store.record(folder, state);
    const kept = store.write(folder, state, before);
    store.record(folder, kept);
    store.removeRequests(waiting);
    return { kind: "kept", state: kept };
  } catch (error) {
    if (error instanceof FencedOff) return { kind: "unwritten", obstacle: {}, againMs: 50 };
    const outage = describeOutage(error);
    if (outage === undefined) throw error;
    return { kind: "unwritten", obstacle: { obstacle: `its state cannot be written, so nothing is submitted: ${outage}` } };
  }
}
