/**
 * Says that a file is not what its name promises: cut off, damaged, or something else altogether.
 *
 * Thrown by the readers in this folder and caught where files are read (log-readings.ts); it never leaves the folder.
 * The message is a clause that follows the file's name: "ends before its directory".
 */
export class Damage extends Error {
  override readonly name = "Damage";
  readonly expected?: string;
  readonly found?: string;

  constructor(message: string, facts: { readonly expected?: string; readonly found?: string; readonly cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    if (facts.expected !== undefined) this.expected = facts.expected;
    if (facts.found !== undefined) this.found = facts.found;
  }
}
