import { join } from "node:path";

import { evaluationMachine } from "../../machines/evaluation.ts";
import { runMachine } from "../../machines/run.ts";
import { scores } from "./documents.ts";
import { textOf } from "./files.ts";
import { canReach } from "./legal-steps.ts";
import type { StagedExperiment } from "./stage.ts";

export interface LogReading {
  readonly complaints: readonly string[];
  /** Blocks that were written twice: by a daemon that was killed before it noted so, and by the next one. */
  readonly toldTwice: number;
}

/**
 * Reads in an experiment's logs what has happened: all of it, and nothing that cannot happen.
 *
 * @param byPerson Whether a person has asked for something, so that units went ways that they do not go of themselves.
 */
export function readLogs({ folder, shape }: StagedExperiment, byPerson: boolean): LogReading {
  const wanted = {
    "run-experiment.log": ["DISCOVER_EXPERIMENT", "ARMED", "OPTIMIZATION_START", "EVALUATION_START", "OPTIMIZATION_COMPLETE", "EVALUATION_COMPLETE", "COMPLETE", "## Run Experiment Complete"],
    "run-torchtune.log": [...shape.runs.map((run) => `SUBMIT_JOB: ${run}`), "ALL_SUBMITTED", "ALL_COMPLETE"],
    "run-inspect.log": [...scores(shape).map(({ title }) => `SUBMIT_EVAL: ${title}`), "ALL_SUBMITTED", "ALL_COMPLETE"],
  };
  const counted = Object.entries(wanted).flatMap(([file, blocks]) => {
    const heads = textOf(join(folder, file)).split("\n").map((line) => line.replace(/^\[[^\]]*\] /u, ""));
    return blocks.map((block) => ({ file, block, times: heads.filter((head) => head === block || head.startsWith(`${block}: `)).length }));
  });
  return {
    toldTwice: counted.reduce((sum, { times }) => sum + Math.max(0, times - 1), 0),
    complaints: [
      ...counted.filter(({ times }) => times === 0).map(({ file, block }) => `${file} has no ${block}`),
      ...findIllegalChanges(textOf(join(folder, "run-torchtune.log")), "run", byPerson).map((change) => `run-torchtune.log: ${change}`),
      ...findIllegalChanges(textOf(join(folder, "run-inspect.log")), "evaluation", byPerson).map((change) => `run-inspect.log: ${change}`),
    ],
  };
}

/** Says which changes of status a log tells of that the machine has no way for. */
export function findIllegalChanges(log: string, kind: "run" | "evaluation", byPerson: boolean): readonly string[] {
  const { machine, states } = kind === "run" ? { machine: runMachine, states: runStates } : { machine: evaluationMachine, states: evaluationStates };
  return [...log.matchAll(/STATE_CHANGE: (?<unit>.*)\nPrevious: (?<from>\w+)\nCurrent: (?<to>\w+)/gu)].flatMap(({ groups }) => {
    const { unit = "", from = "", to = "" } = groups ?? {};
    return canReach(machine, states[from] ?? "failed", states[to] ?? "failed", byPerson) ? [] : [`${unit} from ${from} to ${to}`];
  });
}

// The states behind the words that logs use. A failure has several words and one state.
const runStates: Readonly<Record<string, string>> = {
  WAITING: "waiting", HELD: "held", READY: "ready", SUBMITTING: "submitting", AMBIGUOUS: "submitting", PENDING: "pending", RUNNING: "running", RETRYING: "retrying", COMPLETED: "trained", CANCELLED: "cancelled",
};
const evaluationStates: Readonly<Record<string, string>> = { ...runStates, WAITING: "blocked", COMPLETED: "scored", SKIPPED: "skipped" };
