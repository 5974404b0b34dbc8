import { renameSync } from "node:fs";
import { join } from "node:path";

import { type FakeCluster, makeCluster } from "../support/fake-slurm/cluster.ts";
import { type SmallExperiment, writeSmallExperiment } from "../support/small-experiment.ts";
import { type Ended, type Nightshift, openWorkplace, type Surroundings } from "../support/workplace.ts";

/** Where a fault is played: an experiment, a cluster to run it on, and a ledger that its jobs keep, apart from each other. */
export interface Stage {
  /** Holds everything else. */
  readonly folder: string;
  readonly root: string;
  readonly experiment: string;
  readonly ledger: string;
  readonly stateHome: string;
  readonly cluster: FakeCluster;
  /** What nightshift has in its environment here, and with it every job: the cluster's programs come first, STAGE is the folder. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts `nightshift run` or `nightshift watch` on the cluster, without losing time. */
  start(command: "run" | "watch", surroundings?: Surroundings): Nightshift;
  /** Starts `nightshift watch` on the empty folder, and moves the experiment into it. */
  drop(): Promise<Nightshift>;
  /** Writes the experiment's files once more, in another shape: as a person does who edits the design. */
  redesign(shape: Omit<SmallExperiment, "ledger">): void;
  /** Runs the experiment to its end. */
  run(surroundings?: Surroundings): Promise<Ended>;
  /** Any other command of nightshift. */
  nightshift(...parameters: readonly string[]): Promise<Ended>;
  /** Where a file is whose appearance something waits for. */
  at(name: string): string;
  /** What everything that was started has said so far. */
  said(): string;
  /** Notes what was said by other means. */
  note(text: string): void;
  /** What has to be undone before its folders can be removed. */
  atEnd(undo: () => void): void;
  close(): Promise<void>;
}

/** Sets the stage with an experiment that nobody has begun with. */
export function openStage(shape: Omit<SmallExperiment, "ledger">): Stage {
  const place = openWorkplace();
  const cluster = makeCluster(join(place.folder, "cluster"));
  const experiment = join(place.root, "exp");
  const ledger = join(place.folder, "ledger of exp");
  writeSmallExperiment(experiment, { ledger, ...shape });
  const environment = { PATH: cluster.path, STAGE: place.folder };
  const started: Nightshift[] = [];
  const notes: string[] = [];
  const undone: (() => void)[] = [];
  const begin = (parameters: readonly string[], { env = {}, ...others }: Surroundings = {}): Nightshift => {
    const nightshift = place.start(parameters, { env: { ...environment, ...env }, ...others });
    started.push(nightshift);
    return nightshift;
  };
  const start: Stage["start"] = (command, surroundings) => begin([command, command === "run" ? experiment : place.root, ...swift], surroundings);
  return {
    folder: place.folder, root: place.root, experiment, ledger, stateHome: place.stateHome, cluster, environment, start,
    drop: async () => {
      renameSync(experiment, join(place.folder, "exp"));
      const watch = start("watch");
      await watch.says("No experiment is here yet");
      renameSync(join(place.folder, "exp"), experiment);
      return watch;
    },
    redesign: (changes) => { writeSmallExperiment(experiment, { ledger, ...shape, ...changes }); },
    run: async (surroundings) => start("run", surroundings).ended,
    nightshift: async (...parameters) => begin(parameters).ended,
    at: (name) => join(place.folder, name),
    said: () => [...started.map(({ said }) => said()), ...notes].join("\n"),
    note: (text) => { notes.push(text); },
    atEnd: (undo) => { undone.unshift(undo); },
    close: async () => {
      for (const { signal } of started) signal("SIGCONT");
      for (const { signal } of started) signal("SIGKILL");
      await Promise.all(started.map(({ ended }) => ended));
      await cluster.end();
      for (const undo of undone) undo();
      await place.clear();
    },
  };
}

const swift = ["--settle", "100ms", "--poll", "1s", "--stagger", "0ms", "--scheduler", "slurm"];
