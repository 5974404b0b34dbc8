import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Distrust, remedyFor } from "../domain/distrust.ts";
import type { ExperimentState } from "../domain/state.ts";
import { describeDistrust } from "../report/distrust.ts";
import { type Evidence, judgeState } from "../rules/judge-state.ts";
import { machineOf } from "../system/machine.ts";
import { describeOutage } from "../system/outage.ts";
import { findFolder, isSameFolder, type Place, placeOf } from "../system/place.ts";
import { demandPrivateFolder } from "../system/private-folder.ts";
import { userName } from "../system/user.ts";
import { type MirrorRecord, mirrorRecordsIn } from "./mirror-records.ts";
import { isOfThisFolder, readOwnerNote, writeOwnerNote } from "./owner-note.ts";
import { renderEvalJobs } from "./render-eval-jobs.ts";
import { digestAsRead, digestOfText, readState } from "./state-file.ts";

/**
 * What this machine's user knows of an experiment's state outside its folder: `git checkout`, `git stash`, `cp -r` and
 * restored backups turn the state in the folder back or double it, but never this mirror.
 *
 * A state is written first and the mirror after it, so a mirror that lags by a revision is a crash, not a rollback. Only
 * of a new state the mirror knows first: one that nobody knows is taken for somebody else's.
 */
export interface Mirror {
  /** Judges whether the state in the folder, or that there is none, may be gone on from. */
  judge(experimentFolder: string, state: ExperimentState | undefined): Distrust | undefined;
  /**
   * The same in a sentence, with the command that resolves it.
   *
   * @param isNamed Whether a person named this very experiment in `run` or `release`, which makes another user's one's own.
   */
  whyForeign(experimentFolder: string, state: ExperimentState | undefined, isNamed?: boolean): string | undefined;
  /** Records the state in the folder as ours, at this place. */
  record(experimentFolder: string, state: ExperimentState): void;
  /** What was last recorded of a state: of the one in the folder, or of one at this place. */
  lastKnown(experimentFolder: string, state: ExperimentState | undefined): LastKnown | undefined;
  /** Forgets a state: the folder begins anew. */
  retire(id: string): void;
}

export interface LastKnown {
  readonly id: string;
  readonly revision: number;
  /** Where it was written. */
  readonly path: string;
  /** As it was then, where that is still known. */
  readonly state?: ExperimentState;
  /** Whether the private folder is the one that was there then, so that every job of ours is on record in it. */
  readonly areRecordsWhole: boolean;
}

/** The mirror in nightshift's own state folder. */
export function mirrorIn(stateFolder: string): Mirror {
  const records = mirrorRecordsIn(stateFolder);
  const find = (here: Place, state: ExperimentState | undefined): MirrorRecord | undefined =>
    (state === undefined ? bestOf(records.readAll().filter((record) => mayBeOf(record, here)), here) : records.read(state.id));
  const judge: Mirror["judge"] = (experimentFolder, state) => {
    const distrust = judgeState(gather(experimentFolder, state, find(placeOf(experimentFolder), state)));
    if (state === undefined || (distrust?.kind !== "went back" && distrust?.kind !== "changed")) return distrust;
    // Whoever takes care of it may have gone on between the caller's look at the state and this one at what is noted of it.
    const newer = readState(experimentFolder);
    const isNewer = newer.kind === "state" && newer.state.id === state.id && newer.state.revision > state.revision;
    return isNewer ? judgeState(gather(experimentFolder, newer.state, find(placeOf(experimentFolder), newer.state))) : distrust;
  };
  return {
    judge,
    whyForeign: (experimentFolder, state, isNamed = false) => {
      const distrust = judge(experimentFolder, state);
      if (distrust === undefined || (isNamed && remedyFor(distrust) === "release")) return undefined;
      return describeDistrust(distrust, experimentFolder);
    },
    record: (experimentFolder, state) => {
      const before = records.read(state.id);
      const here = placeOf(experimentFolder);
      // A process that slept through a takeover must not turn the mirror back.
      if (before !== undefined && before.revision > state.revision && isSameFolder(before, here)) return;
      const note = readOwnerNote(experimentFolder);
      const user = userName();
      const isNoted = note !== undefined && note.id === state.id && note.user === user && note.place.path === here.path && isOfThisFolder(note, here);
      const token = isNoted ? note.token : randomBytes(8).toString("hex");
      const scheduler = state.life.context.scheduler;
      const machine = scheduler === undefined ? undefined : machineOf(scheduler);
      const digest = before?.digest !== undefined && before.revision === state.revision && isAsWritten(state, before.digest) ? before.digest : digestOf(state);
      const record: MirrorRecord = {
        id: state.id, ...here, experiment: state.experiment, revision: state.revision, digest, hasJobs: hasJobs(state), user, token,
        ...(machine === undefined ? {} : { machine }),
      };
      if (before === undefined || JSON.stringify(inOrder(before)) !== JSON.stringify(inOrder(record))) {
        if (state.revision > 0 && before?.digest !== record.digest) records.writeText(state.id, renderEvalJobs(state));
        records.write(record);
      }
      // A beginning that came to nothing, as on a full disk, was announced under another id each time.
      if (before === undefined) for (const { id, path, revision } of records.readAll()) if (id !== state.id && revision === 0 && path === here.path) records.remove(id);
      if (!isNoted) writeOwnerNote(experimentFolder, { id: state.id, token, user, place: here });
    },
    lastKnown: (experimentFolder, state) => {
      const record = find(placeOf(experimentFolder), state);
      if (record === undefined) return undefined;
      const known = records.readState(record.id);
      return {
        id: record.id, revision: record.revision, path: record.path, ...(known === undefined ? {} : { state: known }),
        areRecordsWhole: record.token !== undefined && readOwnerNote(experimentFolder)?.token === record.token,
      };
    },
    retire: records.retire,
  };
}

