import { evaluationKey, type Experiment } from "../domain/experiment.ts";

/** What a key was built for: the run or the evaluation, by its name in the state, and which attempt. */
export interface KeyMeaning {
  readonly kind: "training" | "evaluation";
  readonly unit: string;
  readonly attempt: number;
}

/**
 * Builds the key of one submission: readable, unique, and safe as a folder's name.
 *
 * All keys of one pass share its nonce, and the readable part may be the same for two units: it is cut short, and joined
 * names can be read in two ways (run `a-b`; task `b` of run `a`). The mark of the exact parts tells them apart.
 *
 * @param parts Run, task and epoch as far as they exist, then the attempt's number.
 * @param nonce Eight hex digits that differ from pass to pass.
 */
export function buildKey(parts: KeyParts, nonce: string): string {
  return `${readable(parts)}-${nonce}${markOf(JSON.stringify(parts))}`;
}

/** The parts of a training's key. */
export function trainingKeyParts(run: string, attempt: number): KeyParts {
  return [run, attempt];
}

/** The parts of an evaluation's key. */
export function evaluationKeyParts({ run, task, epoch }: Experiment["evaluations"][number], attempt: number): KeyParts {
  return [run, task, ...(epoch === null ? [] : [`epoch${epoch}`]), attempt];
}

/** Makes a reader of keys: it says what each was built for, among the runs and evaluations of an experiment. */
export function keyReader({ runs, evaluations }: Experiment): (key: string) => KeyMeaning | undefined {
  const units = [
    ...runs.map(({ name }) => ({ kind: "training" as const, unit: name, parts: (attempt: number) => trainingKeyParts(name, attempt) })),
    ...evaluations.map((evaluation) => ({ kind: "evaluation" as const, unit: evaluationKey(evaluation), parts: (attempt: number) => evaluationKeyParts(evaluation, attempt) })),
  ];
  const meanings = new Map(units.flatMap(({ kind, unit, parts }) => [...Array(mostAttempts).keys()].map((index) => [nameless(parts(index + 1)), { kind, unit, attempt: index + 1 }] as const)));
  return (key) => {
    const match = /^(?<readable>.*)-[0-9a-f]{8}(?<mark>[0-9a-f]{8})$/su.exec(key)?.groups;
    return match === undefined ? undefined : meanings.get(`${match["readable"]}-${match["mark"]}`);
  };
}

type KeyParts = readonly (string | number)[];

// A person may have something done again as often as they like, but hardly more often than that.
const mostAttempts = 50;

function nameless(parts: KeyParts): string {
  return `${readable(parts)}-${markOf(JSON.stringify(parts))}`;
}

function readable(parts: KeyParts): string {
  return parts.join("-").replace(/[^A-Za-z0-9._-]+/gu, "_").replace(/^[.-]+/u, "").slice(0, 80);
}

/** Eight hex digits of a text: FNV-1a, which needs no node:crypto. */
function markOf(text: string): string {
  let hash = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
