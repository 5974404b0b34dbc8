import type { Distrust } from "../domain/distrust.ts";

/** All that is known of an experiment's state besides the state itself. Nothing in here is looked up. */
export interface Evidence {
  /** Of the state in the folder; absent where there is none. */
  readonly revision?: number;
  /** Whether its text means what was last written under that revision. */
  readonly isAsWritten: boolean;
  /** What was noted outside the folder when it was last written: of that state, or of one at this place where there is none. */
  readonly recorded?: { readonly revision: number; readonly path: string; readonly machine?: string | undefined; readonly token?: string | undefined; readonly hadJobs: boolean };
  /** How the folder stands to the one in which it was last written. */
  readonly where: "there" | "same folder, other path" | "other folder, same path" | "other folder, other path";
  /** Where the folder in which it was last written stands now, if it does. */
  readonly original?: string;
  /** The note in the private folder that says whose it is. */
  readonly owner?: { readonly user: string; readonly token: string; readonly isOfThisFolder: boolean };
  /** Who owns the folder, where it is not this user. */
  readonly folderOwner?: string;
  readonly user: string;
  /** Where the jobs of its scheduler are, seen from here. */
  readonly machine?: string;
  readonly whyNotWritable?: string;
}

/** Judges whether nightshift may go on from the state in a folder, or begin where there is none. */
export function judgeState(evidence: Evidence): Distrust | undefined {
  if (evidence.whyNotWritable !== undefined) return { kind: "not writable", reason: evidence.whyNotWritable };
  return evidence.revision === undefined ? judgeAbsence(evidence) : judgePlace(evidence) ?? judgeOwner(evidence) ?? judgeContent(evidence, evidence.revision);
}

// Revision 0 was announced but never written: a crash in between, and nothing was submitted.
function judgeAbsence({ recorded, where, original, owner, folderOwner }: Evidence): Distrust | undefined {
  const isKnown = recorded !== undefined && recorded.revision > 0;
  if (isKnown && (where === "there" || where === "same folder, other path")) return { kind: "gone", revision: recorded.revision };
  // Only its jobs stand between a folder of the same name and a new beginning, and they are those of the one that was moved away.
  if (isKnown && recorded.hadJobs && original === undefined) return { kind: "gone with its folder" };
  if (recorded === undefined && owner?.isOfThisFolder === true) return { kind: "gone" };
  return folderOwner === undefined ? undefined : { kind: "another user", user: folderOwner };
}

function judgePlace({ recorded, where, original, owner, folderOwner, user }: Evidence): Distrust | undefined {
  if (recorded === undefined) {
    const other = owner?.isOfThisFolder === true && owner.user !== user ? owner.user : folderOwner;
    if (other !== undefined) return { kind: "another user", user: other };
    return { kind: owner?.isOfThisFolder === true ? "forgotten" : "elsewhere" };
  }
  switch (where) {
    case "there": return undefined;
    case "same folder, other path": return { kind: "moved", from: recorded.path };
    case "other folder, same path": return original === undefined ? { kind: "replaced" } : { kind: "copied", original };
    case "other folder, other path": return original === undefined ? { kind: "moved", from: recorded.path } : { kind: "copied", original };
  }
}

function judgeOwner({ recorded, owner, user, machine }: Evidence): Distrust | undefined {
  if (owner?.isOfThisFolder === true && owner.user !== user) return { kind: "another user", user: owner.user };
  if (recorded?.machine !== undefined && machine !== undefined && recorded.machine !== machine) return { kind: "another machine", machine: recorded.machine, here: machine };
  return undefined;
}

// A state is written first and what is noted outside after it: ahead by a revision is a crash, not a rollback.
function judgeContent({ recorded, isAsWritten, owner }: Evidence, revision: number): Distrust | undefined {
  if (recorded === undefined) return undefined;
  if (revision < recorded.revision) return { kind: "went back", from: recorded.revision, to: revision };
  if (revision === recorded.revision && !isAsWritten) return { kind: "changed" };
  return recorded.token !== undefined && owner?.token !== recorded.token ? { kind: "records gone" } : undefined;
}
