import { accessSync, appendFileSync, closeSync, constants, lstatSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import type { LogName } from "../report/log-block.ts";
import { demandFence } from "../system/fences.ts";

/**
 * Appends blocks to a log: where that log already is; else in `logs/` if the folder keeps its logs there; else where the
 * documents put it.
 *
 * Nothing is written through a link, into a pipe or a device: such a thing is passed over like a place that is taken, and so
 * is what this user may not write to. Where both places are, nothing is written; the reading of the experiment tells.
 */
export function appendToLog(experimentFolder: string, name: LogName, text: string): void {
  const place = placeOf(experimentFolder, `${name}.log`);
  if (text === "" || place === undefined) return;
  const file = join(experimentFolder, place);
  demandFence(experimentFolder, file);
  try {
    append(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(file), { recursive: true });
    append(file, text);
  }
}

function append(file: string, text: string): void {
  // Whatever comes to stand there between the look and the opening is neither followed nor waited for.
  const descriptor = openSync(file, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    appendFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Where a log of an experiment is or would be, relative to its folder; `undefined` where something else stands at every place. */
export function placeOf(experimentFolder: string, file: string): string | undefined {
  const inLogs = join("logs", file);
  const atTop = kindOf(join(experimentFolder, file));
  const apart = kindInside(join(experimentFolder, "logs"), join(experimentFolder, inLogs));
  if (atTop === "file") return file;
  if (apart === "file") return inLogs;
  const prefersLogs = file === "summarize-experiment.log" || keepsLogsApart(experimentFolder);
  const free = [...(atTop === "nothing" ? [file] : []), ...(apart === "nothing" ? [inLogs] : [])];
  return prefersLogs ? free.at(-1) : free[0];
}

type Kind = "file" | "folder" | "nothing" | "other";

function kindInside(folder: string, file: string): Kind {
  const around = kindOf(folder);
  if (around !== "folder") return around === "nothing" ? "nothing" : "other";
  const kind = kindOf(file);
  return kind === "nothing" && !isWritable(folder) ? "other" : kind;
}

function kindOf(path: string): Kind {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return "nothing";
    return stats.isDirectory() ? "folder" : stats.isFile() && isWritable(path) ? "file" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return "other";
    throw error;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    // That a whole file system can only be read just now (EROFS) is no reason to begin another log.
    return (error as NodeJS.ErrnoException).code !== "EACCES";
  }
}

// The folder itself proves nothing: our own summarize-experiment.log makes it. Another log in it does.
function keepsLogsApart(experimentFolder: string): boolean {
  try {
    return readdirSync(join(experimentFolder, "logs")).some((name) => name.endsWith(".log") && name !== "summarize-experiment.log");
  } catch {
    return false;
  }
}
