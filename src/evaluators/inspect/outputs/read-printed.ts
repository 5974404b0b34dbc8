import { isSystemError } from "../find-logs.ts";
import { parsePrintedAccuracy, type PrintedAccuracy } from "./parse-printed.ts";
import { readTail } from "./read-tail.ts";

/** Reads what an evaluation printed at its end into the output of its job; `undefined` where there is no such output or no such words. */
export function readPrinted(output: string): PrintedAccuracy | undefined {
  try {
    return parsePrintedAccuracy(readTail(output));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
