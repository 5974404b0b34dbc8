import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { findDoubts, isSubmissionOf, type Resolution, resolutionOf } from "./doubts.ts";
import type { Field } from "./field.ts";
import { createPerson } from "./person.ts";
import type { Round, Start } from "./plan.ts";
import { type NotedPrograms, writePrograms } from "./programs.ts";
import { readLedger, setStage, type Stage } from "./stage.ts";
import { judge, type Verdict } from "./verdict.ts";
import { watchStates, type Witness } from "./witness.ts";
import { type Course, workThrough } from "./work-through.ts";

/** What a round came to. */
export interface RoundResult {
  readonly round: Round;
  readonly stage: Stage;
  readonly course: Course;
  readonly verdicts: readonly Verdict[];
  readonly illegal: readonly string[];
  /** How each doubt was resolved. */
  readonly doubts: readonly Resolution[];
  readonly killedSbatches: number;
  /** Jobs that the cluster lost after it had accepted them, and that a person asked for again. */
  readonly lostByController: number;
  /** The jobs that had worked when all was over. */
  readonly workers: string;
  /** Calls of SLURM's programs. */
  readonly calls: readonly string[];
  /** What is wrong, each a sentence. */
  readonly complaints: readonly string[];
}

export interface RoundOptions {
  readonly field: Field;
  readonly program: string;
  /** Below which the round gets a folder of its own. */
  readonly base: string;
  /** A command that counts the calls of starts that are not killed. */
  readonly under?: readonly string[];
  /** Ends the round before its time. */
  readonly signal?: AbortSignal;
}

/** Sets a round's experiments up, works them through, and judges what became of them. */
export async function playRound(round: Round, { field, program, base, under, signal = new AbortController().signal }: RoundOptions): Promise<RoundResult> {
  const folder = join(base, round.name);
  mkdirSync(folder);
  writeFileSync(join(folder, "plan.json"), `${JSON.stringify({ scheduler: field.name, round }, undefined, 2)}\n`);
  const stage = setStage(folder, round);
  const programs = field.cluster === undefined ? undefined : writePrograms(folder);
  const environment = environmentOf(field, programs);
  const witness = watchStates(stage);
  const person = createPerson({ program, stage, witness, environment, cluster: field.cluster, isPersonNeeded: field.name === "slurm-without-accounting" });
  const inDoubt = new Set<string>();
  let killedSbatches = 0;
  const mending: Promise<void>[] = [];
  const onStart = async (start: Start | undefined): Promise<() => void> => {
    const withdraw = programs === undefined || start === undefined ? undefined : await layOut(start, programs, field, mending);
    return () => {
      for (const key of stage.experiments.flatMap(findDoubts)) inDoubt.add(key);
      if (withdraw?.() === false && (start?.trouble?.kind === "sbatch" || start?.trouble?.kind === "shell")) killedSbatches += 1;
    };
  };
  const course = await workThrough({ program, stage, entry: round.entry, starts: round.starts, pace: field.pace, environment, witness, person, onStart, signal, ...(under === undefined ? {} : { under }) });
  if (!signal.aborted) await Promise.all(mending);
  const givenUp = new Set([...person.released, ...person.lost]);
  signal.throwIfAborted();
  const isUnquiet = await field.untilQuiet(stage).then(() => [], (error: unknown) => [String(error)]);
  const calls = programs?.calls() ?? [];
  // A controller that crashes near a job's start starts it twice; what was submitted once cannot have been doubled by us.
  const mayRestart = (key: string): boolean => calls.filter((call) => isSubmissionOf(key, call)).length === 1;
  const verdicts = stage.experiments.map((experiment) => judge(experiment, { givenUp, mayRestart }));
  const wasTroubled = (field.controller?.deeds.length ?? 0) > 0;
  const result = {
    round, stage, course, verdicts, killedSbatches, workers: workersOf(stage), illegal: witness.illegal, calls,
    doubts: resolveDoubts(witness, new Set([...inDoubt, ...witness.doubtful]), calls),
    lostByController: wasTroubled ? person.lost.length : 0,
    complaints: [
      ...(course.complaint === undefined ? [] : [course.complaint]), ...witness.illegal.map((step) => `illegal: ${step}`), ...isUnquiet,
      ...verdicts.flatMap(({ complaints }, index) => complaints.map((complaint) => `exp${index + 1}: ${complaint}`)),
      ...(wasTroubled ? [] : findLost(person.lost, verdicts)),
    ],
  };
  writeFileSync(join(folder, "result.json"), `${JSON.stringify({ ...result, calls: undefined, stage: undefined, workers: undefined }, undefined, 2)}\n`);
  return result;
}

function findLost(lost: readonly string[], verdicts: readonly Verdict[]): readonly string[] {
  const count = lost.length + verdicts.reduce((sum, { vanished }) => sum + vanished, 0);
  return count === 0 ? [] : [`${count} jobs were lost though nobody had troubled the controller`];
}

/** The jobs of a round that have worked so far: none may be added once all is over. */
export function workersOf({ experiments }: Stage): string {
  return [...new Set(experiments.flatMap(readLedger).map(({ key, jobId }) => `${key} ${jobId}`))].sort().join("\n");
}

function environmentOf({ cluster }: Field, programs: NotedPrograms | undefined): Readonly<Record<string, string>> {
  if (cluster === undefined || programs === undefined) return {};
  return { SLURM_CONF: cluster.env["SLURM_CONF"] ?? "", PATH: `${programs.folder}:${cluster.env["PATH"] ?? ""}` };
}

// Lays out what befalls the first submission of a start, if anything. The answer withdraws it, and says whether it was still
// there. A controller that was troubled is put right whether that start is over or not.
async function layOut({ kill, trouble }: Start, programs: NotedPrograms, { controller }: Field, mending: Promise<void>[]): Promise<(() => boolean) | undefined> {
  if (trouble?.kind !== "controller" || controller === undefined) {
    const what = trouble?.kind === "sbatch" || trouble?.kind === "shell" ? trouble : kill.kind === "submission" ? kill : undefined;
    return what === undefined ? undefined : programs.layOut(what).withdraw;
  }
  const giveBack = await controller.take();
  const laidOut = programs.layOut({ kind: "controller", deed: trouble.deed, pid: controller.pid() });
  let isWithdrawn = false;
  const mend = async (): Promise<void> => {
    await eventually(() => isWithdrawn || laidOut.isDone(), "the trouble of the controller", 600_000);
    if (!isWithdrawn) await controller.mend(trouble.deed, trouble.lastsMs);
  };
  mending.push(mend().finally(giveBack));
  return () => {
    isWithdrawn = laidOut.withdraw();
    return isWithdrawn;
  };
}

function resolveDoubts(witness: Witness, keys: ReadonlySet<string>, calls: readonly string[]): readonly Resolution[] {
  return witness.states().flatMap(({ experiment, state }) => {
    const attempts = state === undefined ? [] : [...Object.values(state.runs), ...Object.values(state.evaluations)].flatMap(({ context }) => context.attempts);
    return attempts.filter(({ key }) => keys.has(key)).map((attempt) => resolutionOf(attempt, experiment, calls));
  });
}
