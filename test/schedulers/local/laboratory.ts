import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";
import { afterAll } from "vitest";

import { isFinal, type JobIntent, type JobSeen, type SubmitAnswer } from "../../../src/domain/job.ts";
import type { Scheduler } from "../../../src/domain/scheduler.ts";
import { type LocalOptions, localScheduler } from "../../../src/schedulers/local/local.ts";
import { jobPath, readIds, readJob, spoolFolder } from "../../../src/schedulers/local/spool.ts";
import { isAlive } from "../../../src/system/process-identity.ts";
import { eventually } from "../../support/eventually.ts";

/** An experiment's folder and a local scheduler of its own, with real runners and real scripts. */
export interface Laboratory {
  readonly folder: string;
  readonly experiment: string;
  readonly spool: string;
  readonly scheduler: Scheduler;
  /** Another scheduler on the same spool, as a daemon that was started again has one. */
  schedulerWith(options?: Partial<LocalOptions>): Scheduler;
  /** Writes a script and says how it would be submitted. */
  intent(key: string, script: string, options?: { readonly submitFolder?: string; readonly name?: string }): JobIntent;
  /** Submits a script and answers the job's id. */
  submit(key: string, script: string, options?: { readonly submitFolder?: string; readonly name?: string }): Promise<string>;
  seen(id: string): Promise<JobSeen | undefined>;
  ended(id: string): Promise<JobSeen>;
  /** Asks for a job to be cancelled. */
  cancel(id: string): Promise<void>;
  /** Waits until a file of the experiment is there, with text. */
  text(...path: readonly string[]): Promise<string>;
  /** The record of a job in the spool, to be read or tampered with. */
  recordOf(id: string, name: string): string;
  /** Cancels what still runs, and removes the folder. */
  remove(): Promise<void>;
}

/** Builds the runner as the project's build does. Whatever the tests of the file open is closed after them. */
export function buildRunner(): string {
  const runner = bundle("src/schedulers/local/runner.ts");
  afterAll(async () => {
    for (const laboratory of open.splice(0)) await laboratory.remove();
  });
  return runner;
}

/** Makes one program of a TypeScript file, for the tests of one file. */
export function bundle(entry: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nightshift-bundle-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const outfile = join(folder, "program.js");
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
  return outfile;
}

const open: Laboratory[] = [];

/** Makes a folder with an experiment and a scheduler. */
export function openLaboratory(runnerPath: string, options: Partial<LocalOptions> & { readonly folderName?: string } = {}): Laboratory {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-local-")));
  const experiment = join(folder, options.folderName ?? "experiment");
  const stateFolder = join(folder, "state");
  mkdirSync(experiment, { recursive: true });
  const schedulerWith = (more: Partial<LocalOptions> = {}): Scheduler =>
    localScheduler({ stateFolder, runnerPath, gpus: [], maxJobs: 4, killWaitMs: 2000, ...options, ...more });
  const scheduler = schedulerWith();
  const spool = spoolFolder(stateFolder);
  const seen = async (id: string): Promise<JobSeen | undefined> => {
    const snapshot = await scheduler.query([]);
    if (snapshot.kind === "unavailable") throw new Error(snapshot.reason);
    return snapshot.jobs.find((job) => job.id === id);
  };
  const intent: Laboratory["intent"] = (key, script, { submitFolder = experiment, name = "job.slurm" } = {}) => {
    mkdirSync(join(experiment, "scripts", key), { recursive: true });
    const path = join(experiment, "scripts", key, name);
    writeFileSync(path, script);
    chmodSync(path, 0o750);
    return { key, kind: "training", experimentFolder: experiment, script: path, submitFolder };
  };
  const laboratory: Laboratory = {
    folder, experiment, spool, scheduler, schedulerWith, intent, seen,
    submit: async (...given) => idOf(await scheduler.submit(intent(...given))),
    ended: async (id) => answerOf(async () => {
      const job = await seen(id);
      return job !== undefined && isFinal(job.state) ? job : undefined;
    }),
    cancel: async (id) => {
      await scheduler.cancel({ key: "", kind: "training", experimentFolder: experiment, script: "", submitFolder: experiment, id, by: "the test" });
    },
    text: async (...path) => answerOf(() => {
      const file = join(experiment, ...path);
      return existsSync(file) && readFileSync(file, "utf8") !== "" ? readFileSync(file, "utf8") : undefined;
    }),
    recordOf: (id, name) => jobPath(spool, id, name),
    remove: async () => {
      const snapshot = await scheduler.query([]);
      const unfinished = snapshot.kind === "available" ? snapshot.jobs.filter(({ state }) => !isFinal(state)) : [];
      for (const { id } of unfinished) await laboratory.cancel(id);
      for (const { id } of unfinished) await laboratory.ended(id);
      const runners = readIds(spool).map((id) => readJob(spool, id).taken?.runner).filter((identity) => identity !== undefined);
      await eventually(() => !runners.some(isAlive), "the end of the runners");
      await eventually(() => isRemoved(folder), `the removal of ${folder}`);
    },
  };
  open.push(laboratory);
  return laboratory;
}

export function idOf(answer: SubmitAnswer): string {
  if (answer.kind !== "accepted") throw new Error(JSON.stringify(answer));
  return answer.id;
}

// A runner that found nothing to do may just be looking into the spool.
function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** Waits on the world: asks until there is an answer. */
export async function answerOf<Answer>(ask: () => Answer | undefined | Promise<Answer | undefined>): Promise<Answer> {
  let answer: Answer | undefined;
  await eventually(async () => {
    answer = await ask();
    return answer !== undefined;
  }, ask.toString());
  return answer as Answer;
}
