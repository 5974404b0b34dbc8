import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Reads the last 64 KiB of a job's output as text; nothing of what is no regular file. */
export function readTail(path: string): string {
  // Opening a pipe would wait for ever without O_NONBLOCK, and it has no end.
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
