import { isAbsolute, normalize, relative } from "node:path";

import { type Evaluation, evaluationKey, type Experiment } from "../domain/experiment.ts";
import type { Places } from "../domain/places.ts";
import type { Problem } from "../domain/problem.ts";
import type { SubmissionNote, Submitters } from "../domain/submitters.ts";
import type { NotedEntry, NotesShape } from "./parse-submitter-state.ts";
import { isInside } from "./paths.ts";
import { listed, shown } from "./shown.ts";

/** A file of notes, understood. */
export interface NotesFile {
  readonly file: string;
  readonly shape: NotesShape;
  readonly changedMs: number;
  readonly entries: readonly NotedEntry[];
}

/** Whose note an entry is. */
export type NotedUnit = { readonly kind: "run"; readonly name: string } | { readonly kind: "evaluation"; readonly name: string };

/**
 * Assigns notes to the runs and evaluations they are about, and says which are about nothing in the summary.
 *
 * A script may be noted by its path in any generation of folders, relative or absolute, also as it was where the
 * experiment stood before it was moved.
 */
export function assignNotes(files: readonly NotesFile[], experiment: Experiment, places: Places): Pick<Submitters, "runs" | "evaluations"> & { readonly problems: readonly Problem[] } {
  const unitOf = unitFinder(experiment, places);
  const notes = { run: new Map<string, SubmissionNote[]>(), evaluation: new Map<string, SubmissionNote[]>() };
  const problems: Problem[] = [];
  for (const { file, shape, changedMs, entries } of files) {
    const strangers: string[] = [];
    for (const { subject, note } of entries) {
      const unit = unitOf(subject, shape);
      if (unit === undefined) strangers.push(shown(subject));
      else notes[unit.kind].set(unit.name, [...(notes[unit.kind].get(unit.name) ?? []), { file, changedMs, ...note }]);
    }
    if (strangers.length > 0) problems.push({ severity: "warning", message: `this names submissions of which the summary knows nothing: ${listed(strangers)}`, file });
  }
  return { runs: notes.run, evaluations: notes.evaluation, problems };
}

/** Makes the function that knows which unit of an experiment an entry of a file is about. */
export function unitFinder(experiment: Experiment, places: Places): (subject: string, shape: NotesShape) => NotedUnit | undefined {
  const scripts = new Map<string, NotedUnit>();
  const note = (kind: NotedUnit["kind"], name: string, paths: readonly string[]): void => {
    for (const path of paths) scripts.set(relative(experiment.folder, path), { kind, name });
  };
  for (const [name, { scriptCandidates }] of places.runs) note("run", name, scriptCandidates);
  for (const [key, { scriptCandidates }] of places.evaluations) note("evaluation", key, scriptCandidates);
  const runs = new Set(experiment.runs.map(({ name }) => name));
  const evaluations = new Set(experiment.evaluations.map((evaluation: Evaluation) => evaluationKey(evaluation)));
  return (subject, shape) => {
    switch (shape) {
      case "scripts": return scripts.get(insidePath(subject, experiment));
      case "runs": return runs.has(subject) ? { kind: "run", name: subject } : undefined;
      case "evaluations": return evaluations.has(subject) ? { kind: "evaluation", name: subject } : undefined;
    }
  };
}

function insidePath(path: string, { folder, hints }: Experiment): string {
  const homes = [folder, ...(hints?.directory === undefined ? [] : [hints.directory])];
  const home = isAbsolute(path) ? homes.find((candidate) => isInside(path, candidate)) : undefined;
  return normalize(home === undefined ? path : relative(home, path));
}
