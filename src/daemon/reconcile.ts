import type { ExperimentReading } from "../domain/experiment-reading.ts";
import type { Facts } from "../domain/facts.ts";
import type { QueueSnapshot } from "../domain/job.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import type { Request } from "../domain/request.ts";
import type { SchedulerName } from "../domain/scheduler.ts";
import type { Settings } from "../domain/settings.ts";
import type { ExperimentState } from "../domain/state.ts";
import { epochMs, type Instant } from "../domain/time.ts";
import type { Wish } from "../domain/wish.ts";
import { advance, beginState } from "../rules/advance.ts";
import { lookAgainMs } from "../rules/look-again.ts";
import { expectedJobs, hasJobs } from "../rules/outlook.ts";
import { withPastJobs } from "../rules/past-jobs.ts";
import { deriveWishes } from "../rules/wishes.ts";
import { keepState, mustBeKept } from "./keep-state.ts";
import { observeArtefacts } from "./observe.ts";
import { whyNothingMayBeSubmitted } from "./obstacles.ts";
import type { StoredState, World } from "./world.ts";

/** What one pass over an experiment came to. */
export interface Pass {
  readonly folder: string;
  readonly problems: readonly Problem[];
  /** Absent when the summary could not be understood at all. */
  readonly facts?: Facts;
  /** As it was before the pass; absent when there was none on disk. */
  readonly before?: ExperimentState;
  readonly state?: ExperimentState;
  /** Why the state in the folder, or that there is none, is not gone on from. */
  readonly foreign?: string;
  /** Whether `state` is on disk and ours, so that documents may be written beside it. */
  readonly isKept: boolean;
  /** Whether it was to be written and could not be: the disk is full, or another nightshift has just taken over. */
  readonly isUnwritten: boolean;
  readonly wishes: readonly Wish[];
  /** When to look again even if nothing is heard; absent when only an event can change anything. */
  readonly lookAgainMs?: number;
}

export interface PassOptions {
  /** Whether this process takes care of the experiment: without, a pass only looks and writes nothing. */
  readonly mayWrite: boolean;
  /** A person's wish that reached us by another way than a request file: a folder dropped, `nightshift run`. */
  readonly requests?: readonly Request[];
  /** Whether this process hands no wish to a scheduler, but leaves that to another one: then no experiment begins. */
  readonly submitsNothing?: boolean;
}

/**
 * Looks at one experiment and brings everything up to date: the flow of nightshift on one page.
 *
 * read, observe, advance, write, wish. The caller reports and hands the wishes to the lane. Never waits for a scheduler
 * longer than one shared question, and submits nothing itself.
 */
