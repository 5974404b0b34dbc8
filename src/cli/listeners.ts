import { describeOutage } from "../system/outage.ts";
import { complain } from "./tell.ts";

/**
 * Decides what becomes of a command when nobody hears any more what it says: its reader has ended (`| head`), the terminal
 * it was left running in is gone, or what it says goes to a disk that is full.
 *
 * @param goesOn Whether it does work that must go on unheard. Else it ends, as it would have by SIGPIPE; where what it said
 *   is lost, that is a failure.
 */
export function outliveListeners(goesOn: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      const outage = describeOutage(error);
      if (error.code !== "EPIPE" && outage === undefined) throw error;
      if (goesOn) return;
      if (error.code === "EPIPE" || error.code === "EIO") process.exit(0);
      if (stream === process.stdout) complain(`nightshift: ${outage}`);
      process.exit(1);
    });
  }
}
