import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { type SmallExperiment, writeSmallExperiment } from "../support/small-experiment.ts";
import { namesIn, textOf } from "./files.ts";

/** How large the experiment is that is worked through at every point. */
export type Shape = Required<Pick<SmallExperiment, "runs" | "epochs">>;

/** The folders of one point: an experiment, the ledger its jobs keep, and nightshift's own state, all apart from each other. */
export interface Stage {
  readonly folder: string;
  readonly shape: Shape;
  /** The watched folder. */
  readonly root: string;
  readonly experiment: string;
  readonly ledger: string;
  readonly stateHome: string;
}

/** Writes a fresh experiment. It stands in its place for `run`, and beside it until it is moved in for `watch`. */
export function setStage(folder: string, shape: Shape, isMovedInLater: boolean): Stage {
  const stage: Stage = {
    folder, shape, root: join(folder, "root"), experiment: join(folder, "root", "exp"), ledger: join(folder, "ledger"), stateHome: join(folder, "state"),
  };
  mkdirSync(stage.root, { recursive: true });
  writeSmallExperiment(stage.experiment, { ...shape, ledger: stage.ledger });
  if (isMovedInLater) renameSync(stage.experiment, besideOf(stage));
  return stage;
}

/** Whether the experiment stands in the watched folder. */
export function isMovedIn({ experiment }: Stage): boolean {
  return existsSync(experiment);
}

/** Moves the experiment into the watched folder. */
export function moveIn(stage: Stage): void {
  renameSync(besideOf(stage), stage.experiment);
}

/** Whether the watching of the root is on record, so that what comes now is dropped into a watched folder. */
export function isWatchedOnRecord({ stateHome }: Stage): boolean {
  return namesIn(join(stateHome, "nightshift", "roots")).some((name) => name.endsWith(".json"));
}

/** Whether state and summary both say that all is done. */
export function isFinished({ experiment, shape }: Stage): boolean {
  const runs = shape.runs.length + 1;
  return /^ {2}"state": "finished"/mu.test(textOf(join(experiment, "eval_jobs.json"))) && textOf(join(experiment, "summary.md")).includes(`${runs}/${runs} complete`);
}

/** Waits until no runner of this stage lives, so that nothing changes any more. */
export async function untilQuiet({ stateHome }: Stage): Promise<void> {
  await eventually(() => !namesIn("/proc").some((pid) => /^\d+$/u.test(pid) && textOf(join("/proc", pid, "cmdline")).includes(`local-runner.js\0${stateHome}`)), "the end of the runners");
}

function besideOf({ folder }: Stage): string {
  return join(folder, "exp");
}
