import { statSync } from "node:fs";
import { join } from "node:path";

import type { Attempt, ExperimentState } from "../../src/domain/state.ts";
import { parseEvalJobs } from "../../src/state/parse-eval-jobs.ts";
import { textOf } from "./files.ts";
import { findIllegalSteps } from "./legal-steps.ts";
import type { Stage, StagedExperiment } from "./stage.ts";

/** Somebody who looks at the states of all experiments of a round again and again. */
export interface Witness {
  /** Looks at what has changed since the last look. */
  look(): void;
  /** The states as they were seen last; absent where there was none yet. */
  states(): readonly { readonly experiment: StagedExperiment; readonly state: ExperimentState | undefined }[];
  /** From now on a person has had a hand in it. */
  allowPerson(): void;
  /** When something was seen to change last, by the monotonic clock. */
  lastChangeMs(): number;
  readonly illegal: readonly string[];
  /** Attempts that were ever seen with a doubt whether they had been submitted, by key. */
  readonly doubtful: ReadonlySet<string>;
}

/** Begins to look at a round's experiments. */
export function watchStates({ experiments }: Stage): Witness {
  const seen = experiments.map((experiment) => ({ experiment, state: undefined as ExperimentState | undefined, mark: "" }));
  const illegal: string[] = [];
  const doubtful = new Set<string>();
  let byPerson = false;
  let changedMs = performance.now();
  return {
    illegal, doubtful,
    look: () => {
      for (const one of seen) {
        const file = join(one.experiment.folder, "eval_jobs.json");
        const mark = markOf(file);
        if (mark === one.mark) continue;
        one.mark = mark;
        changedMs = performance.now();
        const parsed = parseEvalJobs(textOf(file));
        if (!("state" in parsed)) {
          illegal.push(`${file} cannot be read: ${"problem" in parsed ? parsed.problem.message : "it is another tool's"}`);
          continue;
        }
        if (one.state !== undefined) illegal.push(...findIllegalSteps(one.state, parsed.state, { byPerson }).map((step) => `${file}: ${step}`));
        one.state = parsed.state;
        for (const { key, unclear } of lastAttempts(parsed.state)) if (unclear !== undefined) doubtful.add(key);
      }
    },
    states: () => seen,
    allowPerson: () => { byPerson = true; },
    lastChangeMs: () => changedMs,
  };
}

/** The latest attempts of all runs and evaluations that have one. */
export function lastAttempts({ runs, evaluations }: ExperimentState): readonly Attempt[] {
  return [...Object.values(runs), ...Object.values(evaluations)].flatMap(({ context }) => context.attempts.at(-1) ?? []);
}

function markOf(file: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return "";
  }
}
