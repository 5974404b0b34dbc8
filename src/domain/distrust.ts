/** Why the state in an experiment's folder, or that there is none, must not be gone on from unasked. */
export type Distrust =
  /** It was there, and is not. */
  | { readonly kind: "gone"; readonly revision?: number }
  /** Its folder was replaced by one without a state while jobs of the former one may be in the queue. */
  | { readonly kind: "gone with its folder" }
  | { readonly kind: "went back"; readonly from: number; readonly to: number }
  /** Something else than nightshift wrote it: a merge, a person. */
  | { readonly kind: "changed" }
  /** What is known of its jobs is not there any more: the private folder was deleted. */
  | { readonly kind: "records gone" }
  /** The same folder, or what came of it, at another place; nothing of it stands at the old one. */
  | { readonly kind: "moved"; readonly from: string }
  | { readonly kind: "copied"; readonly original: string }
  /** At its place stands another folder than the one it was written in. */
  | { readonly kind: "replaced" }
  /** Nothing outside the folder knows of it, and nothing in it says that it is this user's. */
  | { readonly kind: "elsewhere" }
  /** It says that it is this user's, and nothing outside the folder knows of it. */
  | { readonly kind: "forgotten" }
  /** Its jobs are on another machine or cluster. */
  | { readonly kind: "another machine"; readonly machine: string; readonly here: string }
  | { readonly kind: "another user"; readonly user: string }
  | { readonly kind: "not writable"; readonly reason: string };

/** The command that lets an experiment go on: without parameters, as it is typed. */
export type Remedy = "recover" | "adopt" | "adopt --as-new" | "release";

/** The one command that resolves it; none where only the file system's permissions help. */
export function remedyFor({ kind }: Distrust): Remedy | undefined {
  switch (kind) {
    case "gone": case "gone with its folder": case "went back": case "changed": case "records gone": case "replaced": case "forgotten": case "another machine": return "recover";
    case "moved": return "adopt";
    case "copied": case "elsewhere": return "adopt --as-new";
    case "another user": return "release";
    case "not writable": return undefined;
  }
}
