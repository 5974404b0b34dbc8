import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where real experiments are recorded, beside the repository on machines that have them. */
const recordings = fileURLToPath(new URL("../../../shared/data/torchtune-real/", import.meta.url));

/** Whether the recorded experiments are at hand. Their tests are skipped elsewhere. */
export const hasRecordings = existsSync(recordings);

/** `cap_current`: all went well; `cap_fail`: time limit, wrong key, diverged; `extras`: reruns in the same folder. */
export const recordedNames = ["cap_current", "cap_fail", "extras"] as const;

export type RecordedName = (typeof recordedNames)[number];

/** A recorded experiment, laid out again. */
export interface RecordedExperiment {
  /** The experiment's folder, by its own name in a temporary folder of its own. */
  readonly folder: string;
  readonly oracle: RecordedOracle;
  /** Removes the temporary folder. */
  remove(): Promise<void>;
}

/** What Python's own libraries read in the experiment. Numbers that are not finite are words: `"nan"`. */
export interface RecordedOracle {
  readonly experiment: string;
  readonly runs: Readonly<Record<string, { readonly training: RecordedTraining | null; readonly evals: Readonly<Record<string, RecordedEvaluation>> }>>;
}

export interface RecordedEvaluation {
  /** Relative to the experiment. */
  readonly file: string;
  readonly status: string;
  readonly accuracy: number | null;
}

export type RecordedNumber = number | string | null;

export interface RecordedTraining {
  readonly job: string;
  /** Relative to the experiment. */
  readonly output: string;
  readonly output_bytes: number;
  readonly raw_matches: number;
  readonly points: number;
  readonly first: RecordedNumber;
  readonly final_loss: RecordedNumber;
  readonly last_step: number | null;
  readonly last_epoch_printed: number | null;
  readonly steps_per_epoch: number | null;
  readonly nan_points: number;
  readonly last_finite_loss: RecordedNumber;
  readonly checkpoints_saved_lines: number;
  readonly time_limit_line: boolean;
  readonly cancelled_line: boolean;
  readonly traceback_last_line: string | null;
  readonly losses: Readonly<Record<string, RecordedNumber>>;
  readonly loss_by_epoch_end: Readonly<Record<string, readonly [number, RecordedNumber]>>;
  readonly epoch_dirs: readonly string[];
}

/**
 * Lays a recorded experiment out again as it stood on disk.
 *
 * The recording has `tree/` (what was worth keeping, raw) and `files.tsv` (kind, size, mode, mtime in seconds and path of
 * everything). Files that were left out, such as weights, are made of the same size with holes inside, so that they cost
 * no space; folders that are empty in a checkout are made too. Modes and times are those of the recording, the folders'
 * set last.
 */
export async function layOutRecorded(name: RecordedName): Promise<RecordedExperiment> {
  const home = await mkdtemp(join(tmpdir(), "nightshift-recorded-"));
  const entries = await readEntries(join(recordings, name, "files.tsv"));
  const folders = entries.filter(({ kind }) => kind === "d");
  for (const { path } of folders) await mkdir(join(home, path), { recursive: true });
  for (const entry of entries.filter(({ kind }) => kind === "f")) await layOutFile(entry, join(recordings, name, "tree", entry.path), join(home, entry.path));
  for (const { path, mode, mtime } of folders.toReversed()) {
    await chmod(join(home, path), mode);
    await utimes(join(home, path), mtime, mtime);
  }
  const oracle = JSON.parse(await readFile(join(recordings, name, "oracle.json"), "utf8")) as RecordedOracle;
  return { folder: join(home, name), oracle, remove: () => rm(home, { recursive: true, force: true }) };
}

interface Entry {
  readonly kind: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly path: string;
}

// Sorted by path, folders before what is in them.
async function readEntries(file: string): Promise<readonly Entry[]> {
  const [, ...lines] = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const [kind = "", size, mode = "", mtime, path = ""] = line.split("\t");
    return { kind, size: Number(size), mode: Number.parseInt(mode, 8), mtime: Number(mtime), path };
  });
}

async function layOutFile({ size, mode, mtime }: Entry, kept: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (existsSync(kept)) {
    await copyFile(kept, path);
  } else {
    await writeFile(path, "");
    await truncate(path, size);
  }
  await chmod(path, mode);
  await utimes(path, mtime, mtime);
}
