import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type Call, countIn, counting, type KillPoint } from "./kill-point.ts";
import { setStage, type Shape } from "./stage.ts";
import { judge, type Verdict } from "./verdict.ts";
import { type Course, type Entry, workThrough } from "./work-through.ts";

export interface SweepOptions {
  /** The built program, `dist/nightshift.js`. It is copied first, so that a build meanwhile changes nothing. */
  readonly program: string;
  readonly entries: readonly Entry[];
  readonly calls: readonly Call[];
  /** The first and the last call of each kind, counted from 1. */
  readonly from: number;
  readonly to: number;
  /** How many of all these points are taken, by chance; all of them by default. */
  readonly sample?: number;
  /** Decides which points are sampled, and after which of them the restart is killed too. */
  readonly seed: number;
  /** Points at a time. */
  readonly parallel: number;
  readonly shape: Shape;
  readonly onPoint?: (result: PointResult) => void;
}

/** One experiment, one daemon that is killed at one point, or twice. */
export interface Point extends KillPoint {
  readonly entry: Entry;
  /** Whether the restart is killed as well, at its first call of the same kind. */
  readonly isDouble: boolean;
}

export interface PointResult extends Verdict, Course {
  readonly point: Point;
  readonly folder: string;
}

export interface Figures {
  readonly points: number;
  readonly kills: number;
  readonly restarts: number;
  /** Points that the work did not reach this time: runs differ by a few calls. */
  readonly unreached: number;
  readonly units: number;
  readonly submissions: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly wallMs: number;
  /** Points with complaints. Their folders are kept. */
  readonly failures: readonly PointResult[];
}

/** Kills daemons at every point, starts them again, and judges what became of the experiment each time. */
export async function sweep(options: SweepOptions): Promise<Figures> {
  const startMs = performance.now();
  const base = mkdtempSync(join(tmpdir(), "nightshift-sweep-"));
  cpSync(dirname(options.program), join(base, "program"), { recursive: true });
  const program = join(base, "program", "nightshift.js");
  const chance = randomFrom(options.seed);
  const points = sampled(await allPoints(options, program, base, chance), options.sample, chance);
  const results: PointResult[] = [];
  const waiting = [...points];
  const work = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      const result = await tryPoint(point, options.shape, program, base);
      results.push(result);
      options.onPoint?.(result);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  const failures = results.filter(hasFailed);
  if (failures.length === 0) rmSync(base, { recursive: true });
  return figuresOf(results, failures, performance.now() - startMs);
}

/** Whether something is wrong at a point. */
export function hasFailed({ complaint, complaints }: PointResult): boolean {
  return complaint !== undefined || complaints.length > 0;
}

/** Names a point: `watch, rename 17`. */
export function nameOf({ entry, call, nth, isDouble }: Point): string {
  return `${entry}, ${call} ${nth}${isDouble ? " and the first one after the restart" : ""}`;
}

async function tryPoint(point: Point, shape: Shape, program: string, base: string): Promise<PointResult> {
  const { entry, call, nth, isDouble } = point;
  const folder = join(base, `${entry}-${call}-${nth}`);
  mkdirSync(folder);
  const stage = setStage(folder, shape, entry === "watch");
  const course = await workThrough({ program, stage, entry, kills: [point, ...(isDouble ? [{ call, nth: 1 }] : [])] });
  const result = { point, folder, ...course, ...judge(stage) };
  if (!hasFailed(result)) rmSync(folder, { recursive: true });
  return result;
}

// An undisturbed run is counted for each entry: that is how far there are points at all.
async function allPoints({ entries, calls, from, to, shape }: SweepOptions, program: string, base: string, chance: () => number): Promise<Point[]> {
  const points: Point[] = [];
  for (const entry of entries) {
    const folder = join(base, `${entry}-undisturbed`);
    mkdirSync(folder);
    const stage = setStage(folder, shape, entry === "watch");
    const record = join(folder, "calls");
    const course = await workThrough({ program, stage, entry, kills: [], under: counting(calls, record) });
    const { complaints } = judge(stage);
    if (course.complaint !== undefined || complaints.length > 0) throw new Error(`not even undisturbed (${folder}): ${[course.complaint, ...complaints].join("\n")}`);
    for (const call of calls) {
      for (let nth = from; nth <= Math.min(to, countIn(record, call)); nth += 1) points.push({ entry, call, nth, isDouble: chance() < 0.2 });
    }
    rmSync(folder, { recursive: true });
  }
  return points;
}

function sampled(points: readonly Point[], count: number | undefined, chance: () => number): readonly Point[] {
  if (count === undefined) return points;
  return points.map((point) => ({ point, lot: chance() })).sort((a, b) => a.lot - b.lot).slice(0, count).map(({ point }) => point);
}

// mulberry32, public domain.
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function figuresOf(results: readonly PointResult[], failures: readonly PointResult[], wallMs: number): Figures {
  const sum = (value: (result: PointResult) => number): number => results.reduce((total, result) => total + value(result), 0);
  return {
    points: results.length,
    kills: sum(({ killedAt }) => killedAt.length), restarts: sum(({ restarts }) => restarts),
    unreached: results.filter(({ killedAt }) => killedAt.length === 0).length,
    units: sum(({ units }) => units), submissions: sum(({ submissions }) => submissions),
    duplicates: sum(({ duplicates }) => duplicates), lost: sum(({ lost }) => lost),
    wallMs, failures,
  };
}
