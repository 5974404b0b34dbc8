import { readTail } from "../../../system/read-file.ts";

/** Reads the last 64 KiB of a job's output as text, where inspect-ai says what came of an evaluation; nothing of what is no regular file. */
export function readOutputTail(path: string): string {
  return readTail(path, 64 * 1024).toString("utf8");
}
