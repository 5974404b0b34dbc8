import { isSystemError } from "../find-logs.ts";
import { parsePrintedAccuracy, type PrintedAccuracy } from "./parse-printed.ts";
import { readOutputTail } from "./read-output-tail.ts";

/** Reads what an evaluation printed at its end into the output of its job; `undefined` where there is no such output or no such words. */
export function readPrinted(output: string): PrintedAccuracy | undefined {
  try {
    return parsePrintedAccuracy(readOutputTail(output));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
