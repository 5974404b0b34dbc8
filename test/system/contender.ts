import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { acquireTicket } from "../../src/system/ticket-lock.ts";

// A program that visits a lock 20 times (`stay`), dies in its first visit (`die`), or takes the lock and keeps it (`keep`).
const [, , folder = "", ledger = "", way = ""] = process.argv;
for (let visits = 0; visits < 20; ) {
  const acquisition = acquireTicket(folder, way);
  if (acquisition.kind === "busy") {
    await delay(1);
    continue;
  }
  if (way === "keep") {
    process.stdout.write("held\n");
    await delay(600_000);
  }
  appendFileSync(ledger, `in ${process.pid}\n`);
  if (way === "die") {
    appendFileSync(ledger, `die ${process.pid}\n`);
    process.kill(process.pid, "SIGKILL");
  }
  appendFileSync(ledger, `out ${process.pid}\n`);
  acquisition.ticket.release();
  visits += 1;
}
