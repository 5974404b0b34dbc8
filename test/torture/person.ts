import { join } from "node:path";

import { execa } from "execa";

import type { Evaluation } from "../../src/domain/experiment.ts";
import type { ExperimentState, WorkContext } from "../../src/domain/state.ts";
import { evaluationStatus, runStatus } from "../../src/domain/status.ts";
import type { Cluster } from "../slurm/cluster.ts";
import { textOf } from "./files.ts";
import type { Stage, StagedExperiment } from "./stage.ts";
import { lastAttempts, type Witness } from "./witness.ts";

/** A person who does what only a person may: lets a doubtful submission be made again, and what was lost be done again. */
export interface Person {
  /** Releases submissions that have been in doubt for a minute, if the cluster has no such job, where nightshift cannot know that sooner. */
  releaseDoubts(): Promise<void>;
  /** Asks that what was lost in an experiment, or had to be cancelled by the cluster's operator, be done again. Says whether there was anything. */
  retryLost(experiment: StagedExperiment, state: ExperimentState): Promise<boolean>;
  readonly released: readonly string[];
  /** The keys of the attempts that were lost. */
  readonly lost: readonly string[];
}

export interface PersonOptions {
  readonly program: string;
  readonly stage: Stage;
  readonly witness: Witness;
  readonly environment: Readonly<Record<string, string>>;
  readonly cluster: Cluster | undefined;
  /** Whether nightshift itself waits an hour before it makes a doubtful submission again, because there is no accounting. */
  readonly isPersonNeeded: boolean;
}

/** A person with a terminal. */
export function createPerson({ program, stage, witness, environment, cluster, isPersonNeeded }: PersonOptions): Person {
  const released: string[] = [];
  const lost: string[] = [];
  const nightshift = async (...parameters: readonly string[]): Promise<void> => {
    witness.allowPerson();
    await execa(process.execPath, [program, ...parameters], { env: { ...environment, XDG_STATE_HOME: stage.stateHome, NO_COLOR: "1" }, reject: false, stdin: "ignore" });
  };
  return {
    released, lost,
    releaseDoubts: async () => {
      for (const { experiment, state } of witness.states()) {
        for (const { key, unclear } of isPersonNeeded && state !== undefined ? lastAttempts(state) : []) {
          if (unclear === undefined || Date.now() - Date.parse(unclear.since) < careMs || released.includes(key) || await hasJob(key, cluster)) continue;
          released.push(key);
          await nightshift("release", targetOf(experiment, key, state));
        }
      }
    },
    retryLost: async (experiment, state) => {
      const given = lostAttempts(experiment, state).filter((key) => !lost.includes(key));
      if (given.length === 0) return false;
      lost.push(...given);
      await nightshift("retry", experiment.folder);
      return true;
    },
  };
}

/** Whether everything that is not completed is so because the cluster has lost a job, or could not start it any more. */
export function isOnlyLost({ folder }: StagedExperiment, state: ExperimentState): boolean {
  const runs = Object.values(state.runs).map(({ context, ...life }) => ({ status: runStatus({ context, ...life }), context }));
  const evaluations = Object.values(state.evaluations).map(({ context, ...life }) => ({ status: evaluationStatus({ context, ...life }), context }));
  return [...runs, ...evaluations].every(({ status, context }) => status === "COMPLETED" || status === "SKIPPED" || isClusters(context, folder));
}

function lostAttempts({ folder }: StagedExperiment, { runs, evaluations }: ExperimentState): readonly string[] {
  return [...Object.values(runs), ...Object.values(evaluations)].flatMap(({ context }) => (isClusters(context, folder) ? context.attempts.at(-1)?.key ?? [] : []));
}

// Nobody else cancels here. And slurmd of 22.05 sometimes takes the script of a job that it is just starting for a vestige.
function isClusters({ failure, attempts }: WorkContext, folder: string): boolean {
  if (failure?.cause === "lost" || failure?.cause === "cancelled") return true;
  const output = attempts.at(-1)?.output;
  return failure !== undefined && output !== undefined && /error: execve\(\): \S+\/slurm_script: No such file/u.test(textOf(join(folder, output)));
}

// Longer than a request to this cluster can be on its way.
const careMs = 60_000;

// A cluster that does not answer leaves the doubt as it is.
async function hasJob(key: string, cluster: Cluster | undefined): Promise<boolean> {
  const jobs = await cluster?.squeue().catch(() => undefined);
  return jobs === undefined || jobs.some(({ script }) => script.includes(`/${key}/`));
}

function targetOf({ folder }: StagedExperiment, key: string, state: ExperimentState | undefined): string {
  const run = Object.entries(state?.runs ?? {}).find(([, { context }]) => context.attempts.at(-1)?.key === key)?.[0];
  if (run !== undefined) return join(folder, run);
  const name = Object.entries(state?.evaluations ?? {}).find(([, { context }]) => context.attempts.at(-1)?.key === key)?.[0] ?? "";
  const unit: Evaluation | undefined = state?.units[name];
  return join(folder, unit?.run ?? "", unit?.task ?? "", ...(unit?.epoch === null || unit === undefined ? [] : [String(unit.epoch)]));
}
