import type { Happening } from "../domain/happening.ts";
import { epochMs } from "../domain/time.ts";
import { describeChanges } from "../report/describe-changes.ts";
import { summaryBlock } from "../report/extract-blocks.ts";
import { renderBlocks } from "../report/log-blocks.ts";
import { statusCheck } from "../report/status-check.ts";
import { renderSummary } from "../report/summary.ts";
import { appendToLog } from "../state/log-files.ts";
import { writeSummary } from "../state/summary-file.ts";
import { readToldState, writeToldState } from "../state/told-state.ts";
import type { Pass } from "./reconcile.ts";

/** Tells people what a pass came to: logs and summary in the experiment's folder, one call of `say` per thing that happened. */
export interface Reporter {
  report(pass: Pass): void;
}

export interface ReporterOptions {
  readonly say: (folder: string, happening: Happening) => void;
}

/** Starts with what was last told on record: the first pass over each experiment also tells what a killed process did not. */
export function createReporter({ say }: ReporterOptions): Reporter {
  const checks = new Map<string, LastCheck>();
  const summarized = new Map<string, object>();
  const told = new Map<string, number>();
  return {
    report: (pass) => {
      const { folder, facts, state, before, isKept } = pass;
      if (facts === undefined || state === undefined || !isKept) return;
      const view = { experiment: facts.experiment, state };
      const happenings = describeChanges(told.has(folder) ? before : readToldState(folder, before), state, facts.experiment, facts.now);
      for (const happening of happenings) say(folder, happening);
      for (const { file, text } of renderBlocks(happenings, { ...view, places: facts.places })) appendToLog(folder, file, text);
      if (told.get(folder) !== state.revision) writeToldState(folder, state);
      told.set(folder, state.revision);
      noteStatus(pass, checks);
      if (summarized.get(folder) === state) return;
      if (writeSummary(folder, renderSummary({ ...view, problems: pass.problems }))) appendToLog(folder, "summarize-experiment", summaryBlock(view, "summary.md", facts.now).text);
      summarized.set(folder, state);
    },
  };
}

interface LastCheck {
  readonly counts: string;
  readonly atMs: number;
}

// A block when a count changed, else hourly, and none while nothing is in flight.
function noteStatus({ folder, facts, state }: Pass, checks: Map<string, LastCheck>): void {
  if (facts === undefined || state === undefined) return;
  const atMs = epochMs(facts.now);
  for (const { file, inFlight, counts, text } of statusCheck(state, facts.now)) {
    const name = `${folder}\0${file}`;
    const last = checks.get(name);
    if (inFlight === 0 || counts.startsWith("0 jobs") || (last?.counts === counts && atMs - last.atMs < hourMs)) continue;
    checks.set(name, { counts, atMs });
    appendToLog(folder, file, text);
  }
}

const hourMs = 3_600_000;
