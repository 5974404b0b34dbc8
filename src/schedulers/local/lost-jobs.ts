import { epochMs } from "../../domain/time.ts";
import { now } from "../../system/clock.ts";
import { createExclusively } from "../../system/durable-file.ts";
import { signalGroup } from "../../system/process-group.ts";
import { thisProcess } from "../../system/process-identity.ts";
import { readNotes } from "../job-records.ts";
import { endOfLost, isLost, isOrphan, isOverdue, isStoppedBeforeStart, type LocalJob, stopped } from "./local-job.ts";
import { jobPath, processFile, readJob, readScriptProcess, writeEnded, writeStop } from "./spool.ts";

/**
 * Does what a runner that was killed can do no more, and returns the job as it is then.
 *
 * A lost job is ended by what its records say. An orphan that is to be stopped, or is over its time limit, gets the
 * signals; whether it died of them is seen the next time. A waiting job that is to be stopped ends at once.
 */
export function tend(spool: string, local: LocalJob, killWaitMs: number): LocalJob {
  if (isOrphan(local)) return stopOrphan(spool, local, killWaitMs);
  if (isLost(local)) return endLost(spool, local);
  return isStoppedBeforeStart(local) ? endUnstarted(spool, local) : local;
}

function stopOrphan(spool: string, local: LocalJob, killWaitMs: number): LocalJob {
  const at = now();
  if (local.stop === undefined && isOverdue(local, at)) {
    writeStop(spool, local.job.id, { as: "TIMEOUT", at });
    return tend(spool, readJob(spool, local.job.id), killWaitMs);
  }
  const script = local.taken === undefined ? undefined : readScriptProcess(spool, local.job.id, local.taken);
  if (local.stop === undefined || script === undefined) return local;
  signalGroup(script.pid, epochMs(at) - epochMs(local.stop.at) >= killWaitMs ? "SIGKILL" : "SIGTERM");
  return local;
}

function endLost(spool: string, local: LocalJob): LocalJob {
  const { id, recordFolder } = local.job;
  // A process between fork and its first act would start the script after we said that it never ran: taking the place
  // of its note first makes that impossible.
  const isFenced = createExclusively(jobPath(spool, id, processFile), "never started\n");
  const again = readJob(spool, id);
  if (!isLost(again)) return again;
  const isRebooted = again.taken?.runner.bootId !== thisProcess().bootId;
  writeEnded(spool, id, endOfLost(again, isFenced ? {} : readNotes(recordFolder, id), now(), isRebooted));
  return readJob(spool, id);
}

function endUnstarted(spool: string, local: LocalJob): LocalJob {
  if (local.stop === undefined) return local;
  writeEnded(spool, local.job.id, { at: local.stop.at, ...stopped(local.stop, local.job) });
  return readJob(spool, local.job.id);
}
