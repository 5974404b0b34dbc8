import { blake2s } from "@noble/hashes/blake2.js";

import { parseInstant } from "./parse-instant.ts";

/**
 * Computes how inspect-ai calls an evaluation whose log, of before May 2025, names it not: by a hash of run, task and
 * creation, in the digits of its other ids.
 *
 * As 0.3.285 does, which turns the time into UTC first; versions of summer 2025 did not, and call a log from another time
 * zone otherwise. `undefined` where the log does not say when it was created.
 */
export function computeEvalId(runId: string | undefined, taskId: string | undefined, created: string | undefined): string | undefined {
  const instant = parseInstant(created);
  if (instant === undefined) return undefined;
  const digest = blake2s(new TextEncoder().encode(`${runId ?? ""}${taskId ?? ""}${pythonInstant(instant)}`), { dkLen: 16 });
  let number = BigInt(`0x${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  let id = "";
  for (; id.length < 22; number /= 57n) id = `${digits.charAt(Number(number % 57n))}${id}`;
  return id;
}

const digits = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// Python prints six digits of a second's parts, or none. A Date keeps three; an offset changes none of them.
function pythonInstant(instant: string): string {
  const parts = /\.(\d+)/u.exec(instant)?.[1]?.slice(0, 6).padEnd(6, "0") ?? "";
  return `${new Date(instant).toISOString().slice(0, 19)}${Number(parts) === 0 ? "" : `.${parts}`}+00:00`;
}
