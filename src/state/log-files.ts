import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import type { LogName } from "../report/log-block.ts";
import { demandFence } from "../system/fences.ts";

/**
 * Appends blocks to a log: where that log already is; else in `logs/` if the folder keeps its logs there; else where the
 * documents put it.
 */
export function appendToLog(experimentFolder: string, name: LogName, text: string): void {
  if (text === "") return;
  const file = join(experimentFolder, placeOf(experimentFolder, `${name}.log`));
  demandFence(experimentFolder, file);
  try {
    appendFileSync(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, text);
  }
}

/** Where a log of an experiment is or would be, relative to its folder. */
export function placeOf(experimentFolder: string, file: string): string {
  const inLogs = join("logs", file);
  if (existsSync(join(experimentFolder, file))) return file;
  if (existsSync(join(experimentFolder, inLogs)) || keepsLogsApart(experimentFolder)) return inLogs;
  return file === "summarize-experiment.log" ? inLogs : file;
}

// The folder itself proves nothing: our own summarize-experiment.log makes it. Another log in it does.
function keepsLogsApart(experimentFolder: string): boolean {
  try {
    return readdirSync(join(experimentFolder, "logs")).some((name) => name.endsWith(".log") && name !== "summarize-experiment.log");
  } catch {
    return false;
  }
}
