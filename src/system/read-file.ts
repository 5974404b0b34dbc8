import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

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

/** The same, as text. */
export function readPlainText(path: string, mostBytes?: number): string {
  return readPlainFile(path, mostBytes).toString("utf8");
}
