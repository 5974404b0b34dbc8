import { advanceExperiment } from "../../machines/lives.ts";
import { type Distrust, remedyFor } from "../domain/distrust.ts";
import { isFinal, type JobSeen } from "../domain/job.ts";
import type { Problem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { renderBlock } from "../report/log-block.ts";
import { appendToLog } from "../state/log-files.ts";
import type { Mirror } from "../state/mirror.ts";
import { keepStateFile, moveRecordsAside } from "../state/put-aside.ts";
import { readState, replaceState } from "../state/state-file.ts";
import { reconcile } from "./reconcile.ts";
import type { World } from "./world.ts";

/** What became of an experiment that was to be adopted. */
export type Adoption =
  | { readonly kind: "moved"; readonly from: string; readonly state: ExperimentState }
  | { readonly kind: "new"; readonly state: ExperimentState; readonly problems: readonly Problem[]; readonly keptAs?: string; readonly recordsIn: string }
  /** It is this folder's own already, or there is nothing. */
  | { readonly kind: "needless" }
  /** Another command is the one that helps. */
  | { readonly kind: "distrusted"; readonly distrust: Distrust }
  | { readonly kind: "impossible"; readonly reason: string; readonly problems: readonly Problem[] };

/** Says what stands against an adoption, or that there is nothing to adopt. Only looks. */
export function whyNotAdopted(folder: string, mirror: Mirror, asNew: boolean): Adoption | undefined {
  const stored = readState(folder);
  if (stored.kind === "theirs") return { kind: "impossible", reason: stored.reason, problems: [] };
  if (stored.kind === "corrupt") return asNew && stored.isRead ? undefined : { kind: "impossible", reason: "its eval_jobs.json cannot be read", problems: [stored.problem] };
  const state = stored.kind === "state" ? stored.state : undefined;
  const distrust = mirror.judge(folder, state);
  if (distrust === undefined) return { kind: "needless" };
  if (asNew) return remedyFor(distrust) === undefined ? { kind: "distrusted", distrust } : undefined;
  if (distrust.kind !== "moved" || state === undefined) return { kind: "distrusted", distrust };
  // It was moved, and something else has happened to it as well.
  const known = mirror.lastKnown(folder, state);
  if (known !== undefined && state.revision < known.revision) return { kind: "distrusted", distrust: { kind: "went back", from: known.revision, to: state.revision } };
  return known?.areRecordsWhole === false ? { kind: "distrusted", distrust: { kind: "records gone" } } : undefined;
}

/** Goes on with an experiment at the place it was moved to. To be called by the holder of its lease. */
export function adoptMoved(folder: string, world: World, mirror: Mirror, by: string): Adoption {
  const obstacle = whyNotAdopted(folder, mirror, false);
  if (obstacle !== undefined) return obstacle;
  const stored = readState(folder);
  if (stored.kind !== "state") return { kind: "needless" };
  const { state } = stored;
  const from = mirror.lastKnown(folder, state)?.path ?? "an unknown place";
  mirror.record(folder, state);
  appendToLog(folder, "run-experiment", renderBlock(world.now(), "ADOPT", state.experiment, [["Details", `moved from ${from} to ${folder}`], ["Asked by", by], ["Result", "goes on as it was"]]));
  return { kind: "moved", from, state };
}

/**
 * Makes a copy an experiment of its own: a state that knows nothing of the original's jobs, held until it is released.
 * What was copied along of results is read as earlier work. To be called by the holder of its lease.
 */
export async function adoptAsNew(folder: string, world: World, mirror: Mirror, by: string): Promise<Adoption> {
  const obstacle = whyNotAdopted(folder, mirror, true);
  if (obstacle !== undefined) return obstacle;
  const stored = readState(folder);
  const before = stored.kind === "state" ? stored.state : undefined;
  const distrust = stored.kind === "corrupt" ? undefined : mirror.judge(folder, before);
  const known = mirror.lastKnown(folder, before);
  // In a copy no job of ours was ever submitted; where the former experiment stood, some may be at work.
  const jobs = known?.path === folder ? await jobsIn(folder, known.state ?? before, world) : [];
  if ("reason" in jobs) return { kind: "impossible", reason: jobs.reason, problems: [] };
  if (jobs.length > 0) return { kind: "impossible", reason: `jobs that nightshift submitted from this very folder are in the queue: ${jobs.map(({ id, state }) => `job ${id} ${state}`).join(", ")}. Cancel them first, or go on with them: nightshift recover`, problems: [] };
  const pass = await reconcile(folder, { ...world, store: { ...world.store, read: () => ({ kind: "none" }), whyForeign: () => undefined, readRequests: () => [] } }, { mayWrite: false });
  if (pass.state === undefined || pass.facts === undefined) return { kind: "impossible", reason: "its summary cannot be understood", problems: pass.problems };
  const at = pass.facts.now;
  const origin = distrust?.kind === "copied" ? ` of ${distrust.original}` : "";
  const life = advanceExperiment(pass.state.life, { type: "experiment.stopped", at, reason: `begun anew by ${by}, as a copy${origin}` });
  const keptAs = keepStateFile(folder, "original", at);
  const recordsIn = moveRecordsAside(folder, at);
  if (known?.path === folder) mirror.retire(known.id);
  const announced = { ...pass.state, life };
  mirror.record(folder, announced);
  const state = replaceState(folder, announced, 0);
  mirror.record(folder, state);
  appendToLog(folder, "run-experiment", renderBlock(at, "ADOPT", state.experiment, [
    ["Details", `begun anew as a copy${origin}`], ["Asked by", by], ["Kept", keptAs], ["Earlier records", recordsIn], ["Result", "nothing of the original's jobs counts here; held until it is released"],
  ]));
  return { kind: "new", state, problems: pass.problems, recordsIn, ...(keptAs === undefined ? {} : { keptAs }) };
}

async function jobsIn(folder: string, former: ExperimentState | undefined, world: World): Promise<readonly JobSeen[] | { readonly reason: string }> {
  const { settings } = await world.readSettings(folder);
  const name = former?.life.context.scheduler ?? world.chooseScheduler(settings);
  if (world.scheduler(name) === undefined) return { reason: `its scheduler was ${name}, which is not on this machine, so nobody can say whether jobs are at work in this folder` };
  const snapshot = await world.snapshot(name, folder, []);
  if (snapshot.kind === "unavailable") return { reason: `its scheduler (${name}) does not answer since ${snapshot.since}: ${snapshot.reason}. Without its queue nobody can say whether jobs are at work in this folder; try again later` };
  return snapshot.jobs.filter(({ state, key, script }) => !isFinal(state) && key !== undefined && script?.startsWith(`${folder}/.nightshift/jobs/`) === true);
}
