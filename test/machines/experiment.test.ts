import { beforeEach, describe, expect, test } from "vitest";

import { advanceExperiment, beginExperiment } from "../../machines/lives.ts";
import type { ExperimentObservation } from "../../src/domain/observation.ts";
import type { ExperimentLife } from "../../src/domain/state.ts";
import { at } from "../support/builders.ts";
import { follow, type Walk } from "./follow.ts";

let experiment: Walk<ExperimentLife, ExperimentObservation>;
beforeEach(() => { experiment = follow(beginExperiment(), advanceExperiment); });

describe("an experiment", () => {
  test("begins held, and nothing but a person's word lets it begin", () => {
    expect(experiment.context.reason).toBe("not armed by a person yet");
    expect(experiment.hears(settled("local"))).toBe("held");
    expect(experiment.hears(workAppeared)).toBe("held");
    expect(experiment.hears(dropped)).toBe("settling");
    expect(experiment.context).toMatchObject({ armedBy: "dropped into a watched folder", armedExplicitly: false, armedAt: at(0) });
  });

  test("settles, works and is finished", () => {
    experiment.hears(dropped);
    expect(experiment.hears(unsettled("waits for scaffolding: no training script for rank8"))).toBe("settling");
    expect(experiment.context.reason).toBe("waits for scaffolding: no training script for rank8");
    expect(experiment.hears(settled("local", 2))).toBe("working");
    expect(experiment.context).toMatchObject({ scheduler: "local", startedAt: at(2) });
    expect(experiment.context.reason).toBeUndefined();
    expect(experiment.hears(workFinished)).toBe("finished");
    expect(experiment.context.finishedAt).toBe(at(60));
  });

  test("settles again when its summary names new work, and keeps its scheduler and its beginning", () => {
    finish();
    expect(experiment.hears(workAppeared)).toBe("settling");
    expect(experiment.context.finishedAt).toBeUndefined();
    expect(experiment.hears(settled("slurm", 99))).toBe("working");
    expect(experiment.context).toMatchObject({ scheduler: "local", startedAt: at(2) });
  });

  test.each(["held", "settling", "working", "finished"])("is held by a person while it is %s", (state) => {
    if (state !== "held") experiment.hears(dropped);
    if (state === "working" || state === "finished") experiment.hears(settled("local"));
    if (state === "finished") experiment.hears(workFinished);
    expect(experiment.hears(stopped("held by ada"))).toBe("held");
    expect(experiment.context.reason).toBe("held by ada");
    expect(experiment.hears(named)).toBe("settling");
    expect(experiment.context).toMatchObject({ armedBy: "nightshift release", armedExplicitly: true });
  });

  test("that was dropped and is then named by a person while it settles counts as named", () => {
    experiment.hears(dropped);
    expect(experiment.hears(named)).toBe("settling");
    expect(experiment.context.armedExplicitly).toBe(true);
  });

  test("that is named already does not change when it is armed again", () => {
    experiment.hears(named);
    const { context } = experiment;
    expect(experiment.hears(dropped)).toBe("settling");
    expect(experiment.hears({ ...named, at: at(5) })).toBe("settling");
    expect(experiment.context).toBe(context);
  });

  test("that is finished stays finished, whoever arms it", () => {
    finish();
    expect(experiment.hears(named)).toBe("finished");
    expect(experiment.hears(dropped)).toBe("finished");
  });
});

const dropped = { type: "experiment.armed", at: at(0), by: "dropped into a watched folder", explicit: false } as const;
const named = { type: "experiment.armed", at: at(1), by: "nightshift release", explicit: true } as const;
const workFinished = { type: "work.finished", at: at(60) } as const;
const workAppeared = { type: "work.appeared", at: at(90) } as const;

function settled(scheduler: "local" | "slurm", minute = 2): ExperimentObservation {
  return { type: "experiment.settled", at: at(minute), scheduler };
}

function unsettled(reason: string): ExperimentObservation {
  return { type: "experiment.unsettled", at: at(1), reason };
}

function stopped(reason: string): ExperimentObservation {
  return { type: "experiment.stopped", at: at(3), reason };
}

function finish(): void {
  experiment.hears(dropped);
  experiment.hears(settled("local", 2));
  experiment.hears(workFinished);
}
