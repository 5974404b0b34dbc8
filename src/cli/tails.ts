import { resolve } from "node:path";

import type { Pass } from "../daemon/reconcile.ts";
import { plainText } from "../domain/plain-text.ts";
import { maskSecrets } from "../domain/secrets.ts";
import type { Tail } from "../report/status-view.ts";
import { readTail } from "../system/read-file.ts";

/** Reads the last lines of what failed jobs wrote, by run name and evaluation key; without secrets and escape codes. */
export function readTails({ folder, state }: Pass): ReadonlyMap<string, Tail> {
  const tails = new Map<string, Tail>();
  const units = state === undefined ? [] : [...Object.entries(state.runs), ...Object.entries(state.evaluations)];
  for (const [unit, { context }] of units) {
    const file = context.failure?.file ?? (context.result !== undefined && "output" in context.result ? context.result.output : undefined);
    if (context.failure === undefined || file === undefined) continue;
    const path = resolve(folder, file);
    const lines = lastLines(path);
    if (lines.length > 0) tails.set(unit, { path, lines });
  }
  return tails;
}

const tailBytes = 8192;
const tailLines = 5;

function lastLines(path: string): readonly string[] {
  let bytes: Buffer;
  try {
    bytes = readTail(path, tailBytes);
  } catch {
    return [];
  }
  // A zip or a checkpoint has no lines to show.
  if (bytes.includes(0)) return [];
  return maskSecrets(plainText(bytes.toString("utf8"))).split("\n").map((line) => line.trimEnd()).filter((line) => line !== "").slice(-tailLines);
}
