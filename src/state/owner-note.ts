import { join } from "node:path";

import { z } from "zod";

import { isSameFolder, type Place, placeSchema } from "../system/place.ts";
import { ensurePrivateFolder } from "../system/private-folder.ts";
import { readPlainText } from "../system/read-file.ts";
import { writeFileDurably } from "../system/durable-file.ts";

/**
 * What an experiment's private folder says about itself, in `.nightshift/owner.json`: whose state it goes with, and a
 * token that only this private folder and the mirror outside know. Where the token is missing, what was known of jobs is
 * missing as well.
 */
export interface OwnerNote {
  /** Of the state. */
  readonly id: string;
  readonly token: string;
  readonly user: string;
  readonly place: Place;
}

/** Reads the note; none where there is none, or none that can be understood. */
export function readOwnerNote(experimentFolder: string): OwnerNote | undefined {
  try {
    return noteSchema.parse(JSON.parse(readPlainText(fileOf(experimentFolder))));
  } catch {
    return undefined;
  }
}

/** Writes the note. */
export function writeOwnerNote(experimentFolder: string, note: OwnerNote): void {
  ensurePrivateFolder(experimentFolder);
  writeFileDurably(fileOf(experimentFolder), `${JSON.stringify(note, undefined, 2)}\n`);
}

/** Whether a note was written in this very folder, or came along with a copy. */
export function isOfThisFolder(note: OwnerNote, here: Place): boolean {
  return isSameFolder(note.place, here);
}

const noteSchema = z.object({ id: z.string(), token: z.string(), user: z.string(), place: placeSchema });

function fileOf(experimentFolder: string): string {
  return join(experimentFolder, ".nightshift", "owner.json");
}
