import { join } from "node:path";

import { type Experiment, isTrained } from "../domain/experiment.ts";
import type { Places } from "../domain/places.ts";
import type { Problem } from "../domain/problem.ts";
import type { Submitters, UnfinishedNotes } from "../domain/submitters.ts";
import { assignNotes, type NotesFile, unitFinder } from "./assign-notes.ts";
import { decodeText } from "./decode-text.ts";
import { type DesignContent, readDesignFile } from "./design-files.ts";
import { findSubmitters } from "./find-submitters.ts";
import { memoized } from "./memoized.ts";
import { type NotesShape, type ParsedNotes, parseSubmitterState } from "./parse-submitter-state.ts";

/**
 * Reads what other tools have noted of their submissions for an experiment, and finds those that are at work on it. Their
 * files are only ever read.
 */
export async function readSubmitters(experiment: Experiment, places: Places): Promise<{ readonly submitters?: Submitters; readonly problems: readonly Problem[] }> {
  const files = (await Promise.all(notesFiles.map(async (known) => await readNotes(experiment.folder, known)))).flat();
  const running = findSubmitters(experiment.folder);
  if (files.length === 0 && running.length === 0) return { problems: [] };
  const { runs, evaluations, problems } = assignNotes(files, experiment, places);
  const submitters: Submitters = { runs, evaluations, running, unfinished: await findUnfinished(files, experiment, places) };
  return { submitters, problems: [...files.flatMap((file) => file.problems), ...problems] };
}

interface KnownFile {
  readonly file: string;
  readonly shape: NotesShape;
  /** Who writes it and reads it again. */
  readonly program?: string;
}

// The most trustworthy first. The last is what an eval_jobs.json becomes that was in nightshift's way.
const notesFiles: readonly KnownFile[] = [
  { file: "logs/run-torchtune.state.json", shape: "scripts", program: "submit_torchtune" },
  { file: "logs/run-inspect.state.json", shape: "scripts", program: "submit_inspect" },
  { file: "jobs.json", shape: "runs" },
  { file: "eval_jobs.json", shape: "evaluations" },
  { file: "eval_jobs.old.json", shape: "evaluations" },
];

type ReadNotes = NotesFile & KnownFile & Pick<ParsedNotes, "problems">;

async function readNotes(folder: string, known: KnownFile): Promise<readonly ReadNotes[]> {
  const content = await readDesignFile(join(folder, known.file));
  if (content === undefined) return [];
  const { entries, problems } = understand(content, known.file, known.shape);
  // Of the file whose name is that of nightshift's own state the reader of that speaks. What agents wrote by hand may have any form.
  const told = known.file === "eval_jobs.json" ? [] : problems.map((problem) => (known.program === undefined ? { ...problem, severity: "warning" as const } : problem));
  return [{ ...known, entries, problems: told, changedMs: content.mtimeMs }];
}

const understand = memoized(({ bytes, fault = "cannot be read" }: DesignContent, file: string, shape: string): ParsedNotes => {
  if (bytes === undefined) return { entries: [], problems: [{ severity: "error", message: `this ${fault}`, file, expected: "what a submitter noted of its jobs" }] };
  const decoded = decodeText(bytes, file);
  return "problem" in decoded ? { entries: [], problems: [decoded.problem] } : parseSubmitterState(decoded.text, file, shape as NotesShape);
});

// The submitters end by themselves once every script has an entry and every entry is over. They look at their clock
// between two looks at the queue, where they also see `logs/.detach`, which sends both of them away.
async function findUnfinished(files: readonly ReadNotes[], experiment: Experiment, places: Places): Promise<readonly UnfinishedNotes[]> {
  const detached = await readDesignFile(join(experiment.folder, "logs/.detach"));
  const restMs = Math.max(180_000, 3 * pollMsOf(await readDesignFile(join(experiment.folder, "logs/monitor.json"))));
  const unitOf = unitFinder(experiment, places);
  return files.flatMap(({ file, program, shape, changedMs, entries }) => {
    if (program === undefined || (detached !== undefined && detached.mtimeMs >= changedMs)) return [];
    const noted = new Set(entries.map(({ subject }) => unitOf(subject, shape)?.name));
    const isOver = entries.every((entry) => entry.isOver) && scriptedUnits(program, experiment, places).every((name) => noted.has(name));
    return isOver ? [] : [{ file, program, changedMs, restMs }];
  });
}

function scriptedUnits(program: string, { runs }: Experiment, places: Places): readonly string[] {
  const names = program === "submit_torchtune" ? runs.filter(isTrained).map(({ name }) => name) : [...places.evaluations.keys()];
  const placed = program === "submit_torchtune" ? places.runs : places.evaluations;
  return names.filter((name) => placed.get(name)?.script !== undefined);
}

function pollMsOf(content: DesignContent | undefined): number {
  try {
    const { poll_sec: seconds } = JSON.parse(content?.bytes?.toString("utf8") ?? "{}") as { readonly poll_sec?: unknown };
    return typeof seconds === "number" && seconds > 0 && seconds < 86_400 ? seconds * 1000 : 0;
  } catch {
    return 0;
  }
}
