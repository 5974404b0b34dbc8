import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { plainLine } from "../domain/plain-text.ts";
import type { Request } from "../domain/request.ts";
import { writeFileDurably } from "../system/durable-file.ts";
import { isSameFolder, type Place, placeOf, placeSchema } from "../system/place.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { readPlainText } from "../system/read-file.ts";

/** A request with the file it came in, to be removed once the state that honours it is on disk. */
export interface RequestFile {
  readonly file: string;
  readonly request: Request;
}

/** Leaves a request for whoever takes care of the experiment, a running daemon or the next one. */
export function writeRequest(experimentFolder: string, request: Request, nonce: string): string {
  const folder = ensurePrivateFolder(experimentFolder, "requests");
  const file = join(folder, `${request.at.replace(/[^0-9]/gu, "").slice(0, 17)}-${nonce}.json`);
  writeFileDurably(file, `${JSON.stringify({ ...request, place: placeOf(experimentFolder) })}\n`);
  return file;
}

/**
 * Reads the requests that wait, oldest first. A file that cannot be understood is left where it is and answered nowhere,
 * and so is one that came along with a copy: nobody has asked anything of that.
 */
export function readRequests(experimentFolder: string): readonly RequestFile[] {
  const folder = join(experimentFolder, ".nightshift", "requests");
  return listJson(folder).flatMap((name) => {
    const file = join(folder, name);
    try {
      const { place, ...request } = requestSchema.parse(JSON.parse(readPlainText(file, mostBytes)));
      return place === undefined || isMeant(place, experimentFolder) ? [{ file, request: request as Request }] : [];
    } catch {
      return [];
    }
  });
}

/** Removes requests that have been honoured. */
export function removeRequests(requests: readonly RequestFile[]): void {
  for (const { file } of requests) rmSync(file, { force: true });
}

const mostBytes = 65_536;

// The time goes into the state, which could not be read again with anything else in its place.
const requestSchema = z.object({
  action: z.enum(["run", "release", "hold", "retry", "cancel"]), run: z.string().optional(), task: z.string().optional(), epoch: z.int().optional(),
  by: z.string().transform((name) => plainLine(name, 200)), at: z.string().refine((text) => !Number.isNaN(Date.parse(text))), place: placeSchema.optional(),
});

// A folder that was restored or mounted anew is still meant, and so is one that was renamed.
function isMeant(place: Place, experimentFolder: string): boolean {
  const here = placeOf(experimentFolder);
  return place.path === here.path || isSameFolder(place, here);
}

function listJson(folder: string): string[] {
  try {
    // What is read here is removed later: nothing behind a link is ours.
    return lstatSync(folder).isSymbolicLink() ? [] : readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  } catch {
    return [];
  }
}
