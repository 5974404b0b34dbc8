import { expect } from "vitest";

import type { Life } from "../../src/domain/state.ts";

/** A life on its way: each observation is answered with the state it leads to. */
export interface Walk<Followed extends Life<string, unknown>, Observation> {
  hears(observation: Observation): Followed["state"];
  readonly context: Followed["context"];
}

/**
 * Follows a life through a walk. Every step is also taken from the stored form of the life, as after a restart, and must
 * lead to the very same place.
 */
export function follow<Followed extends Life<string, unknown>, Observation>(
  beginning: Followed, advance: (life: Followed, observation: Observation) => Followed,
): Walk<Followed, Observation> {
  let life = beginning;
  return {
    hears: (observation) => {
      const next = advance(life, observation);
      expect(advance(restarted(life), observation)).toStrictEqual(next);
      expect(restarted(next)).toStrictEqual(next);
      life = next;
      return life.state;
    },
    get context(): Followed["context"] { return life.context; },
  };
}

/** A life as it comes back from disk. */
export function restarted<Stored>(life: Stored): Stored {
  return JSON.parse(JSON.stringify(life)) as Stored;
}
