import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Chance, chanceFrom } from "./chance.ts";
import type { Controller } from "./controller.ts";
import { type Field, type FieldName, openField } from "./field.ts";
import { type Call, countIn, counting } from "./kill-point.ts";
import { type ControllerDeed, type Entry, isRandom, type PathPoint, planPathRounds, planRandomRound, planUndisturbedRound, type Round } from "./plan.ts";
import { openPool } from "./pool.ts";
import { playRound, type RoundResult, workersOf } from "./round.ts";

export interface TortureOptions {
  readonly scheduler: FieldName;
  /** The built program, `dist/nightshift.js`. It is copied first, so that a build meanwhile changes nothing. */
  readonly program: string;
  /** The folder for everything. */
  readonly base: string;
  /** At least so many daemons are killed. */
  readonly kills: number;
  /** Decides all that is left to chance. */
  readonly seed: number;
  /** After so long no more rounds are begun. */
  readonly mostMs: number;
  /** Rounds at a time. */
  readonly parallel: number;
  /** The first of five ports for a cluster. */
  readonly port: number;
  /** This round only, as it was planned once. */
  readonly replay?: Round;
  readonly onRound: (result: RoundResult) => void;
  /** Stops everything; what was begun is left behind. */
  readonly signal?: AbortSignal;
}

/** What a torture came to. */
export interface TortureResult {
  readonly scheduler: FieldName;
  readonly rounds: readonly RoundResult[];
  /** All points of the paths at which a daemon can be killed. */
  readonly pathPoints: number;
  readonly jobs: number;
  readonly controllerDeeds: readonly ControllerDeed[];
  /** What an operator of the cluster had to do after its controller had crashed. */
  readonly operations: Readonly<Controller["operations"]>;
  readonly wallMs: number;
}

/** Kills daemons on one scheduler until enough were killed, and judges what became of the experiments. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const startMs = performance.now();
  mkdirSync(options.base, { recursive: true });
  cpSync(dirname(options.program), join(options.base, "program"), { recursive: true });
  const field = await openField(options.scheduler, options.base, options.port);
  try {
    const { rounds, pathPoints } = await playRounds(options, field, () => performance.now() - startMs < options.mostMs);
    return {
      scheduler: field.name, rounds: rounds.map(recount), pathPoints, jobs: field.countJobs(rounds.map(({ stage }) => stage)),
      controllerDeeds: field.controller?.deeds.map(({ deed }) => deed) ?? [], operations: { ...(field.controller?.operations ?? { nodes: 0, jobs: 0, cancelled: 0 }) },
      wallMs: performance.now() - startMs,
    };
  } finally {
    if (field.cluster !== undefined) cpSync(join(field.cluster.folder, "log"), join(options.base, "cluster-log"), { recursive: true });
    await field.close();
  }
}

async function playRounds(options: TortureOptions, field: Field, hasTime: () => boolean): Promise<{ readonly rounds: readonly RoundResult[]; readonly pathPoints: number }> {
  const { base, kills, seed, parallel, replay, onRound, signal = new AbortController().signal } = options;
  const program = join(base, "program", "nightshift.js");
  const rounds: RoundResult[] = [];
  const play = async (round: Round, under?: readonly string[]): Promise<void> => {
    const result = await playRound(round, { field, program, base, signal, ...(under === undefined ? {} : { under }) });
    rounds.push(result);
    onRound(result);
  };
  if (replay !== undefined) {
    await play(replay);
    return { rounds, pathPoints: 0 };
  }
  const points = await countPoints(play, base);
  if (rounds.some(({ complaints }) => complaints.length > 0)) return { rounds, pathPoints: points.length };
  const chance = chanceFrom(seed);
  const nextRound = planAll(points, kills, field, chance);
  const pool = openPool(parallel, longMs);
  const begun = new Set<Round>();
  // What is on its way is counted as it is planned, and falls short of that more often than not.
  for (let isShort = true; isShort;) {
    isShort = false;
    for (let round = nextRound(rounds, begun); round !== undefined && hasTime() && !signal.aborted; round = nextRound(rounds, begun)) {
      const next = round;
      isShort = true;
      begun.add(next);
      await pool.begin(async () => play(next).finally(() => begun.delete(next)));
    }
    await pool.whenEmpty();
  }
  return { rounds, pathPoints: points.length };
}

// What the controller has lost is waited for for ten minutes, and what is in doubt for half a minute.
const longMs = 25_000;

// First what takes longest, then points of the path and chance by turns, and chance until it is enough.
function planAll(points: readonly PathPoint[], kills: number, { controller, cluster }: Field, chance: Chance): (done: readonly RoundResult[], begun: ReadonlySet<Round>) => Round | undefined {
  const path = [...planPathRounds(chance.some(points, kills >= longKills ? points.length : Math.ceil(kills / 2)), chance)];
  const deeds = controller === undefined ? [] : deedsFor(kills);
  let number = 0;
  const random = (deed?: ControllerDeed): Round => {
    number += 1;
    return planRandomRound({ name: `random-${number}`, isCluster: cluster !== undefined, ...(deed === undefined ? {} : { deed }) }, chance);
  };
  return (done, begun) => {
    const deed = deeds.shift();
    if (deed !== undefined) return random(deed);
    const count = (isCounted: (round: Round) => boolean): number => [
      ...done.filter(({ round }) => isCounted(round)).map(({ course }) => course.kills.length), ...[...begun].filter(isCounted).map(({ starts }) => starts.length),
    ].reduce((sum, one) => sum + one, 0);
    const isEnough = count(() => true) >= kills && count(isRandom) >= Math.ceil(kills * 0.4);
    if (path.length === 0) return isEnough ? undefined : random();
    return chance.fraction() < 0.2 && count(isRandom) < kills * 0.4 ? random() : path.shift();
  };
}

// From here on every point of the path is taken.
const longKills = 200;

// A crash right after an answer may lose jobs that were accepted, of other rounds as well, which takes ten minutes to be
// told: not in a short torture.
function deedsFor(kills: number): ControllerDeed[] {
  const deeds: readonly ControllerDeed[] = kills < longKills ? ["frozen", "restarted"] : ["killed after", "frozen", "killed before", "killed after", "restarted", "frozen", "killed after", "killed before", "killed after", "frozen"];
  return Array.from({ length: Math.ceil(kills / 25) }, (_, index) => deeds[index % deeds.length] as ControllerDeed);
}

// An undisturbed round is counted for each entry: that is how far there are points at all.
async function countPoints(play: (round: Round, under: readonly string[]) => Promise<void>, base: string): Promise<readonly PathPoint[]> {
  const points: PathPoint[] = [];
  for (const entry of ["run", "watch"] as const satisfies readonly Entry[]) {
    const record = join(base, `calls-${entry}`);
    await play(planUndisturbedRound(entry), counting(pathCalls, record));
    for (const call of pathCalls) for (let nth = 1; nth <= countIn(record, call); nth += 1) points.push({ entry, call, nth });
  }
  return points;
}

const pathCalls: readonly Call[] = ["rename", "fsync", "spawn", "execve"];

// A job that works for the first time after all was over has come too late to be counted.
function recount(result: RoundResult): RoundResult {
  return workersOf(result.stage) === result.workers ? result : { ...result, complaints: [...result.complaints, "a job has worked after all was over"] };
}
