import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { acquireTicket } from "../../src/system/ticket-lock.ts";

// A program that holds a lock and writes a file as durable-file.ts does, but waits for a gate between write and rename.
const [, , lock = "", file = "", gate = ""] = process.argv;
const acquisition = acquireTicket(lock, "sleep", { isFenced: true });
if (acquisition.kind !== "held") throw new Error("busy");
const temp = join(acquisition.ticket.fence ?? "", "state.tmp");
const descriptor = openSync(temp, "wx");
writeSync(descriptor, "the sleeper's");
fsyncSync(descriptor);
closeSync(descriptor);
process.stdout.write("written\n");
while (!existsSync(gate)) await pause(5);
try {
  renameSync(temp, file);
  process.stdout.write("renamed\n");
} catch (error) {
  process.stdout.write(`${(error as NodeJS.ErrnoException).code}\n`);
}
