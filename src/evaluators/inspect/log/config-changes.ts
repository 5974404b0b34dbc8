import * as z from "zod";

/**
 * Lists what was changed of an evaluation's configuration while it ran (`inspect ctl config`, from 0.3.250 on):
 * `time_limit to 60`, in the order of the changes.
 *
 * How much ran at once, and how often the log was written, is left out: no result depends on it.
 *
 * @param updates `config_updates` of a header, or the journal's one by one; what makes no sense is left out.
 */
export function describeConfigChanges(updates: readonly unknown[]): readonly string[] {
  return updates.flatMap((update) => updateSchema.safeParse(update).data?.changes ?? []).flatMap((raw) => {
    const { success, data: change } = changeSchema.safeParse(raw);
    if (!success || change.config === "concurrency" || isAboutPace.test(change.name)) return [];
    return [`${change.name} ${change.cleared ? "as it was at first" : `to ${JSON.stringify(change.value)}`}`];
  });
}

const isAboutPace = /^(?:max_(?:samples|tasks|subprocesses|sandboxes|connections)|log_\w+)$/u;
const updateSchema = z.object({ changes: z.array(z.unknown()) });
const changeSchema = z.object({ config: z.string(), name: z.string(), value: z.unknown().default(null), cleared: z.boolean().catch(false) });