function gather(experimentFolder: string, state: ExperimentState | undefined, record: MirrorRecord | undefined): Evidence {
  const here = placeOf(experimentFolder);
  const note = readOwnerNote(experimentFolder);
  const where = record === undefined ? "there" : whereIs(here, record);
  const original = record === undefined || where === "there" || where === "same folder, other path" ? undefined : findOriginal(record, here);
  const folderOwner = ownerOf(experimentFolder);
  const whyNotWritable = whyNotWritableIn(experimentFolder);
  const scheduler = state?.life.context.scheduler;
  const machine = scheduler === undefined ? undefined : machineOf(scheduler);
  return {
    user: userName(), where,
    isAsWritten: state === undefined || record?.digest === undefined || isAsWritten(state, record.digest),
    ...(state === undefined ? {} : { revision: state.revision }),
    ...(record === undefined ? {} : { recorded: { ...record, hadJobs: record.hasJobs === true } }),
    ...(original === undefined ? {} : { original }),
    ...(note === undefined ? {} : { owner: { user: note.user, token: note.token, isOfThisFolder: isOfThisFolder(note, here) } }),
    ...(folderOwner === undefined ? {} : { folderOwner }),
    ...(machine === undefined ? {} : { machine }),
    ...(whyNotWritable === undefined ? {} : { whyNotWritable }),
  };
}

function whereIs(here: Place, record: MirrorRecord): Evidence["where"] {
  if (isSameFolder(here, record)) return here.path === record.path ? "there" : "same folder, other path";
  return here.path === record.path ? "other folder, same path" : "other folder, other path";
}

// Without a state only the place says that a record is about this folder: its path, or an inode that was surely not given out again.
function mayBeOf(record: MirrorRecord, here: Place): boolean {
  return record.path === here.path || (record.birthMs !== undefined && here.birthMs !== undefined && isSameFolder(record, here));
}

// One of this very folder before one of a folder that stood here earlier; then the newest.
function bestOf(found: readonly MirrorRecord[], here: Place): MirrorRecord | undefined {
  return found.toSorted((a, b) => Number(isSameFolder(b, here)) - Number(isSameFolder(a, here)) || b.revision - a.revision)[0];
}

function findOriginal(record: MirrorRecord, here: Place): string | undefined {
  const found = findFolder(record);
  if (found !== undefined) return found;
  return record.path !== here.path && existsSync(join(record.path, "eval_jobs.json")) ? record.path : undefined;
}

function ownerOf(folder: string): string | undefined {
  const { uid } = statSync(folder);
  return uid === process.getuid?.() ? undefined : `uid ${uid}`;
}

function whyNotWritableIn(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    demandPrivateFolder(folder);
    return undefined;
  } catch (error) {
    return describeOutage(error);
  }
}

function hasJobs({ runs, evaluations }: ExperimentState): boolean {
  return [...Object.values(runs), ...Object.values(evaluations)].some(({ state }) => ["submitting", "pending", "running", "retrying"].includes(state));
}

// The meaning counts, not the bytes: a formatter that went over the file has changed nothing. That the bytes are the same
// is cheaper to see.
function isAsWritten(state: ExperimentState, digest: string): boolean {
  return digestAsRead(state) === digest || digestOf(state) === digest;
}

function digestOf(state: ExperimentState): string {
  const known = digests.get(state);
  if (known !== undefined) return known;
  const digest = digestOfText(renderEvalJobs(state));
  digests.set(state, digest);
  return digest;
}

const digests = new WeakMap<ExperimentState, string>();

function inOrder(record: MirrorRecord): unknown {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
