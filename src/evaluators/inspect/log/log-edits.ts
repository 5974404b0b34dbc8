import * as z from "zod";

import type { JsonObject } from "./log-header.ts";

/** What people call an evaluation by, now. */
export interface Labels {
  /** Sorted. */
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
}

/**
 * Replays the edits that were made to a log afterwards (`log_updates`) over the labels that it began with; the results that
 * stand beside them in the header are a copy, which may be older.
 */
export function replayEdits({ tags, metadata }: Labels, updates: unknown): Labels {
  const nowTags = new Set(tags);
  const nowMetadata = new Map(Object.entries(metadata));
  for (const edit of parseEdits(updates)) {
    for (const tag of edit.tags_remove) nowTags.delete(tag);
    for (const tag of edit.tags_add) nowTags.add(tag);
    for (const key of edit.metadata_remove) nowMetadata.delete(key);
    for (const [key, value] of Object.entries(edit.metadata_set)) nowMetadata.set(key, value);
  }
  return { tags: [...nowTags].toSorted(byCodePoints), metadata: Object.fromEntries(nowMetadata) };
}

function parseEdits(updates: unknown): readonly z.infer<typeof editSchema>[] {
  const { success, data } = updatesSchema.safeParse(updates);
  return success ? data.flatMap(({ edits }) => edits) : [];
}

const texts = z.array(z.string()).catch([]);
const noEdit = { tags_add: [], tags_remove: [], metadata_set: {}, metadata_remove: [] };
const editSchema = z.object({ tags_add: texts, tags_remove: texts, metadata_set: z.record(z.string(), z.unknown()).catch({}), metadata_remove: texts }).catch(noEdit);
const updatesSchema = z.array(z.object({ edits: z.array(editSchema).catch([]) }).catch({ edits: [] }));

// As Python sorts.
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
