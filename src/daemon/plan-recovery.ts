import type { Distrust } from "../domain/distrust.ts";
import { evaluationKey, type Experiment } from "../domain/experiment.ts";
import type { Facts } from "../domain/facts.ts";
import { isFinal, type JobRecord, type JobSeen } from "../domain/job.ts";
import type { Places } from "../domain/places.ts";
import type { Problem } from "../domain/problem.ts";
import type { SchedulerName } from "../domain/scheduler.ts";
import type { ExperimentState } from "../domain/state.ts";
import { epochMs } from "../domain/time.ts";
import { advance, beginState } from "../rules/advance.ts";
import { expectedJobs } from "../rules/outlook.ts";
import { type Rebuilt, rebuildState, type Remains, settleDoubts } from "../rules/rebuild-state.ts";
import { readIntents } from "../schedulers/job-intents.ts";
import type { LastKnown, Mirror } from "../state/mirror.ts";
import { isOfThisFolder, readOwnerNote } from "../state/owner-note.ts";
import { readState, type StoredState } from "../state/state-file.ts";
import { readLastTold } from "../state/told-state.ts";
import { placeOf } from "../system/place.ts";
import { reconcile } from "./reconcile.ts";
import type { World } from "./world.ts";

/** What recovering an experiment would come to. Nothing of it is written. */
export interface Recovery {
  readonly folder: string;
  readonly experiment: Experiment;
  readonly problem?: Problem;
  readonly distrust?: Distrust;
  /** The newest whole state, and where it was found. */
  readonly base?: { readonly revision: number; readonly from: string };
  readonly areRecordsWhole: boolean;
  readonly records: ReadonlyMap<string, JobRecord>;
  readonly jobs: readonly JobSeen[];
  /** Those in the queue that the newest whole state does not know. */
  readonly unknownJobs: readonly JobSeen[];
  readonly facts: Facts;
  readonly rebuilt: Rebuilt;
  /** As it would be written, under the revision after `revision`. */
  readonly state: ExperimentState;
  readonly revision: number;
  /** Whether the state that is there says all that was concluded, and nothing stands against it. */
  readonly isNeedless: boolean;
}

export type RecoveryPlan = { readonly kind: "plan"; readonly recovery: Recovery } | { readonly kind: "impossible"; readonly reason: string; readonly problems: readonly Problem[] };

