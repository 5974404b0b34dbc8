import { join } from "node:path";

import { watchChangeTimes } from "../../src/daemon/change-times.ts";
import { type Pass, reconcile } from "../../src/daemon/reconcile.ts";
import { createReporter } from "../../src/daemon/reporter.ts";
import { shareSnapshots } from "../../src/daemon/snapshots.ts";
import { viewOf } from "../../src/daemon/view.ts";
import type { World } from "../../src/daemon/world.ts";
import type { Request } from "../../src/domain/request.ts";
import { defaultSettings } from "../../src/domain/settings.ts";
import { inspectEvaluator } from "../../src/evaluators/inspect/inspect.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { torchtuneOptimizer } from "../../src/optimizers/torchtune/torchtune.ts";
import { renderStatus } from "../../src/report/status-table.ts";
import { renderHappening } from "../../src/report/happenings.ts";
import { type SlurmOptions, slurmScheduler } from "../../src/schedulers/slurm/slurm.ts";
import { mirrorIn } from "../../src/state/mirror.ts";
import { readRequests, removeRequests } from "../../src/state/requests.ts";
import { readState, writeState } from "../../src/state/state-file.ts";
import { instantOf } from "../../src/system/clock.ts";
import { eventually } from "../support/eventually.ts";
import type { Stage } from "./stage.ts";

/**
 * nightshift on a stage, with a clock of its own: hours take milliseconds.
 *
 * Everything but the clock is real: files, the scheduler's adapter, the cluster's programs and jobs. Only the lane and the
 * timers that would call for the next pass are the test's.
 */
export interface Hours {
  /** One pass; what it wishes is done, one after the other. */
  look(): Promise<Pass>;
  /** Lets time pass. */
  wait(milliseconds: number): void;
  /** Sets the clock on the wall of this machine forward or back; no time passes, and the cluster's clocks stay. */
  step(milliseconds: number): void;
  /** Looks every few minutes, as soon as the cluster has nothing to do, until the experiment is finished. */
  untilFinished(everyMinutes?: number): Promise<void>;
  /** Waits, for real, until every job that may run has ended. */
  quiet(): Promise<void>;
  /** As if nightshift had been killed and started again, with other options of the scheduler's. */
  restart(changes?: Partial<HoursOptions>): void;
}

export interface HoursOptions extends Partial<Omit<SlurmOptions, "environment" | "monotonicMs">> {
  /** How long files may lag behind a job's end. */
  readonly lateMs?: number;
  readonly insertLines?: boolean;
  /** When it begins, where that is not now. */
  readonly begins?: Date;
}

/** Begins with an experiment that a person has just named. */
export function openHours(stage: Stage, { lateMs = 0, begins, ...options }: HoursOptions = {}): Hours {
  const settings = { ...defaultSettings, settleMs: 0, staggerMs: 0, minFreeBytes: 0, scheduler: "slurm" as const, ...options };
  let [passedMs, steppedMs] = [begins === undefined ? 0 : begins.getTime() - Date.now(), 0];
  if (passedMs !== 0) stage.cluster.setClock(passedMs);
  const monotonicMs = (): number => performance.now() + passedMs;
  const startScheduler = (changes: Partial<HoursOptions> = {}): ReturnType<typeof slurmScheduler> => slurmScheduler({ ...settings, ...changes, environment: { ...process.env, ...stage.environment }, monotonicMs });
  let scheduler = startScheduler();
  let snapshots = shareSnapshots(scheduler, 0, monotonicMs);
  let reporter = createReporter({ say: (_, happening) => stage.note(renderHappening(happening)) });
  const mirror = mirrorIn(join(stage.stateHome, "nightshift"));
  const [optimizer, evaluator] = [torchtuneOptimizer(), inspectEvaluator({ now: () => Date.now() + passedMs })];
  const now = (): string => instantOf(new Date(Date.now() + passedMs + steppedMs));
  let nonces = 0;
  const world: World = {
    now, nonce: () => (nonces += 1).toString(16).padStart(8, "0"), readExperiment, readSettings: async () => ({ settings, problems: [] }),
    store: { read: readState, write: writeState, whyForeign: mirror.whyForeign, record: mirror.record, readRequests, removeRequests },
    chooseScheduler: () => "slurm", scheduler: () => scheduler, snapshot: async (_name, folder, expected) => snapshots.take(folder, expected),
    past: async () => await scheduler.past?.() ?? [], findJobs: async (_name, ids) => await scheduler.find?.(ids) ?? [],
    optimizer: () => optimizer, evaluator: () => evaluator, lateMs: () => lateMs, changeTimes: watchChangeTimes(), gitCommit: () => undefined,
  };
  const begin: Request = { action: "run", by: "nightshift run", at: now() };
  const look = async (): Promise<Pass> => {
    const pass = await reconcile(stage.experiment, world, { mayWrite: true, requests: [begin] });
    reporter.report(pass);
    stage.note(renderStatus(viewOf(pass), { now: now(), width: 1000 }));
    for (const wish of pass.wishes) {
      const answer = await (wish.kind === "submit" ? scheduler.submit(wish.intent) : scheduler.cancel(wish.intent));
      if (answer !== undefined && "reason" in answer) stage.note(`${wish.title}: ${answer.reason}`);
    }
    return pass;
  };
  const wait = (milliseconds: number): void => {
    passedMs += milliseconds;
    stage.cluster.setClock(passedMs);
  };
  return {
    look,
    wait,
    step: (milliseconds) => { steppedMs += milliseconds; },
    quiet: async () => untilQuiet(stage),
    untilFinished: async (everyMinutes = 2) => {
      for (let looks = 0; looks < 30; looks += 1) {
        await untilQuiet(stage);
        if ((await look()).state?.life.state === "finished") return;
        wait(everyMinutes * 60_000);
      }
      throw new Error(`the experiment was not finished after ${30 * everyMinutes} minutes:\n${stage.said().slice(-4000)}`);
    },
    restart: (changes) => {
      scheduler = startScheduler(changes);
      snapshots = shareSnapshots(scheduler, 0, monotonicMs);
      reporter = createReporter({ say: (_, happening) => stage.note(renderHappening(happening)) });
    },
  };
}

async function untilQuiet({ cluster }: Stage): Promise<void> {
  const moves = (id: string): boolean => {
    const truth = cluster.truthOf(id);
    return truth?.state === "RUNNING" || (truth?.state === "PENDING" && truth.reason !== "JobHeldUser");
  };
  await eventually(() => !cluster.jobs().some(({ id }) => moves(id)), "the end of all jobs");
}
