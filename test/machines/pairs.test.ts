import { describe, expect, test } from "vitest";

import { listWays } from "../../machines/diagram.ts";
import { advanceEvaluation, advanceExperiment, advanceRun, beginRun } from "../../machines/lives.ts";
import type { Life } from "../../src/domain/state.ts";
import { anAttempt } from "../support/builders.ts";
import { restarted } from "./follow.ts";
import { type Described, machines } from "./machines.ts";
import { experimentSamples, retryDue } from "./observations.ts";

describe.each(machines)("every state of the $name machine and every observation", (described) => {
  const { machine, states, observations, samples, advance } = described;

  test("is named in the words, and nothing else is", () => {
    expect(Object.keys(states)).toEqual(Object.keys(machine.states));
    expect(new Set(machine.events)).toEqual(new Set(Object.keys(observations)));
    expect(Object.entries(samples).map(([type, sample]) => [type, sample.type])).toEqual(Object.keys(samples).map((type) => [type, type]));
  });

  test("is either handled by the machine or ignored for exactly one reason", () => {
    const wrong = pairsOf(described).flatMap(({ state, observation, isHandled, reasons }) =>
      (isHandled ? 1 : 0) + reasons.length === 1 ? [] : [`${state} x ${observation}: ${isHandled ? "handled" : "not handled"}, and ignored for ${reasons.length} reasons`]);
    expect(wrong).toEqual([]);
  });

  test("gives a telling reason where it is ignored: a sentence of its own", () => {
    const reasons = described.ignored.map(({ because }) => because);
    expect(reasons.filter((reason) => !/^[A-Z].{15,}\.$/u.test(reason))).toEqual([]);
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  test("leaves the very same life where it is ignored", () => {
    const moved = pairsOf(described).filter(({ isHandled }) => !isHandled).filter(({ state, observation }) => {
      const life = aLifeIn(state);
      return advance(life, sampleOf(described, observation)) !== life;
    });
    expect(moved).toEqual([]);
  });

  test("gives the same answer after a restart, and one that can be stored", () => {
    for (const { state, observation } of pairsOf(described)) {
      const life = aLifeIn(state);
      const next = advance(life, sampleOf(described, observation));
      expect(advance(restarted(life), sampleOf(described, observation))).toStrictEqual(next);
      expect(restarted(next)).toStrictEqual(next);
    }
  });

  test("comes to rest where the same is heard again and again", () => {
    const restless = pairsOf(described).filter(({ state, observation }) => {
      const hear = (life: Life<string, object>): Life<string, object> => advance(life, sampleOf(described, observation));
      const second = hear(hear(aLifeIn(state)));
      return hear(second) !== second;
    });
    expect(restless).toEqual([]);
  });
});

describe("a life", () => {
  test("in a state that no machine has is a bug, and says which states there are", () => {
    const life = { state: "sleeping", context: { attempts: [] } } as unknown as Life<"waiting", { attempts: [] }>;
    expect(() => advanceRun(life, retryDue))
      .toThrow("the run machine has no state \"sleeping\" (expected waiting, held, ready, submitting, pending, running, retrying, trained, failed, cancelled)");
    expect(() => advanceEvaluation(life as never, retryDue)).toThrow("the evaluation machine has no state \"sleeping\"");
    expect(() => advanceExperiment({ state: "toString", context: {} } as never, experimentSamples["work.finished"])).toThrow("the experiment machine has no state \"toString\"");
  });

  test("does not hear what nobody ever says", () => {
    const life = beginRun();
    expect(advanceRun(life, { ...retryDue, type: "moon.rose" } as never)).toBe(life);
  });
});

interface Pair {
  readonly state: string;
  readonly observation: string;
  readonly isHandled: boolean;
  readonly reasons: readonly string[];
}

function pairsOf({ machine, states, observations, ignored }: Described): Pair[] {
  const ways = listWays(machine);
  return Object.keys(states).flatMap((state) => Object.keys(observations).map((observation) => ({
    state, observation,
    isHandled: ways.some((way) => way.from === state && way.observation === observation),
    reasons: ignored.filter((group) => group.states.includes(state) && group.observations.includes(observation)).map(({ because }) => because),
  })));
}

// A life that has been in flight once; for an experiment the attempts mean nothing and do no harm.
function aLifeIn(state: string): Life<string, object> {
  return { state, context: { attempts: [anAttempt("101", 1, 2, 3)] } };
}

function sampleOf({ samples }: Described, observation: string): Described["samples"][string] {
  const sample = samples[observation];
  if (sample === undefined) throw new Error(`no sample of ${observation}`);
  return sample;
}
