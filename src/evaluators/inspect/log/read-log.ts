import { describeFile, type LogFile } from "../find-logs.ts";
import type { LogContents } from "./log-contents.ts";
import { openFile } from "../files/open-file.ts";
import { readEvalLog } from "./read-eval-log.ts";
import { readJsonLog } from "./read-json-log.ts";

/** A log and the version of the file it was read from. */
export interface ReadLog {
  readonly file: LogFile;
  readonly contents: LogContents;
}

/** Reads one log file, of either format, through one open file: what is renamed over it meanwhile changes nothing. Throws Damage. */
export async function readLog(path: string): Promise<ReadLog> {
  const opened = openFile(path);
  try {
    const file = describeFile(path, opened.stats);
    const contents = path.endsWith(".json") ? await readJsonLog(opened) : await readEvalLog(opened);
    return { file, contents };
  } finally {
    opened.close();
  }
}
