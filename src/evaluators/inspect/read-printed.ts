import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

import { isSystemError } from "./find-logs.ts";
import { parsePrintedAccuracy, type PrintedAccuracy } from "./parse-printed.ts";

/** Reads what an evaluation printed at its end into the output of its job; `undefined` where there is no such output or no such words. */
export function readPrinted(output: string): PrintedAccuracy | undefined {
  try {
    return parsePrintedAccuracy(readTail(output));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

// Opening a pipe would wait for ever without O_NONBLOCK, and it has no end.
function readTail(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return "";
    const tail = Buffer.alloc(Math.min(stats.size, tailBytes));
    const read = readSync(descriptor, tail, 0, tail.length, stats.size - tail.length);
    return tail.subarray(0, read).toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

const tailBytes = 64 * 1024;
