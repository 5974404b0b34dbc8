/** A mistake in how nightshift was called, or bad input: told in sentences of a line each, exit code 2. */
export class WrongUse extends Error {
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join("\n"));
    this.lines = lines;
  }
}