/** Concludes from all that is left (states, job records, the queue, artefacts) how far an experiment is. Only looks. */
export async function planRecovery(folder: string, world: World, mirror: Mirror, by: string): Promise<RecoveryPlan> {
  const { experiment, places, problems } = await world.readExperiment(folder);
  if (experiment === undefined || places === undefined) return { kind: "impossible", reason: "its summary cannot be understood, so nobody can say what belongs to what", problems };
  const stored = readState(folder);
  if (stored.kind === "theirs") return { kind: "impossible", reason: stored.reason, problems: [] };
  if (stored.kind === "corrupt" && !stored.isRead) return { kind: "impossible", reason: "its eval_jobs.json may be whole, but it cannot be read just now", problems: [stored.problem] };
  const present = stored.kind === "state" ? stored.state : undefined;
  const distrust = stored.kind === "corrupt" ? undefined : mirror.judge(folder, present);
  const known = mirror.lastKnown(folder, present);
  const base = newestState(folder, stored, distrust, known);
  const records = (await world.scheduler("local")?.readRecords(folder)) ?? new Map<string, JobRecord>();
  const queue = await findJobs(folder, { base: base?.state, known, records, experiment }, world);
  if ("reason" in queue) return { kind: "impossible", ...queue, problems: [] };
  const at = world.now();
  // A private folder that came back from a backup has the right token, and lacks what was noted in it since.
  const areRecordsWhole = isOwnPrivateFolder(folder) && known?.areRecordsWhole !== false;
  const intents = readIntents(folder);
  const unknownJobs = queue.jobs.filter(({ key = "", state }) => !isFinal(state) && !keysOf(base?.state).has(key));
  const remains: Remains = {
    experiment, records, jobs: queue.jobs, scheduler: queue.scheduler, at, by,
    // A job that neither state nor records know gives away that there were others before them.
    isLast: base !== undefined && known !== undefined && base.state.revision >= known.revision && !base.isSuspect && unknownJobs.length === 0,
    areRecordsWhole: areRecordsWhole && unknownJobs.every(({ key = "" }) => records.has(key)),
    intents: new Map([...intents].map(([key, { script, preparedAt }]) => [key, { ...unitOfScript(script, experiment, places), ...(preparedAt === undefined ? {} : { preparedAt }) }])),
    ...(base === undefined ? {} : { base: base.state }),
  };
  const rebuilt = rebuildState(remains);
  const onItsWay = [...rebuilt.findings.values()].flatMap(({ keys, lost }) => (lost === undefined ? [] : keys.slice(-1))).find((key) => Math.abs(epochMs(at) - (intents.get(key)?.spawnedMs ?? 0)) < longestSubmissionMs);
  if (onItsWay !== undefined) return { kind: "impossible", reason: `a submission may still be on its way (${onItsWay}); try again in two minutes`, problems: [] };
  const looked = await lookAt(folder, (facts) => ({ ...(base?.state ?? { ...beginState(facts), ...(known === undefined ? {} : { id: known.id }) }), life: rebuilt.life, runs: rebuilt.runs, evaluations: rebuilt.evaluations }), world);
  if (looked === undefined) return { kind: "impossible", reason: "its summary cannot be understood", problems };
  const state = advance(settleDoubts(looked.state, rebuilt), looked.facts);
  const isUnchanged = base !== undefined && present === base.state && [...rebuilt.findings.values()].every(({ lost }) => lost === undefined) && isSameWork(rebuilt, base.state);
  return {
    kind: "plan",
    recovery: {
      folder, experiment, areRecordsWhole: remains.areRecordsWhole, records, jobs: queue.jobs, unknownJobs, facts: looked.facts, rebuilt, state,
      revision: Math.max(known?.revision ?? 0, base?.state.revision ?? 0, present?.revision ?? 0),
      isNeedless: distrust === undefined && isUnchanged,
      ...(stored.kind === "corrupt" ? { problem: stored.problem } : {}), ...(distrust === undefined ? {} : { distrust }),
      ...(base === undefined ? {} : { base: { revision: base.state.revision, from: base.from } }),
    },
  };
}

// No program of a scheduler is waited for longer.
const longestSubmissionMs = 120_000;

interface Base {
  readonly state: ExperimentState;
  readonly from: string;
  /** Whether something else than nightshift changed it. */
  readonly isSuspect: boolean;
}

// The file itself comes first among equals, unless somebody else has changed it.
function newestState(folder: string, stored: StoredState, distrust: Distrust | undefined, known: LastKnown | undefined): Base | undefined {
  const told = readLastTold(folder);
  // A copy brings what was told of its original along.
  const id = known?.id ?? (stored.kind === "state" ? stored.state.id : isOwnPrivateFolder(folder) ? told?.id : undefined);
  const candidates: Base[] = [
    ...(stored.kind === "state" && distrust?.kind !== "changed" ? [{ state: stored.state, from: "eval_jobs.json", isSuspect: false }] : []),
    ...(known?.state === undefined ? [] : [{ state: known.state, from: "the copy that nightshift keeps outside the experiment", isSuspect: false }]),
    ...(told === undefined ? [] : [{ state: told, from: ".nightshift/told.json", isSuspect: false }]),
    ...(stored.kind === "state" && distrust?.kind === "changed" ? [{ state: stored.state, from: "eval_jobs.json, as somebody changed it", isSuspect: true }] : []),
  ].filter(({ state }) => state.id === id);
  return candidates.reduce<Base | undefined>((best, one) => (best === undefined || one.state.revision > best.state.revision ? one : best), undefined);
}

function isOwnPrivateFolder(folder: string): boolean {
  const note = readOwnerNote(folder);
  return note !== undefined && isOfThisFolder(note, placeOf(folder));
}

interface Known {
  readonly base: ExperimentState | undefined;
  readonly known: LastKnown | undefined;
  readonly records: ReadonlyMap<string, JobRecord>;
  readonly experiment: Experiment;
}

