import type { Chance } from "./chance.ts";
import type { Call } from "./kill-point.ts";

/** How nightshift is given its work: an experiment that is named, or some that are moved into a folder that it watches. */
export type Entry = "run" | "watch";

/** Some experiments that one daemon works through, started again whenever it was killed. All that is left to chance is decided here. */
export interface Round {
  readonly name: string;
  readonly entry: Entry;
  readonly experiments: number;
  readonly runs: readonly string[];
  readonly epochs: number;
  /** How long the jobs take, one after the other, over and over. */
  readonly jobMs: readonly number[];
  /** The starts that do not end by themselves. Whoever comes after them is left alone. */
  readonly starts: readonly Start[];
}

export interface Start {
  readonly kill: Kill;
  /** What befalls its first submission. */
  readonly trouble?: Trouble;
  /** How long nobody is there before the next start. */
  readonly pauseMs: number;
}

export type Kill =
  /** As it enters its nth call of a kind. */
  | { readonly kind: "call"; readonly call: Call; readonly nth: number }
  /** So long after it was started. */
  | { readonly kind: "time"; readonly afterMs: number }
  /**
   * By its first sbatch: `before` the cluster is asked, which then happens nevertheless; `instead` of that; when the job
   * is `unanswered`, in the queue and sbatch dead as well; when it is `answered`, and nobody is there to read it.
   */
  | { readonly kind: "submission"; readonly moment: Moment };

export type Moment = "before" | "instead" | "unanswered" | "answered";

export type Trouble =
  /** The shell that is to become sbatch dies: while it takes the mark, or when it has it. */
  | { readonly kind: "shell"; readonly at: "uname" | "sync" }
  /** sbatch dies as it enters its nth call of a kind. */
  | { readonly kind: "sbatch"; readonly call: "sendto" | "recvfrom" | "write"; readonly nth: number }
  /** The controller is killed before it is asked or right after it has answered, frozen while it is asked, or restarted. */
  | { readonly kind: "controller"; readonly deed: ControllerDeed; readonly lastsMs: number };

export type ControllerDeed = "killed before" | "killed after" | "frozen" | "restarted";

/** One point of the path from a new experiment to its summary. */
export interface PathPoint {
  readonly entry: Entry;
  readonly call: Call;
  readonly nth: number;
}

/** Plans a round for each point: one small experiment, whose first daemon dies there and whose second one sometimes dies, too. */
export function planPathRounds(points: readonly PathPoint[], chance: Chance): readonly Round[] {
  return points.map(({ entry, call, nth }) => ({
    name: `${entry}-${call}-${nth}`, entry, experiments: 1, runs: ["rank4"], epochs: 1, jobMs: [0],
    starts: [{ kill: { kind: "call", call, nth }, pauseMs: 0 }, ...(chance.fraction() < 0.2 ? [{ kill: { kind: "call", call, nth: chance.between(1, 3) }, pauseMs: 0 } as const] : [])],
  }));
}

/** Plans a round that nobody disturbs. */
export function planUndisturbedRound(entry: Entry): Round {
  return { name: `${entry}-undisturbed`, entry, experiments: 1, runs: ["rank4"], epochs: 1, jobMs: [0], starts: [] };
}

export interface RandomPlan {
  readonly name: string;
  readonly isCluster: boolean;
  /** What befalls the controller in the first start, if anything. */
  readonly deed?: ControllerDeed;
}

/** Plans a round in which everything is left to chance, mostly with several experiments at once. */
export function planRandomRound({ name, isCluster, deed }: RandomPlan, chance: Chance): Round {
  const entry = deed !== undefined || chance.fraction() < 0.7 ? "watch" : "run";
  const troubled: readonly Start[] = deed === undefined ? [] : [{
    kill: { kind: "time", afterMs: chance.between(4000, 10_000) }, pauseMs: 0, trouble: { kind: "controller", deed, lastsMs: lastsMs[deed] + chance.between(0, 2000) },
  }];
  return {
    name, entry, experiments: entry === "run" ? 1 : chance.between(2, 3), runs: ["rank4", "rank8"], epochs: chance.between(1, 2),
    jobMs: Array.from({ length: 5 }, () => chance.oneOf([0, 0, 300, 1000, 2500])),
    starts: [...troubled, ...Array.from({ length: chance.between(4, 7) }, () => planStart(isCluster, chance))],
  };
}

// Longer than sbatch waits for an answer (5 s here), or shorter than it goes on asking where nobody listens (9 s).
const lastsMs: Readonly<Record<ControllerDeed, number>> = { "killed before": 500, "killed after": 500, frozen: 5500, restarted: 0 };

/** Whether a round was left to chance. */
export function isRandom({ name }: Round): boolean {
  return name.startsWith("random-");
}

function planStart(isCluster: boolean, chance: Chance): Start {
  const pauseMs = chance.oneOf([0, 0, 0, 500, 2000]);
  const lot = chance.fraction();
  if (lot < 0.25 || (!isCluster && lot < 0.5)) return { pauseMs, kill: planCall(chance) };
  if (!isCluster || lot < 0.5) return { pauseMs, kill: { kind: "time", afterMs: chance.between(250, 3500) } };
  if (lot < 0.75) return { pauseMs, kill: { kind: "submission", moment: chance.oneOf(["before", "instead", "unanswered", "answered"]) } };
  const dying = { pauseMs, kill: { kind: "time", afterMs: chance.between(2000, 5000) } } as const;
  if (lot > 0.93) return { ...dying, trouble: { kind: "shell", at: chance.oneOf(["uname", "sync"]) } };
  const [call, nth] = chance.oneOf([["sendto", 2], ["sendto", 5], ["recvfrom", 5], ["recvfrom", 6], ["write", 1]] as const);
  return { ...dying, trouble: { kind: "sbatch", call, nth } };
}

// A restart has less before it than the first start had.
function planCall(chance: Chance): Kill {
  const [call, most] = chance.oneOf([["rename", 20], ["fsync", 50], ["spawn", 5], ["execve", 5]] as const);
  return { kind: "call", call, nth: chance.between(1, most) };
}
