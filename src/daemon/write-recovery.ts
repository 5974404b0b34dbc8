import type { Instant } from "../domain/time.ts";
import { renderBlock } from "../report/log-block.ts";
import { describeRecoveryBlock } from "../report/recovery.ts";
import { appendToLog } from "../state/log-files.ts";
import type { Mirror } from "../state/mirror.ts";
import { keepStateFile } from "../state/put-aside.ts";
import { replaceState } from "../state/state-file.ts";
import type { Recovery } from "./plan-recovery.ts";

/** What was written, and where the file that stood there is kept. */
export interface WrittenRecovery {
  readonly revision: number;
  readonly keptAs?: string;
}

/** Writes what was concluded, by the holder of the lease. What stood there is kept first; a crash in between leaves it in its place. */
export function writeRecovery(recovery: Recovery, mirror: Mirror, by: string, at: Instant): WrittenRecovery {
  const { folder, experiment } = recovery;
  const keptAs = keepStateFile(folder, recovery.problem === undefined ? "old" : "corrupt", at);
  const state = replaceState(folder, recovery.state, recovery.revision);
  mirror.record(folder, state);
  appendToLog(folder, "run-experiment", renderBlock(at, "RECOVER_STATE", experiment.name, describeRecoveryBlock(recovery, { by, revision: state.revision, ...(keptAs === undefined ? {} : { keptAs }) })));
  return { revision: state.revision, ...(keptAs === undefined ? {} : { keptAs }) };
}
