import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/**
 * Reads a file at a place where anybody may have put something else: opening a pipe would wait for ever, and what a device
 * says never ends.
 *
 * @throws The file system's error; of what is no file, or larger than `mostBytes`, an error that says so.
 */
export function readPlainFile(path: string, mostBytes: number = 64 * 2 ** 20): Buffer {
  // Without O_NONBLOCK, opening a pipe returns only when somebody writes into it.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`a folder, a pipe or a device, not a file: ${path}`);
    if (stats.size > mostBytes) throw new Error(`larger than ${mostBytes} bytes: ${path}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the end of a file; nothing of what is no regular file. Throws the file system's error. */
export function readTail(path: string, mostBytes: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return Buffer.alloc(0);
    const tail = Buffer.alloc(Math.min(stats.size, mostBytes));
    return tail.subarray(0, readSync(descriptor, tail, 0, tail.length, stats.size - tail.length));
  } finally {
    closeSync(descriptor);
  }
}

/** The same as `readPlainFile`, as text. */
export function readPlainText(path: string, mostBytes?: number): string {
  return readPlainFile(path, mostBytes).toString("utf8");
}
