import { parseProcessStart, type ProcessIdentity } from "../../system/process-identity.ts";

/**
 * Parses the mark that a submitting process left: lines with its host, the id of the boot, /proc/PID/stat and the time.
 *
 * Undefined where it does not name a process: an older or torn mark, or one of a submission that was taken back.
 */
export function parseMark(text: string): ProcessIdentity | undefined {
  const [host = "", bootId = "", stat = ""] = text.split("\n");
  const start = parseProcessStart(stat);
  return start === undefined || start.isZombie || host === "" || bootId === "" ? undefined : { host, bootId, pid: start.pid, startTicks: start.startTicks };
}
