import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { describeLogAt } from "../src/evaluators/inspect/describe-log.ts";

// Reads logs as `nightshift eval-log` does, or only their bytes, and prints how many seconds that took. A process of its
// own for each measurement: nothing is warm but the disk's cache, which is for all.
const [kind = "", ...paths] = process.argv.slice(2);
const begun = performance.now();
if (kind === "logs") await readLogs();
else readBytes();
process.stdout.write(`${(performance.now() - begun) / 1000}\n`);

async function readLogs(): Promise<void> {
  for (const path of paths) {
    const log = await describeLogAt(path);
    if (log.status === "error" || log.accuracy === undefined || log.warnings.length > 0) throw new Error(JSON.stringify(log));
  }
}

// The least that reading a file can cost.
function readBytes(): void {
  const buffer = Buffer.alloc(64 * 2 ** 20);
  for (const path of paths) {
    const file = openSync(path, "r");
    const { size } = fstatSync(file);
    for (let at = 0; at < size;) at += readSync(file, buffer, 0, Math.min(buffer.length, size - at), at);
    closeSync(file);
  }
}