async function findJobs(folder: string, { base, known, records, experiment }: Known, world: World): Promise<{ jobs: readonly JobSeen[]; scheduler: SchedulerName } | { reason: string }> {
  const { settings } = await world.readSettings(folder);
  const chosen = base?.life.context.scheduler ?? world.chooseScheduler(settings);
  const names = (base?.life.context.scheduler === undefined ? [...new Set<SchedulerName>([chosen, "local"])] : [chosen]).filter((name) => world.scheduler(name) !== undefined);
  if (!names.includes(chosen)) return { reason: `its scheduler is ${chosen}, which is not on this machine, so nobody can say which of its jobs there are` };
  const homes = [folder, ...(known === undefined ? [] : [known.path])].map((home) => `${home}/.nightshift/jobs/`);
  const keys = new Set([...records.keys(), ...keysOf(base)]);
  // Jobs that have ended before this folder was made belong to one that stood here earlier.
  const bornMs = (placeOf(folder).birthMs ?? 0) - clockSkewMs;
  const isOurs = ({ key, script, state, submittedAt }: JobSeen): boolean => key !== undefined
    && (keys.has(key) || (homes.some((home) => script?.startsWith(home) === true) && (!isFinal(state) || submittedAt === undefined || epochMs(submittedAt) >= bornMs)));
  let scheduler = chosen;
  const jobs: JobSeen[] = [];
  for (const name of names) {
    const snapshot = await world.snapshot(name, folder, base === undefined ? [] : expectedJobs(base, experiment));
    if (snapshot.kind === "unavailable") return { reason: `its scheduler (${name}) does not answer since ${snapshot.since}: ${snapshot.reason}. Without its queue nobody can say which jobs there are; try again later` };
    const ours = snapshot.jobs.filter(isOurs);
    if (ours.length > 0) scheduler = name;
    jobs.push(...ours);
  }
  return { jobs, scheduler };
}

const clockSkewMs = 60_000;

function keysOf(state: ExperimentState | undefined): ReadonlySet<string> {
  return new Set([...Object.values(state?.runs ?? {}), ...Object.values(state?.evaluations ?? {})].flatMap(({ context }) => context.attempts.map(({ key }) => key)));
}

function unitOfScript(script: string, { folder, runs, evaluations }: Experiment, places: Places): { unit?: string } {
  const isOf = (where: { readonly scriptCandidates: readonly string[]; readonly script?: string } | undefined): boolean =>
    where !== undefined && [...(where.script === undefined ? [] : [where.script]), ...where.scriptCandidates].some((path) => path === script || path === `${folder}/${script}`);
  const unit = runs.find(({ name }) => isOf(places.runs.get(name)))?.name ?? evaluations.map(evaluationKey).find((key) => isOf(places.evaluations.get(key)));
  return unit === undefined ? {} : { unit };
}

// A pass that takes the rebuilt state for the one in the folder, and in which nothing may be begun.
async function lookAt(folder: string, build: (facts: Pick<Facts, "experiment" | "nonce" | "now">) => ExperimentState, world: World): Promise<{ facts: Facts; state: ExperimentState } | undefined> {
  const { experiment } = await world.readExperiment(folder);
  if (experiment === undefined) return undefined;
  const state = build({ experiment, nonce: world.nonce(), now: world.now() });
  const pass = await reconcile(folder, {
    ...world, store: { ...world.store, read: () => ({ kind: "state", state }), whyForeign: () => "it is being recovered", readRequests: () => [] },
  }, { mayWrite: false });
  return pass.facts === undefined || pass.state === undefined ? undefined : { facts: pass.facts, state: pass.state };
}

function isSameWork({ runs, evaluations }: Rebuilt, state: ExperimentState): boolean {
  const isSame = <Life>(one: Readonly<Record<string, Life>>, other: Readonly<Record<string, Life>>): boolean => Object.keys(one).every((name) => one[name] === other[name] || other[name] === undefined);
  return isSame(runs, state.runs) && isSame(evaluations, state.evaluations);
}
