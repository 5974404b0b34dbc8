import { type Distrust, remedyFor } from "../domain/distrust.ts";
import { plainLine } from "../domain/plain-text.ts";
import { shellQuote } from "./shell.ts";

/** Says why an experiment is held although nobody held it, and which one command lets it go on. */
export function describeDistrust(distrust: Distrust, experimentFolder: string): string {
  const remedy = remedyFor(distrust);
  const sentence = plainLine(sentenceOf(distrust));
  return remedy === undefined ? sentence : `${sentence}. To go on: nightshift ${remedy} ${shellQuote(experimentFolder)}`;
}

function sentenceOf(distrust: Distrust): string {
  switch (distrust.kind) {
    case "gone": return `its eval_jobs.json is gone (git clean, checkout or stash, or deleted)${distrust.revision === undefined ? "" : `; revision ${distrust.revision} was the last`}, and jobs may have been submitted for it`;
    case "gone with its folder": return "an experiment stood at this place whose jobs may still be in the queue, and this folder knows nothing of it";
    case "went back": return `its state went back from revision ${distrust.from} to ${distrust.to} (git checkout, stash, or a restored backup), and jobs may have been submitted since`;
    case "changed": return "its eval_jobs.json was changed by something else than nightshift (a merge, or by hand)";
    case "records gone": return "its .nightshift folder is gone or another one (git clean -fdx, or deleted), and with it what was known of its jobs";
    case "moved": return `its state belongs to ${distrust.from}, which is not there any more (a moved or renamed folder)`;
    case "copied": return `its state belongs to ${distrust.original} (this is a copy)`;
    case "replaced": return "its folder was replaced by another one (a restored backup, or another disk)";
    case "elsewhere": return "its state was written elsewhere (a clone, or another machine or account)";
    case "forgotten": return "nightshift's own folder does not know its state (~/.local/state/nightshift was deleted, or XDG_STATE_HOME is another one)";
    case "another machine": return `its jobs are on ${distrust.machine}, and this is ${distrust.here}`;
    case "another user": return `it is ${distrust.user}'s, and jobs that you submit for it would be yours`;
    case "not writable": return `nothing can be written in its folder: ${distrust.reason}`;
  }
}