export async function reconcile(folder: string, world: World, options: PassOptions): Promise<Pass> {
  // read
  const found = await world.readExperiment(folder);
  const { settings, problems: settingProblems } = await world.readSettings(folder);
  const stored = world.store.read(folder);
  const problems = [...found.problems, ...settingProblems, ...(stored.kind === "corrupt" ? [stored.problem] : [])];
  const { experiment, places } = found;
  if (experiment === undefined || places === undefined || stored.kind === "corrupt") return { folder, problems, isKept: false, isUnwritten: false, wishes: [] };
  const waiting = world.store.readRequests(folder);
  const asked = [...(options.requests ?? []), ...waiting.map(({ request }) => request)];
  const foreign = whyForeign(folder, stored, asked, world);
  // Where the state is not to be trusted, that the folder stands in a watched one is no word of a person's.
  const requests = foreign === undefined ? asked : asked.filter(({ action }) => action !== "drop");
  const before = stored.kind === "state" ? stored.state : undefined;

  // observe
  const schedulerName = before?.life.context.scheduler ?? world.chooseScheduler(settings);
  const reading = schedulerName === "slurm" && mayHaveAPast(before, requests) ? withPastJobs(found, await world.past(schedulerName, folder, before === undefined)) : found;
  const records = (await world.scheduler(schedulerName)?.readRecords(folder)) ?? new Map();
  const mustAsk = (before !== undefined && hasJobs(before, experiment)) || (schedulerName === "slurm" && mayBegin(before, requests));
  const queue = mustAsk && world.scheduler(schedulerName) !== undefined ? await world.snapshot(schedulerName, folder, before === undefined ? [] : expectedJobs(before, experiment)) : undefined;
  const jobs = { records, ...(queue === undefined ? {} : { queue }) };
  const artefacts = await observeArtefacts({ experiment, places, reading, state: before, jobs, scheduler: schedulerName }, world);
  const now = world.now();
  const obstacle = whyNothingMayBeSubmitted({ problems, foreign, scheduler: schedulerName, before, experiment, reading, queue, now }, world);
  const gitCommit = world.gitCommit(folder);
  const facts: Facts = {
    now, ...changesIn(reading, now, world), nonce: world.nonce(), settings, experiment, places, reading, requests, scheduler: schedulerName, lateMs: world.lateMs(folder),
    ...jobs, ...artefacts, ...(options.submitsNothing === true ? { submitsNothing: true } : {}), ...(obstacle === undefined ? {} : { obstacle }), ...(gitCommit === undefined ? {} : { gitCommit }),
  };

  // advance, write, wish
  const advanced = advance(before ?? beginState(facts), facts);
  const kept = options.mayWrite && foreign === undefined && mustBeKept(stored.kind, advanced, waiting) ? keepState(folder, advanced, before, waiting, world.store) : undefined;
  const isKept = kept?.kind === "kept";
  // What was not written has not happened: the state before it is shown, with what stands in the way.
  const state = isKept ? kept.state : kept === undefined ? advanced : before ?? advanced;
  const wishes = isKept ? deriveWishes(state, facts) : [];
  const again = kept?.kind === "unwritten" ? kept.againMs ?? settings.pollMs : lookAgainMs(state, facts, pollMs(schedulerName, settings, queue));
  return {
    folder, problems: withReadingProblems(problems, facts), facts: kept?.kind === "unwritten" ? { ...facts, ...kept.obstacle } : facts, state, isKept, isUnwritten: kept?.kind === "unwritten", wishes,
    ...(foreign === undefined ? {} : { foreign }), ...(before === undefined ? {} : { before }), ...(again === undefined ? {} : { lookAgainMs: again }),
  };
}

// On a cluster somebody else's jobs may stand in the queue already, which is looked at before anything is submitted.
function mayBegin(before: ExperimentState | undefined, requests: readonly Request[]): boolean {
  return requests.length > 0 || before?.life.state === "settling" || before?.life.state === "working";
}

// What was never tried by us may have been by somebody else.
function mayHaveAPast(before: ExperimentState | undefined, requests: readonly Request[]): boolean {
  if (before === undefined || before.life.state !== "working") return mayBegin(before, requests);
  return [...Object.values(before.runs), ...Object.values(before.evaluations)].some(({ state, context }) => state === "waiting" && context.attempts.length === 0);
}

function changesIn({ folder, newestChangeMs, designFiles }: ExperimentReading, now: Instant, { changeTimes }: World): Pick<Facts, "changedMs" | "designChangedMs"> {
  const designMs = Math.max(0, ...designFiles.map(({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs)));
  return {
    changedMs: changeTimes.ownTimeOf(folder, newestChangeMs, epochMs(now)),
    designChangedMs: changeTimes.ownTimeOf(`${folder}\0design`, designMs, epochMs(now)),
  };
}

function whyForeign(folder: string, stored: StoredState, requests: readonly Request[], world: World): string | undefined {
  if (stored.kind === "theirs") return stored.reason;
  const isNamed = requests.some(({ action, run }) => run === undefined && (action === "release" || action === "run"));
  return world.store.whyForeign(folder, stored.kind === "state" ? stored.state : undefined, isNamed);
}

// Files of results that cannot be read. Evaluations that share a folder name the same file, which is told once.
function withReadingProblems(problems: readonly Problem[], { trainings, evaluations }: Facts): readonly Problem[] {
  const found = [...[...trainings.values()].flatMap((reading) => reading.problems ?? []), ...[...evaluations.values()].flatMap((reading) => reading.problems)];
  const told = new Map([...problems, ...found.map((problem) => ({ ...problem, severity: "warning" as const }))].map((problem) => [renderProblem(problem), problem]));
  return [...told.values()];
}

// The local scheduler's answer costs a few small files; a cluster's is asked for as seldom as its users agreed to.
function pollMs(scheduler: SchedulerName, settings: Settings, queue: QueueSnapshot | undefined): number {
  return scheduler === "local" && queue?.kind !== "unavailable" ? Math.min(settings.pollMs, 1000) : settings.pollMs;
}
