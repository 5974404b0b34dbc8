import { randomBytes } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { watchChangeTimes } from "./daemon/change-times.ts";
import { rememberJobs, rememberPast } from "./daemon/past.ts";
import { shareSnapshots } from "./daemon/snapshots.ts";
import type { World } from "./daemon/world.ts";
import type { Evaluator } from "./domain/evaluator.ts";
import type { Optimizer } from "./domain/optimizer.ts";
import type { Scheduler } from "./domain/scheduler.ts";
import type { Settings } from "./domain/settings.ts";
import { inspectEvaluator } from "./evaluators/inspect/inspect.ts";
import { readExperiment } from "./experiment/read-experiment.ts";
import { readSettings } from "./experiment/read-settings.ts";
import { torchtuneOptimizer } from "./optimizers/torchtune/torchtune.ts";
import { localScheduler } from "./schedulers/local/local.ts";
import { slurmScheduler } from "./schedulers/slurm/slurm.ts";
import { mirrorIn } from "./state/mirror.ts";
import { readRequests, removeRequests } from "./state/requests.ts";
import { readState, writeState } from "./state/state-file.ts";
import { now } from "./system/clock.ts";
import { readGitCommit } from "./system/git-commit.ts";
import { deliversEvents } from "./watch/file-system.ts";

/** The real parts, put together: everything a command needs to look at experiments and to act for them. */
export interface Parts {
  readonly world: World;
  readonly schedulers: readonly Scheduler[];
  /** What holds where no experiment says otherwise. */
  readonly settings: Settings;
  /** nightshift's own folder, outside all experiments. */
  readonly stateFolder: string;
}

export interface PartsOptions {
  /** What was set on the command line; it overrules every file. */
  readonly flags: Partial<Settings>;
  /** Whether nothing may be started, mended or written anywhere. */
  readonly looksOnly?: boolean;
  /** The watched folders, or the one experiment that was named: its `nightshift.yaml` counts for what belongs to no single experiment. */
  readonly roots: readonly string[];
}

/** The composition root: the one place that knows every adapter. */
export async function assemble({ flags, roots, looksOnly = false }: PartsOptions): Promise<Parts> {
  const { settings } = await readSettings(roots[0] ?? ".", { flags });
  const stateFolder = join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "nightshift");
  const local = localScheduler({ stateFolder, runnerPath: join(import.meta.dirname, "local-runner.js"), looksOnly, ...(settings.maxJobs === undefined ? {} : { maxJobs: settings.maxJobs }) });
  const pollMs = Math.max(shortestClusterPollMs, settings.pollMs);
  const clusters = isOnPath("sbatch") ? [slurmScheduler({ maxSubmit: settings.maxSubmit, minFreeBytes: settings.minFreeBytes, pollMs })] : [];
  const schedulers = new Map<string, Scheduler>([local, ...clusters].map((scheduler) => [scheduler.name, scheduler]));
  // The local queue is a few small files, so it is asked in every pass; passes close together share an answer. A cluster's
  // answer is a little younger than the poll, or timers that fire early would ask only every second time.
  const snapshots = new Map([...schedulers].map(([name, scheduler]) => [name, shareSnapshots(scheduler, name === "local" ? 200 : 0.9 * pollMs)]));
  const pasts = new Map([...schedulers].map(([name, scheduler]) => [name, rememberPast(scheduler)]));
  const jobFinders = new Map([...schedulers].map(([name, scheduler]) => [name, rememberJobs(scheduler)]));
  const optimizers = new Map<string, Optimizer>([torchtuneOptimizer()].map((optimizer) => [optimizer.name, optimizer]));
  const evaluators = new Map<string, Evaluator>([inspectEvaluator()].map((evaluator) => [evaluator.name, evaluator]));
  const mirror = mirrorIn(stateFolder);
  return {
    stateFolder,
    settings,
    schedulers: [...schedulers.values()],
    world: {
      now,
      nonce: () => randomBytes(4).toString("hex"),
      readExperiment,
      readSettings: async (folder) => readSettings(folder, { roots, flags }),
      store: {
        read: readState, write: writeState, whyForeign: mirror.whyForeign, record: mirror.record, readRequests, removeRequests,
      },
      // Answering or not: an experiment must not end up on the login node because the controller is down for a minute.
      chooseScheduler: ({ scheduler }) => (scheduler === "auto" ? (isOnPath("sbatch") ? "slurm" : "local") : scheduler),
      scheduler: (name) => schedulers.get(name),
      snapshot: async (name, folder, expected) => {
        const shared = snapshots.get(name);
        if (shared === undefined) throw new Error(`no scheduler ${name} to be asked`);
        return shared.take(folder, expected);
      },
      past: async (name, folder, isNew) => pasts.get(name)?.(folder, isNew) ?? [],
      findJobs: async (name, ids) => jobFinders.get(name)?.(ids) ?? [],
      optimizer: (name) => optimizers.get(name),
      evaluator: (name) => evaluators.get(name),
      lateMs: (folder) => (deliversEvents(folder) ? 0 : networkLateMs),
      changeTimes: watchChangeTimes(),
      gitCommit: readGitCommit,
    },
  };
}

const shortestClusterPollMs = 1000;

// NFS keeps what it knows of a folder for up to 60 s (acdirmax in nfs(5)).
const networkLateMs = 60_000;

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder || ".", program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
